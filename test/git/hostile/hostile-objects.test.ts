/** What lies among a repository's objects keeps nobody from reading those of the others. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { pairIn, type Pair } from '../kit/pair';

const megabyte = 1024 * 1024;

/** A round of the scan: MB that it held at most; throws where it does not end. */
function scan(pair: Pair): number {
  const tell = path.join(pair.folder, 'tell.cjs');
  fs.writeFileSync(tell, "process.on('exit', () => console.error('held', process.resourceUsage().maxRSS));");
  const { signal, stderr } = spawnSync(
    process.execPath,
    ['--require', tell, path.join(pair.agentFolder, 'agent.cjs'), 'scan'],
    {
      ...{ cwd: '/', timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' },
      env: { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home') },
    },
  );
  assert.equal(signal, null, 'the scan does not end');
  return Number(/held (\d+)/.exec(stderr)?.[1] ?? NaN) / 1024;
}

test('a pipe among loose objects keeps no scan waiting', async (t) => {
  const pair = await pairIn(t, 'mirror', { scanHours: 1 });
  fs.mkdirSync(path.join(pair.old, 'objects/ab'), { recursive: true });
  execFileSync('mkfifo', [path.join(pair.old, 'objects/ab', 'c'.repeat(38))]);
  assert.ok(scan(pair) > 0);
});

test('a small object that grows to a large one is not held as a whole', async (t) => {
  const pair = await pairIn(t, 'mirror', { scanHours: 1 });
  const plain = scan(pair);
  const zeros = path.join(pair.folder, 'zeros');
  fs.closeSync(fs.openSync(zeros, 'w'));
  fs.truncateSync(zeros, 400 * megabyte);
  await pair.must(pair.old, 'hash-object', '-w', '--no-filters', zeros);
  fs.rmSync(path.join(pair.state, 'scan'), { force: true });
  const grown = scan(pair) - plain;
  assert.ok(grown < 200, `the scan held ${Math.round(grown)} MB more`);
});
