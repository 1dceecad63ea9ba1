/** How the server of a baseline reaches the other side. */
import { type OldServer } from '../../lab/old';

export function sshConfig(
  key: string,
  { there, port, lock, lockPort }: { there: OldServer; port: number; lock: OldServer; lockPort: number },
): string {
  const place = (name: string, server: OldServer, at: number): string =>
    `Host ${name}\n  HostName ${server.host}\n  Port ${at}\n  User ${server.user}\n`;
  const common = [
    'IdentityAgent none',
    'BatchMode yes',
    'StrictHostKeyChecking no',
    'UserKnownHostsFile /dev/null',
    'LogLevel ERROR',
    'ConnectTimeout 10',
    'ServerAliveInterval 5',
  ];
  return `${place('other', there, port)}${place('lock', lock, lockPort)}Host *\n  IdentityFile ${key}\n${common.map((line) => `  ${line}\n`).join('')}`;
}
