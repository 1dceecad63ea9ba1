/**
 * The resident as a service of systemd, and a timer that looks after it: system units for root, else those of the
 * account that keeps running after logout.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { agentWords, supervised } from '../contract/commands';
import type { Run } from '../machine/command';
import { faults } from '../contract/faults';
import { heapLimits } from '../resident/resident';
import { replaceIfDifferent } from './sshfiles';

const everySeconds = 60;
/** Of the resident and the git processes that it starts; a whole repository may have to be indexed. */
const memoryMax = '4G';

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function unitFolder(): string {
  return isRoot() ? '/etc/systemd/system' : path.join(os.userInfo().homedir, '.config', 'systemd', 'user');
}

/** Sessions without a login shell lack the variable by which systemctl finds the account's systemd. */
function systemctl(run: Run, ...args: string[]): ReturnType<Run> {
  if (isRoot()) return run('systemctl', args);
  return run('systemctl', ['--user', ...args], { env: { XDG_RUNTIME_DIR: `/run/user/${process.getuid?.() ?? 0}` } });
}

/**
 * sd_booted(3): the folder is there only while systemd is the init system. A user's systemd must also outlive the
 * login.
 */
export async function systemdServes(run: Run): Promise<boolean> {
  if (!fs.existsSync('/run/systemd/system')) return false;
  if (isRoot()) return (await systemctl(run, 'show-environment')).code === 0;
  const linger = await run('loginctl', ['show-user', String(process.getuid?.()), '--property=Linger', '--value']);
  const lingers = linger.stdout.trim() === 'yes' || (await run('loginctl', ['enable-linger'])).code === 0;
  return lingers && (await systemctl(run, 'show-environment')).code === 0;
}

/** Several agents may run in one account: each has units of its own. */
function unitName(folder: string): string {
  return `git-handover-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
}

export async function installUnits(folder: string, run: Run): Promise<void> {
  const name = unitName(folder);
  fs.mkdirSync(unitFolder(), { recursive: true });
  replaceIfDifferent(path.join(unitFolder(), `${name}.service`), printService(folder), 0o644);
  replaceIfDifferent(path.join(unitFolder(), `${name}.timer`), printTimer(), 0o644);
  replaceIfDifferent(path.join(unitFolder(), `${name}-serve.service`), printServe(folder), 0o644);
  for (const args of [
    ['daemon-reload'],
    ['enable', '--now', `${name}-serve.service`],
    ['enable', '--now', `${name}.timer`],
  ]) {
    const { code, stderr } = await systemctl(run, ...args);
    if (code !== 0) throw faults.systemdFailed({ command: `systemctl ${args.join(' ')}`, words: stderr });
  }
}

/** What the watch starts lives on after it. */
export function printService(
  folder: string,
  node = process.execPath,
  searchPath = process.env['PATH'] ?? '/usr/bin:/bin',
): string {
  return printUnit('looks after the agent', [
    'Type=oneshot',
    ...surroundings(searchPath),
    `ExecStart=${command(node, agentWords(folder, 'watch', supervised))}`,
    'SuccessExitStatus=3',
  ]);
}

/**
 * Always there again a second after its end. Systemd ends it alone: passes under way, and the connection to GitLab, go
 * on.
 */
export function printServe(
  folder: string,
  node = process.execPath,
  searchPath = process.env['PATH'] ?? '/usr/bin:/bin',
): string {
  // Where memory ends the kernel ends one process, mostly a pass of its own: no reason to end the others.
  const memory = [`MemoryMax=${memoryMax}`, 'OOMPolicy=continue'];
  const limits = ['Restart=always', 'RestartSec=1', 'LimitNOFILE=4096', ...memory];
  const service = [
    ...surroundings(searchPath),
    'Environment=GIT_HANDOVER_SUPERVISED=1',
    `ExecStart=${command(node, [heapLimits, ...agentWords(folder, 'serve')])}`,
    ...limits,
  ];
  return `${printUnit('the agent', service)}\n[Install]\nWantedBy=${isRoot() ? 'multi-user' : 'default'}.target\n`;
}

function printUnit(what: string, service: readonly string[]): string {
  return `[Unit]\nDescription=git-handover: ${what}\n\n[Service]\n${service.join('\n')}\n`;
}

/** Its own search path lacks what logins see. */
function surroundings(searchPath: string): string[] {
  return [`Environment="PATH=${escape(searchPath)}"`, 'KillMode=process'];
}

function command(node: string, words: readonly string[]): string {
  return `"${escape(node).replace(/\$/g, '$$$$')}" ${words.join(' ')}`;
}

/** systemd.syntax(7): backslash escapes, and % begins a specifier. */
function escape(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%');
}

function printTimer(): string {
  return `[Unit]\nDescription=git-handover\n\n[Timer]\nOnBootSec=${everySeconds}\nOnUnitInactiveSec=${everySeconds}\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n`;
}

export async function removeUnits(folder: string, run: Run): Promise<void> {
  const name = unitName(folder);
  const files = ['.service', '.timer', '-serve.service']
    .map((end) => path.join(unitFolder(), `${name}${end}`))
    .filter((file) => fs.existsSync(file));
  if (files.length === 0) return;
  await systemctl(run, 'disable', '--now', `${name}.timer`, `${name}-serve.service`);
  for (const file of files) fs.rmSync(file, { force: true });
  await systemctl(run, 'daemon-reload');
}
