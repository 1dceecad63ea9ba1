/**
 * Wake-ups of hooks for the resident: an empty file <folder>/wake/<state name>. To make one takes a hook no process and never
 * makes it wait, and it stays when nobody listens.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { namesIn } from './files';

/** From a command that changed what there is to do, such as the phase. Best effort: the resident comes by itself, later. */
export function leaveWake(folder: string, name: string): void {
  try {
    fs.writeFileSync(path.join(folderOf(folder), name), '', { mode: 0o600 });
  } catch {
    return;
  }
}

/** The names, taken away before anybody looks: what is made from now on is a new wake-up. */
export function takeWakes(folder: string): string[] {
  const names = namesIn(folderOf(folder));
  for (const name of names) fs.rmSync(path.join(folderOf(folder), name), { force: true });
  return names;
}

/** Calls when one may have come. Where the kernel cannot tell, whoever calls `takeWakes` now and then finds them as well. */
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
