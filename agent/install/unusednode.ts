/** A Node that was copied into the agent's folder, once another one does its work. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { nodeFile } from '../contract/commands';
import { gitProcessesIn, isReceivePack } from '../git/gitwork';
import { readIfThere } from '../machine/files';
import { attachedFolders } from '../repository/place';
import { residentOf } from '../resident/resident';
import { runsOtherProgram } from '../machine/program';
import { nodeOf, parseState } from '../rules/statefile';

/**
 * Takes it away when no hook names it, no push runs that may have read so, and no resident runs on it. What keeps it
 * may be over at the next look: the stacks ask again.
 */
export function dropUnusedNode(folder: string): void {
  const node = path.join(folder, nodeFile);
  if (process.execPath === node || !fs.existsSync(node)) return;
  const present = residentOf(folder);
  if (present !== null && runsOtherProgram(present.pid)) return;
  if (attachedFolders(folder).some((state) => mayStart(state, node))) return;
  fs.rmSync(node, { force: true });
}

function mayStart(state: string, node: string): boolean {
  const sealed = readIfThere(path.join(state, 'state')) ?? '';
  const directory = parseState(sealed)?.directory;
  if (directory === undefined || nodeOf(sealed) === node) return true;
  return fs.existsSync(directory) && gitProcessesIn(directory).some(isReceivePack);
}
