import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { Phase } from '../../../agent/contract/phase';
import { assertLevel, assertSides } from '../kit/ending';
import { noConsent, pairIn, type Pair } from '../kit/pair';

/** The ways in which a file ends up that cannot be read. */
const spoils = {
  'cut off': (file: string) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
  garbage: (file: string) => fs.writeFileSync(file, Buffer.from([0, 255, 10, 7, 254])),
  gone: (file: string) => fs.rmSync(file),
} as const;

async function troubles(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.troubles.map(({ ref, kind }) => `${ref} ${kind}`));
}

async function push(pair: Pair, clone: string, name: string, branch = 'main'): Promise<void> {
  await pair.commit(clone, name);
  await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
}

/** Under the repository's lock: a pass that a push woke looks for broken files before, or after. */
async function betweenPasses(pair: Pair, work: () => void): Promise<void> {
  const lock = path.join(pair.state, 'lock');
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  work();
  holder.stdin.end();
  await once(holder, 'close');
}

function rebuild(pair: Pair, phase: Phase, apply = true): Promise<{ text: string; applied: boolean }> {
  return pair.call('repair', { path: pair.old, who: 'ada', apply, state: { phase, config: pair.config } });
}

for (const [how, spoil] of Object.entries(spoils)) {
  test(`mirror: agreed is ${how}: pushes reach GitLab again, and a ref that old lost meanwhile stays on GitLab and is listed`, async (t) => {
    const pair = await pairIn(t, 'mirror', { commits: 2 });
    const clone = await pair.clone('old', 'ada');
    await push(pair, clone, 'A', 'lost');
    await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'HEAD~1:refs/heads/lost');
    await pair.pass();
    await betweenPasses(pair, () => spoil(path.join(pair.state, 'agreed')));
    await pair.must(pair.old, 'update-ref', '-d', 'refs/heads/lost');
    await push(pair, clone, 'B');
    await pair.pass();
    assert.deepEqual(await troubles(pair), ['refs/heads/lost damaged']);
    await assertSides(pair, { old: 'main B', gitlab: 'lost S2, main B' });
  });
}

test('mirror: agreed is lost while GitLab has a value that nobody can explain: it is listed, and neither side is overwritten', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  const stranger = await pair.clone('gitlab', 'stranger');
  await push(pair, stranger, 'A');
  fs.rmSync(path.join(pair.state, 'agreed'));
  await pair.pass();
  assert.equal((await troubles(pair)).length, 1);
  await assertSides(pair, { old: 'main S2', gitlab: 'main A' });
});

test('both: agreed, tries and the list of troubles are garbage: passes go on, and what was set back before is not forgotten', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  for (const name of ['agreed', 'tries', 'troubles', 'taken', 'unhooked'])
    fs.writeFileSync(path.join(pair.state, name), 'garbage');
  const person = await pair.clone('gitlab', 'bob');
  await push(pair, person, 'A');
  const clone = await pair.clone('old', 'ada');
  await pair.pass();
  await assertLevel(pair, 'main A');
  assert.deepEqual(await troubles(pair), ['refs/handover/attic unhooked']);
  await pair.must(clone, 'pull', '--quiet');
  await push(pair, clone, 'B');
  await pair.call('resolve', {
    path: pair.old,
    ref: 'refs/handover/attic',
    keep: 'gitlab',
    reason: 'seen',
    who: 'ada',
    apply: true,
  });
  assert.deepEqual(await troubles(pair), []);
  assert.equal(fs.readdirSync(path.join(pair.state, 'aside')).length, 5);
  await assertLevel(pair, 'main B');
});

test('mirror: tries is garbage: a value of GitLab that nobody can explain is a conflict, and pushes go on', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  const stranger = await pair.clone('gitlab', 'stranger');
  await push(pair, stranger, 'A');
  fs.writeFileSync(path.join(pair.state, 'tries'), 'garbage');
  const clone = await pair.clone('old', 'ada');
  await push(pair, clone, 'B', 'other');
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/heads/main conflict']);
  await assertSides(pair, { old: 'main S2, other B', gitlab: 'main A, other B' });
});

test("unhooked is garbage: entering both needs a person's word", async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  fs.writeFileSync(path.join(pair.state, 'unhooked'), 'garbage');
  await pair.pass();
  await assert.rejects(pair.move('both'), /unhooked-writers/);
  await pair.move('both', { unhookedWriters: true });
});

for (const how of ['garbage', 'gone'] as const) {
  test(`the settings of a repository or of the agent are ${how}: the preview goes on, and \`pulumi up\` writes them again`, async (t) => {
    const pair = await pairIn(t, 'both', { commits: 2 });
    const agentConfig = JSON.parse(
      fs.readFileSync(path.join(pair.agentFolder, 'config.json'), 'utf8').replace(/\nchecksum [\s\S]*$/, ''),
    ) as Parameters<typeof pair.call<'setup'>>[1]['config'];
    const inspect = { repositories: [{ config: pair.config, to: 'both' as const, consent: noConsent }] };
    for (const file of [path.join(pair.state, 'config.json'), path.join(pair.agentFolder, 'config.json')]) {
      spoils[how](file);
      const {
        repositories: [view],
      } = await pair.call('inspect', inspect);
      assert.deepEqual([view?.phase, view?.current, view?.refusals], ['both', false, []]);
      assert.equal(
        (await pair.call('status', { paths: [] })).faults[0]?.next,
        'Run `pulumi up`: it writes the file again.'
          .slice(0, how === 'gone' ? 15 : undefined)
          .concat(how === 'gone' ? '.' : ''),
      );
      await pair.call('setup', { config: agentConfig });
      await pair.move('both');
      assert.equal((await pair.call('inspect', inspect)).repositories[0]?.current, true);
    }
  });
}

test('the folder of leases is gone, or holds garbage: the next pass mends it, and pushes are taken again', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const pushes = path.join(pair.state, 'pushes');
  fs.rmSync(pushes, { recursive: true });
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /cannot be written down first/);
  await pair.pass();
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  for (const name of ['0-0.1.1.1.1', '0-0.1.1.1.1.refs', '0-0.1.1.1.1.landed', 'nonsense'])
    fs.writeFileSync(path.join(pushes, name), Buffer.from([0, 255, 10, 101, 110, 100, 101, 100, 10]));
  await pair.pass();
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main B');
});

for (const mode of ['mirror', 'both'] as const) {
  for (const [what, spoil] of [
    ['its state file is cut off', (pair: Pair) => spoils['cut off'](path.join(pair.state, 'state'))],
    ['its state file is gone', (pair: Pair) => spoils.gone(path.join(pair.state, 'state'))],
    ['its whole state folder is gone', (pair: Pair) => fs.rmSync(pair.state, { recursive: true })],
  ] as const) {
    test(`${mode}: ${what}: nothing guesses the phase; named by a person, it goes on`, async (t) => {
      const pair = await pairIn(t, mode, { commits: 2 });
      const clone = await pair.clone('old', 'ada');
      spoil(pair);
      await pair.commit(clone, 'A');
      assert.match(
        (await pair.git(clone, 'push', 'origin', 'main')).output,
        /state for this repository[\s\S]*cannot be read/,
      );
      await assert.rejects(pair.call('attach', { config: pair.config }), /npm run repair -- .* --state --phase/);
      const {
        repositories: [view],
      } = await pair.call('inspect', { repositories: [{ config: pair.config, to: mode, consent: noConsent }] });
      assert.match(view?.refusals[0]?.next ?? '', /npm run repair -- .* --state --phase/);
      await assert.rejects(
        rebuild(pair, mode === 'both' ? 'mirror' : 'both'),
        new RegExp(`phase-doubtful.*the agent's log says ${mode}`),
      );
      assert.match((await rebuild(pair, mode, false)).text, /Nothing differs between both sides/);
      assert.equal((await pair.git(clone, 'push', 'origin', 'main')).code, 1);
      await rebuild(pair, mode);
      await pair.must(clone, 'push', '--quiet', 'origin', 'main');
      await pair.pass();
      await assertLevel(pair, 'main A');
      assert.deepEqual(await troubles(pair), []);
      assert.equal((await pair.move(mode)).phase, mode);
      await assert.rejects(rebuild(pair, mode), /state-readable/);
    });
  }
}

test('a state that is rebuilt as both by mistake loses no acknowledged push: it is in the attic, listed, and can be sent', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2, queueDelayMs: 60_000 });
  const clone = await pair.clone('old', 'ada');
  await push(pair, clone, 'A');
  fs.rmSync(path.join(pair.state, 'state'));
  fs.rmSync(path.join(pair.agentFolder, 'log'), { recursive: true });
  const { text } = await rebuild(pair, 'both', false);
  assert.match(text, /by your word alone[\s\S]*refs\/heads\/main: old [0-9a-f]{8}, GitLab [0-9a-f]{8}/);
  await rebuild(pair, 'both');
  assert.deepEqual(await troubles(pair), ['refs/heads/main unhooked']);
  await pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/main',
    keep: 'old',
    reason: 'it was mirror',
    who: 'ada',
    apply: true,
  });
  await assertLevel(pair, 'main A');
});
