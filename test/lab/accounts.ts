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

/** Of the group that shares repositories; the machine's own has no members. */
export const sharingGroup = { name: 'users', gid: 100 };

/**
 * Accounts that every Debian has and nobody uses, so that git and ssh in their sessions find their names in the real
 * /etc/passwd.
 */
export const idleNames = ['games', 'backup', 'man', 'lp', 'news', 'uucp', 'proxy', 'www-data', 'list', 'irc'] as const;

export function idleAccount(home: string, name: string = idleNames[0]): Account {
  const line = machineAccounts().find((found) => found.name === name);
  if (line === undefined)
    throw new Error(`Cannot use a second login account as this machine has no account named ${name}.`);
  return { ...line, home, shell: '/bin/sh' };
}

/**
 * Answers the folder. `own` changes the account that runs the lab; `more` are added, or replace those of the same name,
 * and are in the group.
 */
export function writeAccounts(folder: string, own: Partial<Account>, more: readonly Account[]): string {
  mkdirSync(folder, { recursive: true });
  const me = userInfo();
  const privilegeSeparation: Account = {
    name: 'sshd',
    uid: 64_999,
    gid: 65_534,
    home: '/run/sshd',
    shell: '/usr/sbin/nologin',
  };
  const byName = new Map(machineAccounts().map((account) => [account.name, account]));
  if (!byName.has('sshd')) byName.set('sshd', privilegeSeparation);
  for (const account of more) byName.set(account.name, account);
  const mine = byName.get(me.username) ?? {
    name: me.username,
    uid: me.uid,
    gid: me.gid,
    home: me.homedir,
    shell: '/bin/sh',
  };
  byName.set(mine.name, { ...mine, ...own });
  const accounts = [...byName.values()];
  writeFileSync(
    join(folder, 'passwd'),
    accounts.map((one) => `${one.name}:x:${one.uid}:${one.gid}::${one.home}:${one.shell}\n`).join(''),
  );
  const members = more.map(({ name }) => name).join(',');
  writeFileSync(
    join(folder, 'group'),
    readFileSync('/etc/group', 'utf8').replace(/^users:.*$/m, `${sharingGroup.name}:x:${sharingGroup.gid}:${members}`),
  );
  // A star is "no password"; an exclamation mark, as in many images, would be "locked", and sshd refuses its keys too.
  writeFileSync(join(folder, 'shadow'), accounts.map((one) => `${one.name}:*:19000:0:99999:7:::\n`).join(''), {
    mode: 0o600,
  });
  return folder;
}

function machineAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name, , uid, gid, , home, shell] = line.split(':');
      return name && home !== undefined && shell !== undefined
        ? [{ name, uid: Number(uid), gid: Number(gid), home, shell }]
        : [];
    });
}
