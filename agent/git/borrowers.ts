/** Repositories that use the objects of another one (objects/info/alternates): they break when it is renamed. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { toText } from '../rules/bytes';
import { readRegular } from '../machine/files';

/** Folders below the root that are looked at; beyond this the search would take longer than an operator waits. */
const foldersMax = 20_000;
const depthMax = 6;

/** Directories of repositories at `known`, or anywhere below `root`, that borrow objects from `directory`. */
export function borrowersOf(directory: string, root: string, known: readonly string[]): string[] {
  const objects = realPath(path.join(directory, 'objects'));
  const found = new Set([...known, ...repositoriesBelow(root)].map(realPath));
  found.delete(realPath(directory));
  return [...found].filter((candidate) => borrowsFrom(objects, path.join(candidate, 'objects'))).sort();
}

function borrowsFrom(lender: string, objects: string): boolean {
  return borrowedFolders(objects)
    .map(realPath)
    .some((used) => used === lender || used.startsWith(`${lender}/`));
}

function realPath(place: string): string {
  try {
    return fs.realpathSync(place);
  } catch {
    return path.resolve(place);
  }
}

/** Bare ones, and the .git of those with a work tree. */
function repositoriesBelow(root: string): string[] {
  const found: string[] = [];
  let level = [root];
  for (let depth = 0, seen = 0; depth <= depthMax && seen < foldersMax; depth += 1) {
    seen += level.length;
    found.push(...level.filter(isRepository));
    level = level.filter((folder) => !isRepository(folder)).flatMap(foldersIn);
  }
  return found;
}

function isRepository(folder: string): boolean {
  return fs.existsSync(path.join(folder, 'objects')) && fs.existsSync(path.join(folder, 'HEAD'));
}

/** A folder that we may not read holds nothing that we could know of. */
function foldersIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(folder, entry.name));
  } catch {
    return [];
  }
}

/**
 * The folders that an objects folder borrows from. Paths are relative to it; lines with # are comments (git's
 * object-file.c, link_alt_odb_entries).
 */
export function borrowedFolders(objects: string): string[] {
  const lines = (readRegular(path.join(objects, 'info', 'alternates')) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => path.resolve(objects, toText(line)));
}
