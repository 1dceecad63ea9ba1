/** What the figures were measured on. */
import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

export function machine(): Record<string, string> {
  return {
    kernel: release(),
    cores: `${cpus().length}`,
    processor: cpus()[0]?.model ?? 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    pulumi: said('pulumi', 'version'),
    git: said('git', '--version').replace('git version ', ''),
    ssh: said('ssh', '-V').split(',')[0] ?? '',
  };
}

/** Its first line, wherever it prints it. */
function said(program: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n')[0] ?? '';
}
