/** The Node that we run on, and the one that shall run us later. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { nodeVariable } from '../contract/commands';

/** What hooks are told to start. It may be still to come, its folder too. */
export function lastingNode(): string {
  const named = process.env[nodeVariable] ?? '';
  if (named === '') return process.execPath;
  const folder = path.dirname(named);
  return path.join(fs.existsSync(folder) ? fs.realpathSync(folder) : folder, path.basename(named));
}

/** Answers whether another program lies where ours was. One that is gone is no reason to end: nothing would follow. */
export function watchProgram(file = process.execPath): () => boolean {
  const look = (): string | null => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? null : `${stat.ino}:${stat.mtimeMs}`;
  };
  const before = look();
  return () => ![null, before].includes(look());
}

/** Whether the process runs a program of another path than ours. */
export function runsOtherProgram(pid: number): boolean {
  try {
    return fs.readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '') !== process.execPath;
  } catch {
    return false;
  }
}
