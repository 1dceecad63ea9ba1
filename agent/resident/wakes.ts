/**
 * Wake-ups of hooks for the resident: an empty file <folder>/wake/<state name>. To make one takes a hook no process and
 * never makes it wait, and it stays when nobody listens.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { namesIn } from '../machine/files';

/**
 * From a command that changed what there is to do, such as the phase. Best effort: the resident comes by itself, later.
 */
export function leaveWake(folder: string, name: string): void {
  try {
    // One that is there is as good; through a link that another account left there nothing is written.
    fs.closeSync(fs.openSync(path.join(folderOf(folder), name), 'wx', 0o600));
  } catch {
    return;
  }
}

/** The names, taken away before anybody looks: what is made from now on is a new wake-up. */
export function takeWakes(folder: string): string[] {
  const names = namesIn(folderOf(folder));
  return names.filter((name) => takeOne(path.join(folderOf(folder), name)));
}

/** Other accounts may put here what cannot be taken away, such as a folder: it wakes nobody. */
function takeOne(file: string): boolean {
  try {
    fs.rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** Who may leave one: the account alone, or others too. */
export function openWakes(folder: string, mode: number): void {
  if (((fs.statSync(folderOf(folder), { throwIfNoEntry: false })?.mode ?? mode) & 0o7777) !== mode)
    fs.chmodSync(folderOf(folder), mode);
}

/**
 * Calls when one may have come. Where the kernel cannot tell, whoever calls `takeWakes` now and then finds them as
 * well.
 */
export function onWake(folder: string, call: () => void): () => void {
  try {
    const watcher = fs.watch(folderOf(folder), call);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

function folderOf(folder: string): string {
  return path.join(folder, 'wake');
}
