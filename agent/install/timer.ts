/**
 * What starts the resident and looks after it (`agent.cjs watch`): systemd where it really runs, else a line in the
 * account's crontab. Both survive a reboot. Our lines in a crontab stand above all others, so that settings below them
 * (SHELL, MAILTO) are not ours and removing them leaves every other byte as it was.
 */
import * as fs from 'node:fs';
import { agentWords } from '../contract/commands';
import { quote } from '../contract/shellword';
import { isInstalled, runCommand, type Run } from '../machine/command';
import type { AgentConfig } from '../contract/configs';
import type { Hello } from '../contract/views';
import { faults } from '../contract/faults';
import { openLog } from '../machine/log';
import { installUnits, removeUnits, systemdServes } from './systemd';

export type Timer = Hello['timer'];

/** What `auto` would choose here. */
export async function usableTimer(run: Run): Promise<Timer> {
  if (await systemdServes(run)) return 'systemd';
  return (await cronServes(run)) && cronRuns() ? 'cron' : 'none';
}

/** Installs what is wished for and takes the other kind away. Answers what drives the agent now. */
export async function installTimer(folder: string, wish: AgentConfig['timer'], run: Run = runCommand): Promise<Timer> {
  const timer = wish === 'auto' ? await usableTimer(run) : wish;
  if (wish === 'systemd' && !(await systemdServes(run))) throw faults.noSystemd();
  if (wish === 'cron' && !(await cronServes(run))) throw faults.noCron();
  if (timer === 'systemd') await installUnits(folder, run);
  else await removeUnits(folder, run);
  await changeCrontab(folder, timer === 'cron', run);
  if (wish === 'auto' && timer === 'none')
    openLog(folder, {}).write('no-timer', {
      words: 'Neither systemd nor cron runs here: passes run only when a hook or a person starts them.',
    });
  return timer;
}

/** crontab -l ends with 1 also for an account that has none; what it says tells the two apart. */
async function cronServes(run: Run): Promise<boolean> {
  return isInstalled('crontab') && (await readCrontab(run)) !== null;
}

/** Null when this account may not use crontab. */
async function readCrontab(run: Run): Promise<string | null> {
  const { code, stdout, stderr } = await run('crontab', ['-l']);
  if (code === 0) return stdout;
  return /no crontab for|can't open|No such file/i.test(stderr) ? '' : null;
}

/**
 * A crontab without its daemon starts nothing. Where /proc hides other people's processes, the daemon is taken for
 * granted.
 */
function cronRuns(): boolean {
  if (!fs.existsSync('/proc/1/stat')) return true;
  return fs
    .readdirSync('/proc')
    .some((name) => /^\d+$/.test(name) && /^(cron|crond|fcron|anacron|busybox)$/.test(programOf(name)));
}

function programOf(pid: string): string {
  try {
    const name = fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return name === 'busybox' && !fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('crond') ? '' : name;
  } catch {
    return '';
  }
}

async function changeCrontab(folder: string, wanted: boolean, run: Run): Promise<void> {
  if (!isInstalled('crontab')) return;
  const present = await readCrontab(run);
  if (present === null) return;
  const next = wanted ? withLines(present, folder) : withoutLines(present, folder);
  if (next === present) return;
  const { code, stderr } = next === '' ? await run('crontab', ['-r']) : await run('crontab', ['-'], { input: next });
  if (code !== 0) throw faults.crontabFailed({ words: stderr });
}

function mark(folder: string): string {
  return `# git-handover ${folder}`;
}

/** The crontab with our two lines on top. Pure. */
export function withLines(
  crontab: string,
  folder: string,
  node = process.execPath,
  searchPath = process.env['PATH'] ?? '',
): string {
  // cron itself looks for programs in /usr/bin and /bin only; git may be elsewhere.
  const found = searchPath === '' ? '' : `PATH=${cronQuote(searchPath)} `;
  const command = `${found}${cronQuote(node)} ${agentWords(folder, 'watch').join(' ')} >/dev/null 2>&1 ${mark(folder)}`;
  const lines = [`* * * * * ${command}\n`, `@reboot ${command}\n`];
  const others = withoutLines(crontab, folder);
  return `${lines.join('')}${others}`;
}

/** The crontab without them. Pure. */
export function withoutLines(crontab: string, folder: string): string {
  const lines = crontab.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.filter((line) => !line.trimEnd().endsWith(mark(folder))).join('');
}

/** cron turns a bare % into a line break before the shell sees it. */
function cronQuote(word: string): string {
  return quote(word).replace(/%/g, '\\%');
}
