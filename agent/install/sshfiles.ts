/**
 * What ssh to GitLab needs, in <folder>/ssh: a key that never leaves the server, pinned host keys, and nothing of the
 * account's own configuration.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { runCommand } from '../machine/command';
import type { AgentConfig } from '../contract/configs';
import { faults } from '../contract/faults';
import { readIfThere, replaceFile } from '../machine/files';

/** Makes what is missing and replaces what differs. Answers the public key. */
export async function writeSshFiles(folder: string, config: AgentConfig): Promise<string> {
  const at = (name: string): string => path.join(folder, 'ssh', name);
  const knownHosts = printKnownHosts(config.gitlab);
  replaceIfDifferent(at('known_hosts'), knownHosts, 0o644);
  replaceIfDifferent(at('config'), printSshConfig(folder, config), 0o644);
  if (readIfThere(at('id_ed25519')) === null) await makeKey(at('id_ed25519'));
  if (readIfThere(at('id_ed25519.pub')) === null) await readPublicHalf(at('id_ed25519'));
  fs.chmodSync(at('id_ed25519'), 0o600);
  return publicKey(folder) ?? '';
}

/** Null when there is none. */
export function publicKey(folder: string): string | null {
  return readIfThere(path.join(folder, 'ssh', 'id_ed25519.pub'))?.trim() ?? null;
}

/** A key made half is never used: it is made beside its place, and its public half is moved first. */
async function makeKey(file: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  removeKey(draft);
  const { code, stderr } = await runCommand('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `git-handover@${os.hostname()}`,
    '-f',
    draft,
  ]);
  if (code !== 0) throw faults.keyNotMade({ words: stderr });
  fs.renameSync(`${draft}.pub`, `${file}.pub`);
  fs.renameSync(draft, file);
}

function removeKey(file: string): void {
  for (const name of [file, `${file}.pub`]) fs.rmSync(name, { force: true });
}

async function readPublicHalf(file: string): Promise<void> {
  const { code, stdout, stderr } = await runCommand('ssh-keygen', ['-y', '-P', '', '-f', file]);
  if (code !== 0) throw faults.keyUnreadable({ file, words: stderr });
  replaceFile(`${file}.pub`, stdout);
}

/** sshd_config's form `[host]:port` is what ssh looks for on any port but 22. */
export function printKnownHosts(gitlab: AgentConfig['gitlab']): string {
  if (gitlab.hostKeys.length === 0) throw badHostKey('there is none');
  const name = gitlab.sshPort === 22 ? gitlab.sshHost : `[${gitlab.sshHost}]:${gitlab.sshPort}`;
  return gitlab.hostKeys.map((key) => `${name} ${parseHostKey(key)}\n`).join('');
}

function parseHostKey(line: string): string {
  const match = /^((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+=*)(?: |$)/.exec(line.trim());
  if (match?.[1] === undefined) throw badHostKey(`got ${JSON.stringify(line)}`);
  return match[1];
}

function badHostKey(what: string): Error {
  return faults.badHostKey({ what });
}

/**
 * ControlMaster no: hooks only use a master that is there; who starts one is the timer. A missing or dead one falls
 * back to a connection of its own.
 */
export function printSshConfig(folder: string, { gitlab, limits }: AgentConfig): string {
  if (!/^[A-Za-z0-9.:_-]+$/.test(gitlab.sshHost)) throw faults.badHost({ host: gitlab.sshHost });
  const at = (name: string): string => path.join(folder, 'ssh', name);
  const settings = [
    `IdentityFile ${at('id_ed25519')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    'PreferredAuthentications publickey',
    'BatchMode yes',
    `UserKnownHostsFile ${at('known_hosts')}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'CheckHostIP no',
    'UpdateHostKeys no',
    'VerifyHostKeyDNS no',
    `ConnectTimeout ${Math.max(1, Math.ceil(limits.connectMs / 1000))}`,
    'ConnectionAttempts 1',
    'ServerAliveInterval 5',
    'ServerAliveCountMax 2',
    'ControlMaster no',
    `ControlPath ${at('m')}`,
    'ClearAllForwardings yes',
    'ForwardAgent no',
    'ForwardX11 no',
    'PermitLocalCommand no',
    'RequestTTY no',
    'EscapeChar none',
  ];
  return `# Written by git-handover; changes are undone.\nHost *\n${settings.map((setting) => `  ${setting}\n`).join('')}`;
}

export function replaceIfDifferent(file: string, content: string, mode: number): void {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (readIfThere(file) !== content) replaceFile(file, content, mode);
  else if (stat !== undefined && (stat.mode & 0o777) === mode) return;
  fs.chmodSync(file, mode);
}
