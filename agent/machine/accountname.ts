/** Names of accounts, for people. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';

const known = new Map<number, string>();
/** A directory service may be slow; a number will do then. */
const askMs = 2_000;

export function nameOfAccount(uid: number): string {
  const name = known.get(uid) ?? askName(uid);
  known.set(uid, name);
  return name;
}

function askName(uid: number): string {
  const { status, stdout } = spawnSync('id', ['-nu', '--', String(uid)], {
    encoding: 'utf8',
    timeout: askMs,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : `account ${uid}`;
}

/** The account that made a file, where it is not ours; else null. */
export function otherOwner(file: string): string | null {
  const owner = fs.lstatSync(file, { throwIfNoEntry: false })?.uid;
  return owner === undefined || owner === process.getuid?.() ? null : nameOfAccount(owner);
}
