/** The agent's place on the old server: what the server offers, setting it up, taking it away. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { agentFile, nodeFile, nodeMajorMin } from '../contract/commands';
import { isInstalled, runCommand } from '../machine/command';
import { agentVersion, type Verbs } from '../contract/verbs';
import type { Fault, Hello } from '../contract/views';
import { asError } from '../contract/errors';
import { faults } from '../contract/faults';
import { readIfThere } from '../machine/files';
import { runGit } from '../git/gitprocess';
import { leaveMaster, stopMaster } from '../resident/warmconnection';
import { agentConfigOrNull, attachedFolders, readJson, writeJson } from '../repository/place';
import { dismissOtherNode, residentFiles, residentOf, startResident, stopResident } from '../resident/resident';
import { wakeMode } from '../repository/sharing';
import { dropUnusedNode } from './unusednode';
import { publicKey, replaceIfDifferent, writeSshFiles } from './sshfiles';
import { installTimer, usableTimer } from './timer';
import { keepWebhookSecret, webhookSecret } from '../resident/webhooksecret';

/**
 * Several transactions in one `update-ref --stdin` came with 2.30 (its release notes); all else that the agent asks of
 * git is older.
 */
const gitMin = [2, 30] as const;
const programs = ['git', 'flock', 'setsid', 'timeout', 'sync', 'ssh', 'ssh-keygen', 'xargs'] as const;
/**
 * A unix socket's path has 107 bytes at most; ssh adds `/ssh/m` and, while it makes the socket, a dot and 16
 * characters.
 */
const folderBytesMax = 107 - '/ssh/m'.length - 17;

export async function hello(folder: string): Promise<Hello> {
  const gitVersion =
    /\d+(\.\d+)+/.exec(
      (await runGit({ directory: '/', folder, quarantine: {} }, ['--version'], { idleMs: 10_000 })).stdout,
    )?.[0] ?? '';
  const nodeVersion = process.versions.node;
  return {
    agentVersion,
    account: accountName(),
    os: osName(),
    gitVersion,
    nodeVersion,
    timer: await usableTimer(runCommand),
    refusals: [
      ...folderFaults(folder),
      ...systemFaults(process.platform, nodeVersion),
      ...programFaults(isInstalled),
      ...gitFaults(gitVersion),
    ],
  };
}

/** Doing it twice changes nothing. */
export async function setup(folder: string, { config }: Verbs['setup']['request']): Promise<Verbs['setup']['result']> {
  const [first] = folderFaults(folder);
  if (first !== undefined) throw asError(first);
  makeFolders(folder);
  const key = await writeSshFiles(folder, config);
  replaceIfDifferent(path.join(folder, 'home', '.gitconfig'), '[safe]\n\tdirectory = *\n', 0o644);
  const secret = keepWebhookSecret(folder, config);
  const timer = await installTimer(folder, config.timer, runCommand);
  // One that cannot be read counts as none, and is written again.
  const before = agentConfigOrNull(folder);
  if (JSON.stringify(before) !== JSON.stringify(config)) writeJson(path.join(folder, 'config.json'), config);
  if (JSON.stringify(before?.gitlab) !== JSON.stringify(config.gitlab)) await leaveMaster(folder);
  // systemd starts the next one by itself.
  const missing = dismissOtherNode(folder) ? timer !== 'systemd' : residentOf(folder) === null;
  if (config.timer !== 'none' && missing) startResident(folder);
  dropUnusedNode(folder);
  return { publicKey: key, timer, webhookSecret: secret };
}

export async function installed(folder: string): Promise<Verbs['installed']['result']> {
  const config = agentConfigOrNull(folder);
  const key = publicKey(folder);
  return config === null || key === null
    ? null
    : { config, publicKey: key, webhookSecret: config.webhook === undefined ? null : webhookSecret(folder) };
}

/** `decisions` stays, and the folder with it: who retired what and what was overwritten is asked for long after. */
export async function remove(folder: string): Promise<Record<string, never>> {
  const attached = attachedFolders(folder);
  if (attached.length > 0) throw faults.stillAttached({ attached: attached.map(attachedPath) });
  await installTimer(folder, 'none', runCommand);
  await stopResident(folder);
  await stopMaster(folder);
  for (const name of [
    ...residentFiles,
    'config.json',
    'home',
    'ssh',
    'log',
    'repositories',
    'tick.lock',
    'scan.lock',
    'shims',
    agentFile,
    nodeFile,
    `${nodeFile}.new`,
  ])
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  if (fs.existsSync(folder) && fs.readdirSync(folder).length === 0) fs.rmdirSync(folder);
  return {};
}

function attachedPath(state: string): string {
  try {
    return readJson<{ path: string }>(path.join(state, 'config.json'), 'the settings of this repository').path;
  } catch {
    return path.basename(state);
  }
}

/**
 * Hooks of other accounts read the state, and leave wake-ups where a repository is shared; nobody else reads the key.
 */
function makeFolders(folder: string): void {
  const modes = {
    '.': 0o755,
    repositories: 0o755,
    home: 0o755,
    ssh: 0o700,
    log: 0o700,
    wake: wakeMode(attachedFolders(folder)),
  };
  for (const [name, mode] of Object.entries(modes)) {
    const place = path.join(folder, name);
    fs.mkdirSync(place, { recursive: true, mode });
    if ((fs.statSync(place).mode & 0o7777) !== mode) fs.chmodSync(place, mode);
  }
}

/** The path goes into GIT_SSH_COMMAND, crontab lines and ssh's configuration, none of which quotes alike. */
export function folderFaults(folder: string): Fault[] {
  if (!/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/.test(folder)) return [faults.folderName({ folder }).fault];
  if (folder.length > folderBytesMax) return [faults.folderLong({ folder, bytesMax: folderBytesMax }).fault];
  return [];
}

export function systemFaults(platform: string, nodeVersion: string): Fault[] {
  const found: Fault[] = [];
  if (platform !== 'linux') found.push(faults.notLinux({ platform }).fault);
  if (Number(nodeVersion.split('.')[0]) < nodeMajorMin)
    found.push(faults.oldNode({ where: 'this server', majorMin: nodeMajorMin, found: nodeVersion }).fault);
  return found;
}

export function programFaults(isThere: (program: string) => boolean): Fault[] {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) return [];
  return [faults.missingPrograms({ missing }).fault];
}

export function gitFaults(version: string): Fault[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = gitMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return [];
  return [faults.oldGit({ least: gitMin.join('.'), found: version }).fault];
}

function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function osName(): string {
  const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readIfThere('/etc/os-release') ?? '')?.[1];
  return `${name ?? `${os.type()} ${os.release()}`} (${process.arch})`;
}
