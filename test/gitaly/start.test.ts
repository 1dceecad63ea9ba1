import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LabFolder, labFolder } from '../lab/folder';
import { GitalyService, storageName } from '../lab/gitlab/gitaly/service';
import { until } from '../lab/processes';
import { isAlive } from '../lab/processtree';
import { gitalyPrograms } from '../lab/toolchain';
import { withGitaly } from './gate';

/** Nobody listens there, and nothing here pushes. */
const api = 'http://127.0.0.1:1';
let folder: LabFolder;
let gitaly: GitalyService;

/** It answers, and does what it is told. */
async function serves(name: string): Promise<boolean> {
  await gitaly.calls.createRepository(
    { storage: storageName, relativePath: `${name}.git`, glRepository: 'project-1' },
    'main',
  );
  return existsSync(join(gitaly.storage, `${name}.git`, 'HEAD'));
}

function runningPid(): number {
  assert.ok(gitaly.pid !== null, 'Gitaly should run');
  return gitaly.pid;
}

withGitaly(() => {
  describe('one Gitaly: its process', () => {
    before(() => {
      folder = labFolder();
      gitaly = new GitalyService(folder.path, gitalyPrograms(), 'secret');
    });
    after(async () => {
      await gitaly.stop();
      await folder.close();
    });

    test('a start that fails says why, at once, and leaves nothing; the next one starts it', async () => {
      rmSync(gitaly.storage, { recursive: true });
      const begun = performance.now();
      await assert.rejects(gitaly.start(api), /^Error: Cannot start Gitaly: [^]*storage/);
      assert.ok(performance.now() - begun < 20_000, 'waited for a Gitaly that had ended');
      assert.equal(gitaly.pid, null);
      assert.throws(() => gitaly.calls, /does not run/);
      mkdirSync(gitaly.storage);
      await gitaly.start(api);
      assert.ok(await serves('after-failure'));
    });

    test('one that died by itself does not count as running, and the next start starts another', async () => {
      if (gitaly.pid === null) await gitaly.start(api);
      const first = runningPid();
      process.kill(first, 'SIGKILL');
      await until('Gitaly to be gone', () => gitaly.pid === null);
      await gitaly.start(api);
      assert.notEqual(runningPid(), first);
      assert.ok(await serves('after-death'));
    });

    test('a start while it runs leaves one', async () => {
      if (gitaly.pid === null) await gitaly.start(api);
      const first = runningPid();
      await gitaly.start(api);
      assert.deepEqual([isAlive(first), isAlive(runningPid())], [false, true]);
      assert.ok(await serves('after-start'));
    });
  });
});
