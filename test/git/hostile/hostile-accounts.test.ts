import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

/** Links have no mode, and what lies behind one lies elsewhere. */
const modes = (folder: string): Map<string, number> =>
  new Map(
    fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => fs.realpathSync(path.dirname(path.join(folder, name))).startsWith(fs.realpathSync(folder)))
      .map((name) => [name, fs.lstatSync(path.join(folder, name))] as const)
      .filter(([, stat]) => !stat.isSymbolicLink())
      .map(([name, { mode }]) => [name, mode & 0o777]),
  );

/** What others may read, below the agent's folder: R stands for the folder of the repository. */
const openToRead = [
  'R',
  'R/accepted.txt',
  'R/brownout.txt',
  'R/facts',
  'R/former-hooks-path',
  'R/last-pass',
  'R/refuse.txt',
  'R/state',
  'R/travelled.txt',
  'R/unreachable.txt',
  'R/warn.txt',
  'home',
  'home/.gitconfig',
  'repositories',
  'ssh/config',
  'ssh/id_ed25519.pub',
  'ssh/known_hosts',
];

test('with a umask of 000 no other account can write what the agent keeps, read its key, log and leases, or hold its locks', async (t) => {
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  const seen: number[] = [];
  for (const message of ['A', 'B']) {
    await pair.commit(clone, message);
    fs.writeFileSync(
      path.join(pair.old, 'hooks/pre-receive'),
      `#!/bin/sh\nstat -c %a ${pair.state}/pushes >${pair.folder}/mode\n`,
      { mode: 0o755 },
    );
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    seen.push(parseInt(fs.readFileSync(path.join(pair.folder, 'mode'), 'utf8'), 8));
    if (message === 'A') await pair.move('both');
  }
  assert.deepEqual(seen, [0o700, 0o700]);
  await assertLevel(pair, 'main B');
  await pair.pass();
  await pair.agent('tick');
  const found = modes(pair.agentFolder);
  const owned = [...found].filter(([name]) => !/^(agent\.cjs|shims|ssh\/m\b)/.test(name));
  assert.deepEqual(
    owned.filter(([name, mode]) => (mode & 0o022) !== 0 && !name.startsWith('ssh/')).map(([name]) => name),
    [],
  );
  const open = owned
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([name]) => name.replace(/^repositories\/[^/]+/, 'R'))
    .sort();
  assert.deepEqual(open, openToRead);
  assert.equal(found.get('ssh'), 0o700);
  assert.equal(found.get('ssh/id_ed25519'), 0o600);
});
