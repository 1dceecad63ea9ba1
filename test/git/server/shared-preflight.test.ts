/**
 * What keeps a repository that several accounts push to from being attached, each with what to do; after that, it can
 * be.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RepositoryConfig } from '../../../agent/contract/configs';
import type { Line, Verbs } from '../../../agent/contract/verbs';
import type { RepositoryView } from '../../../agent/contract/views';
import { runOwnHook } from '../../../agent/git/ownhooks';
import { takeLock } from '../../../agent/machine/flock';
import { mountFaults } from '../../../agent/install/sharedfaults';
import type { Unlock } from '../../../agent/rules/ports';
import { idleAccount, sharingGroup } from '../../lab/accounts';
import { labFolder } from '../../lab/folder';
import { startProcess } from '../../lab/processes';
import { tools } from '../../lab/toolchain';

interface Place {
  readonly repository: string;
  readonly agentFolder: string;
  /** Beside the repository, in a folder that only root can write; not there yet. */
  readonly safe: string;
  /** As the agent's account, which is in these groups beside its own. */
  readonly inspect: (groups: readonly number[], config?: Partial<RepositoryConfig>) => Promise<RepositoryView>;
}

const agent = idleAccount('/nonexistent', 'backup');
const consent = { abandon: false, unhookedWriters: false, endOlderPushes: false };
const onlyRoot = { skip: process.getuid?.() === 0 ? false : 'only root can act as several accounts' };

function place(t: TestContext): Place {
  const lab = labFolder();
  t.after(() => lab.close());
  const [repository, agentFolder] = [path.join(lab.path, 'app.git'), path.join(lab.path, 'home/agent')];
  execFileSync('git', ['init', '--quiet', '--bare', '--shared=group', repository], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
  });
  execFileSync('chgrp', ['-R', String(sharingGroup.gid), repository]);
  execFileSync('find', [repository, '-type', 'd', '-exec', 'chmod', 'g+ws', '{}', '+']);
  fs.mkdirSync(agentFolder, { recursive: true });
  fs.copyFileSync(tools().agentBundle, path.join(agentFolder, 'agent.cjs'));
  // A folder with settings is one that stays.
  fs.writeFileSync(path.join(agentFolder, 'config.json'), '{}');
  const config: RepositoryConfig = {
    path: repository,
    project: 'team/app',
    gitlabUrl: 'ssh://git@gitlab.example.org/team/app.git',
    peopleUrl: 'git@gitlab.example.org:team/app.git',
    namespaces: [],
    waivedNamespaces: [],
    hooksAfterPass: true,
    ciSkip: true,
    brownouts: [],
  };
  const inspect: Place['inspect'] = async (groups, changes = {}) => {
    const request: Verbs['inspect']['request'] = {
      repositories: [{ config: { ...config, ...changes }, to: 'old', consent }],
    };
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
    const started = startProcess(process.execPath, [path.join(agentFolder, 'agent.cjs'), 'call', 'inspect'], {
      env,
      cwd: '/',
      input: JSON.stringify(request),
      account: { uid: agent.uid, gid: agent.gid, groups },
    });
    await started.ended;
    const line = JSON.parse(started.output()) as Line<Verbs['inspect']['result']>;
    const [view] = line.kind === 'result' ? line.value.repositories : [];
    return view ?? assert.fail(started.output());
  };
  return { repository, agentFolder, safe: path.join(lab.path, 'hooks'), inspect };
}

const inGroup = [sharingGroup.gid];

test('a shared repository as git makes it is taken', onlyRoot, async (t) => {
  assert.deepEqual((await place(t).inspect(inGroup)).refusals, []);
});

test("the agent's account must be in the group", onlyRoot, async (t) => {
  const [refusal] = (await place(t).inspect([])).refusals;
  assert.match(
    `${refusal?.code}: ${refusal?.message} ${refusal?.next}`,
    /^not-in-group: .* is not in the group 100 that shares it.*usermod --append --groups/,
  );
});

test('folders that the group cannot write, or that lack the setgid bit, are named', onlyRoot, async (t) => {
  const { repository, inspect } = place(t);
  fs.chmodSync(path.join(repository, 'objects'), 0o2755);
  fs.chmodSync(path.join(repository, 'refs'), 0o775);
  const { refusals } = await inspect(inGroup);
  assert.deepEqual(
    refusals.map(({ code, message }) => `${code} ${/: ([^:]*)$/.exec(message)?.[1]}`),
    [
      'not-group-writable objects is not writable for the group that core.sharedRepository names.',
      'no-setgid refs lacks the setgid bit, so that new files do not belong to its group and the agent could not read what others push.',
    ],
  );
});

test('a home folder that keeps other accounts out, and with them their hooks', onlyRoot, async (t) => {
  const { agentFolder, inspect } = place(t);
  const home = path.dirname(agentFolder);
  fs.chownSync(home, agent.uid, agent.gid);
  fs.chmodSync(home, 0o700);
  const { refusals } = await inspect(inGroup);
  assert.deepEqual(
    refusals.map(({ code, next }) => [code, next.includes(`chmod o+x ${home}\``)]),
    [['unreachable-folder', true]],
  );
});

test(
  "own hooks that others could have written are named, since the agent will not run them; those elsewhere that are root's are run",
  onlyRoot,
  async (t) => {
    const { repository, inspect, safe } = place(t);
    const named = async (config: Partial<RepositoryConfig> = {}): Promise<number> => {
      const { refusals, warnings } = await inspect(inGroup, config);
      assert.deepEqual(refusals, []);
      return warnings.filter((warning) => warning.includes('/post-receive is not run for what comes from GitLab'))
        .length;
    };
    assert.equal(await named(), 0);
    fs.writeFileSync(path.join(repository, 'hooks/post-receive'), '#!/bin/sh\n', { mode: 0o755 });
    assert.equal(await named(), 1);
    assert.equal(await named({ hooksAfterPass: false }), 0);
    fs.mkdirSync(safe);
    fs.copyFileSync(path.join(repository, 'hooks/post-receive'), path.join(safe, 'post-receive'));
    execFileSync('git', ['config', '--file', path.join(repository, 'config'), 'core.hooksPath', safe]);
    assert.equal(await named(), 0);
    fs.chmodSync(path.join(safe, 'post-receive'), 0o775);
    assert.equal(await named(), 1);
    fs.chmodSync(path.join(safe, 'post-receive'), 0o755);
    fs.chmodSync(safe, 0o777);
    assert.equal(await named(), 1);
    fs.chmodSync(safe, 0o1777);
    assert.equal(await named(), 0);
  },
);

async function takeOwnLock(t: TestContext, file: string): Promise<Unlock> {
  const lock = await takeLock(file, 0);
  if (lock === null) throw new Error(`Cannot lock ${file}: expected nobody to have it.`);
  t.after(() => lock.release());
  return lock;
}

test('the agent runs no hook that others could have written', onlyRoot, async (t) => {
  const { repository, safe } = place(t);
  const marks = path.join(path.dirname(repository), 'marks');
  fs.mkdirSync(safe);
  for (const [folder, name] of [
    [path.join(repository, 'hooks'), 'inside'],
    [safe, 'outside'],
  ] as const)
    fs.writeFileSync(path.join(folder, 'post-receive'), `#!/bin/sh\necho ${name} >>${marks}\n`, { mode: 0o755 });
  const call = {
    updates: [],
    limitMs: 10_000,
    lock: await takeOwnLock(t, path.join(path.dirname(repository), 'lock')),
  };
  for (const ownHooks of [path.join(repository, 'hooks'), safe]) {
    const place = { directory: repository, ownHooks, shared: true };
    assert.deepEqual(await runOwnHook(place, 'post-receive', call), { how: 'well', printed: '' });
  }
  assert.equal(fs.readFileSync(marks, 'utf8'), 'outside\n');
  await runOwnHook(
    { directory: repository, ownHooks: path.join(repository, 'hooks'), shared: false },
    'post-receive',
    call,
  );
  assert.equal(fs.readFileSync(marks, 'utf8'), 'outside\ninside\n');
});

test('a repository of another account that is not shared cannot be used', onlyRoot, async (t) => {
  const { repository, inspect } = place(t);
  execFileSync('git', ['config', '--file', path.join(repository, 'config'), 'core.sharedRepository', 'false']);
  assert.deepEqual(
    (await inspect(inGroup)).refusals.map(({ code }) => code),
    ['foreign-owner'],
  );
});

test('/proc must show the processes of others', () => {
  const mounts = (options: string): string => `sysfs /sys sysfs rw 0 0\nproc /proc proc rw,nosuid${options} 0 0\n`;
  for (const options of ['', ',hidepid=0', ',hidepid=off', ',gid=4'])
    assert.deepEqual(mountFaults('/srv/app.git', mounts(options)), []);
  for (const options of [',hidepid=2', ',hidepid=invisible,gid=4', ',hidepid=1'])
    assert.deepEqual(
      mountFaults('/srv/app.git', mounts(options)).map(({ code }) => code),
      ['hidepid'],
    );
});
