/**
 * Whether the old server reaches GitLab's SSH, and whether it is the one that was pinned: asked before anything hangs
 * on it.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runCommand } from '../machine/command';
import type { AgentConfig } from '../contract/configs';
import type { Verbs } from '../contract/verbs';
import type { Fault } from '../contract/views';
import { faults } from '../contract/faults';
import { printKnownHosts } from './sshfiles';

type Gitlab = AgentConfig['gitlab'];

const connectSeconds = 15;

/** Knocks without a key: an answer of the pinned server is all that is wanted. Changes nothing. */
export async function reach({ gitlab }: Verbs['reach']['request']): Promise<Verbs['reach']['result']> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'git-handover-reach-'));
  try {
    const knownHosts = path.join(folder, 'known_hosts');
    fs.writeFileSync(knownHosts, printKnownHosts(gitlab), { mode: 0o600 });
    const { stderr } = await runCommand('ssh', knock(gitlab, knownHosts), { withinMs: (connectSeconds + 5) * 1000 });
    return { fault: faultOf(gitlab, stderr) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function knock({ sshHost, sshPort, sshUser }: Gitlab, knownHosts: string): string[] {
  const settings = [
    'BatchMode=yes',
    'PreferredAuthentications=none',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    'ControlMaster=no',
    'ControlPath=none',
    `ConnectTimeout=${connectSeconds}`,
  ];
  return [
    '-F',
    '/dev/null',
    '-n',
    '-T',
    ...settings.flatMap((setting) => ['-o', setting]),
    '-p',
    String(sshPort),
    '-l',
    sshUser,
    '--',
    sshHost,
  ];
}

/** ssh's own words (sshconnect.c, ssh.c): turned away without a key means that the pinned server is there. */
function faultOf({ sshHost, sshPort }: Gitlab, stderr: string): Fault | null {
  const place = `${sshHost}:${sshPort}`;
  const [said = 'no answer'] = stderr
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .reverse();
  if (/Permission denied/.test(stderr)) return null;
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/.test(stderr)) {
    return faults.gitlabHostKey({ place }).fault;
  }
  return faults.gitlabUnreachable({ what: `reach GitLab at ${place} from the old server`, words: said }).fault;
}
