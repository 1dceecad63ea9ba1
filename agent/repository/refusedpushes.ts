/**
 * Pushes that GitLab refused since it last took one. Their pushers read why; whoever runs the servers would not know
 * that none gets through. <state>/refused has a line for each, `<epoch> <ISO time> <GitLab's words as JSON>`; the next
 * push that GitLab takes removes it, in the shim as here. It only informs: what cannot be written is left out.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import type { Fault, RepositoryStatus } from '../contract/views';
import { readIfThere } from '../machine/files';
import { toText } from '../rules/bytes';

/** One person who tries again is no alarm. */
const alarmFrom = 3;
/** A robot may push for days. */
const bytesMax = 64 * 1024;
const wordsMax = 500;

export type Refused = NonNullable<RepositoryStatus['refused']>;

export function noteRefused(state: string, epoch: () => number, words: string): void {
  try {
    const file = fileOf(state);
    if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > bytesMax) return;
    fs.appendFileSync(file, `${epoch()} ${new Date().toISOString()} ${JSON.stringify(words.slice(0, wordsMax))}\n`);
  } catch {
    return;
  }
}

export function forgetRefused(state: string): void {
  try {
    fs.rmSync(fileOf(state), { force: true });
  } catch {
    return;
  }
}

/** Of this epoch; null: none. A last line that was cut short counts without its words. */
export function readRefused(state: string, epoch: number): Refused | null {
  const lines = (readIfThere(fileOf(state)) ?? '').split('\n').filter((line) => line.startsWith(`${epoch} `));
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { count: lines.length, since: first.split(' ')[1] ?? '', words: wordsIn(last) };
}

function wordsIn(line: string): string {
  try {
    return String(JSON.parse(toText(line.split(' ').slice(2).join(' '))));
  } catch {
    return '';
  }
}

/** What `status` tells; null where a push got through, or few were tried. */
export function refusedFault({ path: repository, refused }: RepositoryStatus): Fault | null {
  if (refused === undefined || refused === null || refused.count < alarmFrom) return null;
  return faults.pushesRefused({ path: repository, ...refused }).fault;
}

function fileOf(state: string): string {
  return path.join(state, 'refused');
}
