/**
 * The one door to what is written, renamed or removed in a repository: other accounts may write there too, and could
 * put a link on the way. Each folder is opened from the one above it and never through a link, and what is in it is
 * named by the open folder: Node has no openat(2), /proc/self/fd/<n>/<name> is the same. The root itself is the
 * operator's word and may be a link. Names are bytes, as latin1 characters.
 */
import * as fs from 'node:fs';
import { HandoverError } from '../contract/errors';
import { faults } from '../contract/faults';
import { codeOf, flushFolder, isMissing, readPlain, replaceFile } from './files';

export interface Spot {
  readonly root: string;
  /** Below the root, with slashes. */
  readonly name: string;
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Null where it is not there, and where it is no plain file of this folder: a link, or a pipe that would block us. */
export function readBelow({ root, name }: Spot): string | null {
  try {
    return within(root, name, (folder, last) => readPlain(placeIn(folder, last)));
  } catch (error) {
    if (isMissing(error) || isLink(error)) return null;
    throw error;
  }
}

/** Whatever stands there, and is no link; throws where nothing does. Nobody waits for a pipe. */
export function openFileBelow<T>({ root, name }: Spot, work: (descriptor: number, stat: fs.Stats) => T): T {
  return within(root, name, (folder, last) => {
    const descriptor = fs.openSync(placeIn(folder, last), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return work(descriptor, fs.fstatSync(descriptor));
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/** What stands there, a link as a link; null where nothing does, and behind a link. */
export function statBelow({ root, name }: Spot): fs.Stats | null {
  try {
    return within(root, name, (folder, last) => fs.lstatSync(placeIn(folder, last), { throwIfNoEntry: false }) ?? null);
  } catch (error) {
    if (isMissing(error) || isLink(error)) return null;
    throw error;
  }
}

/** As `replaceFile`: a link in its place goes, and what it leads to stays. The name is ASCII. */
export function replaceBelow({ root, name }: Spot, content: string, mode = 0o644): void {
  within(root, name, (folder, last) => replaceFile(placeIn(folder, last).toString(), content, mode));
}

/** Throws where something stands there. Whatever the umask is; on disk after it. */
export function createBelow({ root, name }: Spot, content: string, mode = 0o644): void {
  within(root, name, (folder, last) => writeNew(placeIn(folder, last), content, mode));
}

function writeNew(file: Buffer, content: string, mode: number): void {
  const descriptor = fs.openSync(file, 'wx', mode);
  try {
    fs.fchmodSync(descriptor, mode);
    fs.writeFileSync(descriptor, Buffer.from(content, 'latin1'));
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** With what is missing above it. */
export function makeFolderBelow({ root, name }: Spot, mode = 0o777): void {
  inFolder({ root, name }, () => undefined, mode);
}

/** For its rights. */
export function openBelow(spot: Spot, work: (descriptor: number, stat: fs.Stats) => void): void {
  inFolder(spot, (descriptor) => work(descriptor, fs.fstatSync(descriptor)));
}

export function namesBelow(spot: Spot): string[] {
  try {
    return inFolder(spot, namesOf);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A file, or the link itself. What is not there is removed already. */
export function removeBelow({ root, name }: Spot): void {
  try {
    within(root, name, (folder, last) => fs.unlinkSync(placeIn(folder, last)));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** A folder and all that is in it, links as links. */
export function removeAllBelow({ root, name }: Spot): void {
  try {
    within(root, name, removeAll);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function removeAll(folder: number, name: string): void {
  const place = placeIn(folder, name);
  if (!fs.lstatSync(place).isDirectory()) return fs.unlinkSync(place);
  const inner = openFolder(place);
  try {
    for (const one of namesOf(inner)) removeAll(inner, one);
  } finally {
    fs.closeSync(inner);
  }
  fs.rmdirSync(place);
}

/** A link, whatever it leads to. */
export function symlinkBelow({ root, name }: Spot, target: string): void {
  within(root, name, (folder, last) => fs.symlinkSync(target, placeIn(folder, last)));
}

/** A second name for a file. */
export function linkBelow(from: Spot, to: Spot): void {
  betweenFolders(from, to, (source, target) => fs.linkSync(source, target));
}

/** A rename, of whatever stands there; where both places are on different disks, a copy of a plain file or a link. */
export function moveBelow(from: Spot, to: Spot): void {
  betweenFolders(from, to, (source, target) => {
    try {
      fs.renameSync(source, target);
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error;
      copyBelow(source, target);
      flushFolder(target.subarray(0, target.lastIndexOf('/')).toString());
      fs.unlinkSync(source);
    }
  });
}

function copyBelow(source: Buffer, target: Buffer): void {
  if (fs.lstatSync(source).isSymbolicLink()) return fs.symlinkSync(fs.readlinkSync(source, 'buffer'), target);
  const content = readPlain(source);
  if (content === null) throw new Error(`${source.toString('latin1')} is no plain file, and cannot be copied`);
  writeNew(target, content, 0o600);
}

function betweenFolders(from: Spot, to: Spot, work: (source: Buffer, target: Buffer) => void): void {
  within(from.root, from.name, (source, last) =>
    within(to.root, to.name, (target, name) => work(placeIn(source, last), placeIn(target, name))),
  );
}

/** `work` gets the open folder, and the last part of the name. */
function within<T>(root: string, name: string, work: (folder: number, last: string) => T): T {
  const cut = name.lastIndexOf('/');
  const folder = { root, name: cut < 0 ? '' : name.slice(0, cut) };
  return inFolder(folder, (descriptor) => work(descriptor, name.slice(cut + 1)));
}

/** `make`: what is missing on the way is made with this mode. */
function inFolder<T>({ root, name }: Spot, work: (descriptor: number) => T, make: number | null = null): T {
  let descriptor = fs.openSync(root, O_RDONLY | O_DIRECTORY);
  try {
    const parts = name.split('/').filter((part) => part !== '');
    for (const [turn, part] of parts.entries()) {
      const next = step(placeIn(descriptor, part), { root, name: parts.slice(0, turn + 1).join('/') }, make);
      fs.closeSync(descriptor);
      descriptor = next;
    }
    return work(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function step(place: Buffer, { root, name }: Spot, make: number | null): number {
  try {
    if (make !== null && fs.lstatSync(place, { throwIfNoEntry: false }) === undefined) fs.mkdirSync(place, make);
    return openFolder(place);
  } catch (error) {
    if (fs.lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true) throw error;
    throw faults.link({ directory: root, name: Buffer.from(name, 'latin1').toString() });
  }
}

function openFolder(place: Buffer): number {
  return fs.openSync(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

function namesOf(descriptor: number): string[] {
  return fs.readdirSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
}

function placeIn(folder: number, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), Buffer.from(name, 'latin1')]);
}

function isLink(error: unknown): boolean {
  return error instanceof HandoverError && error.fault.code === 'link';
}
