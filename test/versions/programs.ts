/** Brings what a row names, and asks an old server what it really runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Line } from '../../agent/contract/verbs';
import type { Lab } from '../lab/lab';
import type { OldPrograms } from '../lab/old';
import { until } from '../lab/processes';
import { running } from '../lab/processtree';
import { tools } from '../lab/toolchain';
import type { Row } from './rows';

const runFile = promisify(execFile);

/** From the cache; the first time, from the machine's mirror of Debian and from npm. */
export async function programsOf({ release, node }: Row): Promise<OldPrograms> {
  const script = (name: string): string => join(tools().project, 'scripts', name);
  const [major = ''] = node.split('.');
  const home = (await runFile(script('setup-old'), [release.suite])).stdout.trim();
  const binary = (await runFile(script('setup-node'), [`linux-x64-${major}`])).stdout.trim();
  return { node: binary, folder: join(home, 'bin'), sshd: join(home, 'sshd') };
}

/** Once the agent is installed: what its own verb says, what a login finds, and how sshd greets. */
export async function expectVersions(lab: Lab, { release, node }: Row): Promise<void> {
  const { nodeVersion, gitVersion, refusals } = await hello(lab);
  assert.deepEqual({ nodeVersion, gitVersion, refusals }, { nodeVersion: node, gitVersion: release.git, refusals: [] });
  assert.equal(await onOld(lab, 'node --version'), `v${node}\n`);
  assert.match(await onOld(lab, 'git --version && git receive-pack -h 2>&1; ssh -V 2>&1'), words(release));
  assert.equal(await onOld(lab, innerGit), (await onOld(lab, 'command -v git')).replace('/bin/git', '/git-core'));
  assert.match(await greeting(lab), new RegExp(`^SSH-2\\.0-OpenSSH_${literal(release.openssh)}\\b`));
}

/** The resident, which a hook or the timer started: nobody's PATH may have led it to another Node. */
export async function expectNode(lab: Lab, node: string): Promise<void> {
  let found: string[] = [];
  const runs = (): boolean => {
    // A shell starts it, with the same words.
    found = running(`${join(lab.agentFolder, 'agent.cjs')} serve`)
      .map(binaryOf)
      .filter((path) => basename(path) === 'node');
    return found.length > 0;
  };
  await until('the resident of old to run', runs, 60_000);
  assert.deepEqual([...new Set(found)], [node]);
}

/** What `GIT_TRACE_PACKET` shows of a push or a fetch: the other side is this git. */
export function expectServerGit(trace: string, { git }: { readonly git: string }): void {
  assert.match(trace, new RegExp(`< .*\\bagent=git/${literal(git)}\\b`));
}

/** What a hook of git starts finds git in another folder, and there the machine's own would be near. */
const innerGit = "git -c alias.inner='!env -u GIT_EXEC_PATH git --exec-path' inner";

interface Greeted {
  readonly nodeVersion: string;
  readonly gitVersion: string;
  readonly refusals: readonly unknown[];
}

async function hello(lab: Lab): Promise<Greeted> {
  const said = await onOld(lab, `echo '{}' | ${lab.old.node} ${join(lab.agentFolder, 'agent.cjs')} call hello`);
  const last = JSON.parse(said.trim().split('\n').at(-1) ?? '') as Line<Greeted>;
  if (last.kind !== 'result') throw new Error(`expected an answer to hello, got: ${said}`);
  return last.value;
}

/** In a login of the operator, as `pulumi up` has it. */
async function onOld({ old, folder }: Lab, command: string): Promise<string> {
  const options = ['-F', 'none', '-i', old.operatorKey, '-p', String(old.port), '-o', 'IdentitiesOnly=yes'];
  const trust = [
    '-o',
    'StrictHostKeyChecking=accept-new',
    '-o',
    `UserKnownHostsFile=${join(folder, 'operator-hosts')}`,
  ];
  const { stdout } = await runFile('ssh', [
    ...options,
    ...trust,
    '-o',
    'BatchMode=yes',
    `${old.user}@${old.host}`,
    command,
  ]);
  return stdout;
}

async function greeting({ old }: Lab): Promise<string> {
  const socket = connect(old.port, old.host);
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return first.toString('latin1');
}

function binaryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

function words({ git, openssh }: Row['release']): RegExp {
  return new RegExp(`git version ${literal(git)}\\n[^]*OpenSSH_${literal(openssh)}\\b`);
}

function literal(text: string): string {
  return text.replaceAll('.', '\\.');
}
