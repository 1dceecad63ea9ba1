/** A member of the group of a shared repository puts a program where the agent looks for a hook. Needs root. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { hookToRun } from '../../../agent/git/ownhooks';
import { idleAccount, sharingGroup } from '../../lab/accounts';
import { until } from '../../lab/processes';
import { pairIn, type Pair } from '../kit/pair';

const noRoot = process.getuid?.() === 0 ? false : 'only root can act as another account';

interface Shared {
  readonly pair: Pair;
  /** Only the agent's account can make it. */
  readonly proof: string;
  /** How a program of the member runs. */
  readonly as: { readonly cwd: string; readonly uid: number; readonly gid: number; readonly env: NodeJS.ProcessEnv };
}

async function sharedPair(t: TestContext): Promise<Shared> {
  const pair = await pairIn(t, 'both');
  const { gid } = sharingGroup;
  execFileSync('git', ['config', '--file', path.join(pair.old, 'config'), 'core.sharedRepository', 'group']);
  execFileSync('chgrp', ['-R', String(gid), pair.old]);
  execFileSync('chmod', ['-R', 'g+rwX', pair.old]);
  execFileSync('find', [pair.old, '-type', 'd', '-exec', 'chmod', 'g+ws', '{}', '+']);
  await pair.call('attach', { config: pair.config });
  await pair.pass();
  const as = { cwd: pair.old, uid: idleAccount('/nonexistent').uid, gid, env: { PATH: process.env['PATH'] } };
  return { pair, proof: path.join(pair.folder, 'as-the-agent'), as };
}

test(
  'a hook that is swapped while git reads a configuration that waits is not started',
  { skip: noRoot },
  async (t) => {
    const { pair, proof, as } = await sharedPair(t);
    // The pipe opens in the moment in which git of the agent reads the configuration.
    const swap = `
    umask 002
    printf '#!/bin/sh\\nid -u >${proof}\\n' >evil && chmod 755 evil
    mkfifo -m 666 pipe && printf '[include]\\n\\tpath = pipe\\n' >>config
    while touch ready && exec 3>pipe; do
      mv git-handover away && mkdir -p git-handover/hooks && cp away/where git-handover
      cp away/hooks/* git-handover/hooks && cp evil git-handover/hooks/pre-receive
      touch swapped
      exec 3>&-
      sleep 0.5
      rm -rf git-handover && mv away git-handover
    done`;
    const member = spawn('sh', ['-c', swap], { ...as, stdio: 'ignore', detached: true });
    try {
      await until('the pipe', () => fs.existsSync(path.join(pair.old, 'ready')));
      for (let turn = 0; turn < 2; turn += 1) await pair.pass().catch(() => undefined);
    } finally {
      process.kill(-(member.pid ?? 0), 'SIGKILL');
    }
    assert.ok(fs.existsSync(path.join(pair.old, 'swapped')), 'nothing was swapped');
    assert.equal(fs.existsSync(proof), false, "the member's script ran as the agent");
  },
);

test('a link to a program of the system in the place of a hook is not run', { skip: noRoot }, async (t) => {
  const { pair, proof, as } = await sharedPair(t);
  const branch = 'refs/heads/$(sh<evil)';
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', `main:${branch}`);
  await pair.pass();
  const links =
    'mkdir -p hooks; for one in pre-receive post-receive; do rm -f hooks/$one; ln -s /bin/sh hooks/$one; done';
  execFileSync('sh', ['-c', `umask 002; echo 'id -u >${proof}' >evil; ${links}`], as);
  await pair.commit(clone, 'A');
  const alone = '--receive-pack=git -c core.hooksPath=/nowhere receive-pack';
  await pair.must(clone, 'push', '--quiet', alone, 'origin', `main:${branch}`);
  await pair.pass();
  assert.equal(fs.existsSync(proof), false, "the member's script ran as the agent");
  assert.equal(hookToRun({ ownHooks: path.join(pair.old, 'hooks'), shared: true }, 'post-receive'), null);
});
