/** What a retired repository that is let go of keeps: it refuses, in the words of its settings. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { changeConfig } from '../git/repoconfig';
import { quote } from '../contract/shellword';
import { makeFolderBelow, moveBelow, replaceBelow, statBelow } from '../machine/below';
import { toBytes } from '../rules/bytes';
import { hooksPath, ownHooksFolder, type HookPlace } from './hooks';

/**
 * A retired repository that is let go stays renamed, and still refuses whoever finds it. Where its hooks lie in a
 * folder that others may share, or may not be written by the agent, the refusal gets a folder of its own: the others
 * still take pushes.
 */
export async function leaveRefusal(place: HookPlace, words: string): Promise<void> {
  const { directory } = place;
  const own = path.join(directory, 'hooks');
  const apart =
    ownHooksFolder(place) !== own ||
    fs.lstatSync(own, { throwIfNoEntry: false })?.isSymbolicLink() === true ||
    isClosed(own);
  const folder = { root: directory, name: apart ? hooksPath : 'hooks' };
  const spot = { ...folder, name: `${folder.name}/pre-receive` };
  makeFolderBelow(folder);
  if (statBelow(spot) !== null) moveBelow(spot, { ...spot, name: `${spot.name}.before-git-handover` });
  const lines = words.split('\n').map((line) => `printf '%s\\n' ${quote(line)} >&2`);
  replaceBelow(spot, toBytes(['#!/bin/sh', ...lines, 'exit 1', ''].join('\n')), 0o755);
  if (apart) await changeConfig(path.join(directory, 'config'), ['--replace-all', 'core.hooksPath', hooksPath]);
}

function isClosed(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return false;
  } catch {
    return fs.existsSync(folder);
  }
}
