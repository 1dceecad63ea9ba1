/**
 * Links and pipes in the place of single files that the agent and its hooks write: in the repository, among the leases
 * of a shared one, and among the wake-ups that every account of the server may leave.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { startOf } from '../../../agent/machine/processes';
import { leaveWake } from '../../../agent/resident/wakes';
import { repair, start } from '../kit/damaged';
import { assertLevel, assertSides } from '../kit/ending';
import { otherRepository, passes, picture, plant } from '../kit/links';
import { pairIn, type Pair } from '../kit/pair';

/** A file of whoever runs into a link to it. */
function theirFile(pair: Pair): { readonly file: string; readonly read: () => string } {
  const file = path.join(pair.folder, 'authorized_keys_of_theirs');
  fs.writeFileSync(file, 'theirs\n');
  return { file, read: () => fs.readFileSync(file, 'utf8') };
}

test('a configuration that becomes a link to another one is not written through, neither by a pass nor by letting go', async (t) => {
  const pair = await pairIn(t, 'old');
  const other = await otherRepository(pair);
  const theirs = path.join(other, 'config');
  plant(pair, 'config', theirs);
  const before = picture(other);
  assert.match(await passes(pair), /config in .* is a symbolic link/);
  assert.deepEqual(picture(other), before);
  fs.appendFileSync(theirs, '[core]\n\thooksPath = git-handover/hooks\n[transfer]\n\thideRefs = refs/handover\n');
  const attached = picture(other);
  await assert.rejects(pair.call('detach', { path: pair.old }), /its config is a symbolic link/);
  assert.deepEqual(picture(other), attached);
});

test('a repository whose refs, logs or packed-refs are links is not attached', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.call('detach', { path: pair.old });
  for (const name of ['refs', 'logs', 'packed-refs']) {
    const place = path.join(pair.old, name);
    fs.rmSync(`${place}.before`, { recursive: true, force: true });
    if (fs.existsSync(place)) fs.renameSync(place, `${place}.before`);
    fs.symlinkSync(fs.existsSync(`${place}.before`) ? `${name}.before` : 'elsewhere', place);
    await assert.rejects(pair.call('attach', { config: pair.config }), new RegExp(`its ${name} is a symbolic link`));
    fs.rmSync(place);
    if (fs.existsSync(`${place}.before`)) fs.renameSync(`${place}.before`, place);
  }
});

test('a lock goes from behind a link of objects/ that the agent made, and stays behind that of another account', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a link away');
  const pair = await pairIn(t, 'mirror');
  const [objects, away] = [path.join(pair.old, 'objects'), path.join(pair.folder, 'away')];
  fs.renameSync(objects, away);
  fs.symlinkSync(away, objects);
  const lock = path.join(away, 'maintenance.lock');
  for (const [owner, stays] of [
    [65_534, true],
    [0, false],
  ] as const) {
    fs.lchownSync(objects, owner, owner);
    fs.writeFileSync(lock, '');
    fs.utimesSync(lock, 1, 1);
    await passes(pair);
    assert.equal(fs.existsSync(lock), stays);
  }
});

test('what a repair takes out and brings in goes nowhere by a link, and it says so', async (t) => {
  const pair = await start(t, 'both');
  const other = await otherRepository(pair);
  const before = picture(other);
  fs.writeFileSync(path.join(pair.old, 'refs/heads/main'), 'garbage\n');
  plant(pair, 'git-handover-damaged', other);
  await assert.rejects(repair(pair), /its git-handover-damaged is a symbolic link/);
  fs.rmSync(path.join(pair.old, 'git-handover-damaged'));
  fs.symlinkSync(other, path.join(pair.old, 'git-handover/repair'));
  await repair(pair);
  assert.deepEqual(picture(other), before);
  await assertLevel(pair, 'main S3');
});

test(
  'pipes in the place of our files keep no pass waiting, and what can be made anew is',
  { timeout: 60_000 },
  async (t) => {
    const pair = await pairIn(t, 'both');
    for (const name of ['where', 'fence', 'hooks/post-receive']) {
      const file = path.join(pair.old, 'git-handover', name);
      fs.rmSync(file);
      execFileSync('mkfifo', [file]);
    }
    await pair.pass();
    await pair.pass();
    const clone = await pair.clone('old', 'ada');
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await assertLevel(pair, 'main A');
  },
);

test('a wake-up that somebody made a link writes nothing where it leads', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const { file, read } = theirFile(pair);
  const wake = path.join(pair.agentFolder, 'wake', path.basename(pair.state));
  // The resident, as far as a hook looks.
  fs.writeFileSync(path.join(pair.agentFolder, 'serve.pid'), `${process.pid}.${startOf(process.pid) ?? ''}\n`);
  fs.rmSync(wake, { force: true });
  fs.symlinkSync(file, wake);
  leaveWake(pair.agentFolder, path.basename(pair.state));
  assert.equal(read(), 'theirs\n');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.equal(read(), 'theirs\n');
});

for (const [phase, ending, taken] of [
  ['mirror', '', true],
  ['mirror', '.landed', true],
  ['both', '.out', false],
  ['both', '.err', false],
] as const)
  test(`${phase}: a link in the place of a file of a running push (lease${ending}) is not written through`, async (t) => {
    // The shim sends by itself.
    const pair = await pairIn(t, phase, { limits: { fence: false } });
    const { file, read } = theirFile(pair);
    const clone = await pair.clone('old', 'ada');
    // The first one goes through Node.
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    // As another member of the group would, who sees the lease come.
    fs.writeFileSync(
      path.join(pair.old, 'hooks/pre-receive'),
      `#!/bin/sh\nfor one in "${pair.state}"/pushes/*.refs; do ln -sf "${file}" "\${one%.refs}${ending}"; done\n`,
      { mode: 0o755 },
    );
    await pair.commit(clone, 'B');
    const { output } = await pair.git(clone, 'push', '--quiet', 'origin', 'main');
    assert.equal(read(), 'theirs\n');
    if (taken) return;
    assert.match(output, /it cannot be written down first/);
    await assertSides(pair, { old: 'main A', gitlab: 'main A' });
  });
