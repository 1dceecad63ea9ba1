/** Where things lie in a repository, for the door that follows no links (machine/below.ts). */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Spot } from '../machine/below';

const objects = 'objects/';

/**
 * Operators put objects/ on another disk by a link. One that root or the agent made counts as the folder itself; any
 * other could lead to the objects of another repository.
 */
export function spotIn(directory: string, name: string): Spot {
  const folder = path.join(directory, objects);
  return name.startsWith(objects) && isOwnLink(folder.slice(0, -1))
    ? { root: folder, name: name.slice(objects.length) }
    : { root: directory, name };
}

function isOwnLink(place: string): boolean {
  const stat = fs.lstatSync(place, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && [0, process.getuid?.()].includes(stat.uid);
}
