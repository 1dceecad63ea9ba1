/** Account files of its own for an sshd that runs as root: the machine's /etc/passwd stays as it is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** An account that every Debian has and nobody uses, so that git and ssh in its sessions find its name in the real /etc/passwd. */
export function idleAccount(home: string): Account {
  const line = machineAccounts().find((found) => found.name === 'games');
  if (line === undefined) throw new Error('Cannot use a second login account as this machine has no account named games.');
  return { ...line, home, shell: '/bin/sh' };
}

/** Answers the folder. `own` changes the account that runs the lab; `more` are added, or replace those of the same name. */
export function writeAccounts(folder: string, own: Partial<Account>, more: readonly Account[]): string {
  mkdirSync(folder, { recursive: true });
  const me = userInfo();
  const privilegeSeparation: Account = { name: 'sshd', uid: 64_999, gid: 65_534, home: '/run/sshd', shell: '/usr/sbin/nologin' };
  const byName = new Map(machineAccounts().map((account) => [account.name, account]));
  if (!byName.has('sshd')) byName.set('sshd', privilegeSeparation);
  for (const account of more) byName.set(account.name, account);
  const mine = byName.get(me.username) ?? { name: me.username, uid: me.uid, gid: me.gid, home: me.homedir, shell: '/bin/sh' };
  byName.set(mine.name, { ...mine, ...own });
  const accounts = [...byName.values()];
  writeFileSync(join(folder, 'passwd'), accounts.map((one) => `${one.name}:x:${one.uid}:${one.gid}::${one.home}:${one.shell}\n`).join(''));
  writeFileSync(join(folder, 'group'), readFileSync('/etc/group'));
  // A star is "no password"; an exclamation mark, as in many images, would be "locked", and sshd refuses its keys too.
  writeFileSync(join(folder, 'shadow'), accounts.map((one) => `${one.name}:*:19000:0:99999:7:::\n`).join(''), { mode: 0o600 });
  return folder;
}

function machineAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8').split('\n').flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(':');
    return name && home !== undefined && shell !== undefined ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }] : [];
  });
}
