/**
 * Files that a promise hangs on: written whole, flushed, renamed, and checked when read. Bytes are latin1 characters.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { seal, unseal } from '../rules/bytes';

/** Replaces a file so that after a crash either the old or the new content is there, whole. */
export function replaceFile(file: string, content: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}.draft`;
  // One that a process of this id left; a link in its place is not followed, as others may write into some of these
  // folders.
  fs.rmSync(draft, { force: true });
  const descriptor = fs.openSync(draft, 'wx', mode);
  try {
    // One write of the kernel may take only a part where a disk is nearly full; this goes on until all is there, or
    // throws.
    fs.writeFileSync(descriptor, Buffer.from(content, 'latin1'));
    // Whatever the umask is: hooks of other accounts read some of them.
    fs.fchmodSync(descriptor, mode);
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(draft, file);
  flushFolder(path.dirname(file));
}

export function flushFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Null when there is no such file; other failures throw. */
export function readIfThere(file: string | Buffer): string | null {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Null also where it cannot be read: for what is made anew then, or told by somebody else. */
export function readOrNull(file: string): string | null {
  try {
    return readIfThere(file);
  } catch {
    return null;
  }
}

/**
 * A file in a folder that other accounts may write to: null also for a link, which could lead to what only we may read,
 * and for a pipe, which would keep us waiting; and for what is longer than `bytesMax`.
 */
export function readPlain(file: string | Buffer, bytesMax = Infinity): string | null {
  return readFrom(openPlain(file, fs.constants.O_RDONLY), bytesMax);
}

function readFrom(descriptor: number | null, bytesMax = Infinity): string | null {
  if (descriptor === null) return null;
  try {
    return fs.fstatSync(descriptor).size > bytesMax ? null : fs.readFileSync(descriptor, 'latin1');
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Adds to one that is there, with `flush` on disk before anything follows; throws when it is not there or no plain
 * file.
 */
export function appendPlain(file: string, text: string, flush: boolean): void {
  const descriptor = openPlain(file, fs.constants.O_WRONLY | fs.constants.O_APPEND);
  if (descriptor === null) throw new Error(`${file} is not there, or is no plain file`);
  try {
    fs.writeFileSync(descriptor, text);
    if (flush) fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What was appended without `flush` is on disk after this; throws when it is not there or no plain file. */
export function flushPlain(file: string): void {
  const descriptor = openPlain(file, fs.constants.O_RDONLY);
  if (descriptor === null) throw new Error(`${file} is not there, or is no plain file`);
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function openPlain(file: string | Buffer, flags: number): number | null {
  return openFile(file, flags | fs.constants.O_NOFOLLOW);
}

function openFile(file: string | Buffer, flags: number): number | null {
  try {
    const descriptor = fs.openSync(file, flags | fs.constants.O_NONBLOCK);
    if (fs.fstatSync(descriptor).isFile()) return descriptor;
    fs.closeSync(descriptor);
    return null;
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ELOOP' || codeOf(error) === 'ENXIO') return null;
    throw error;
  }
}

/** Also by a link, as git reads it; null for anything that is no file, such as a pipe, which would keep us waiting. */
export function readRegular(file: string | Buffer): string | null {
  return readFrom(openFile(file, fs.constants.O_RDONLY));
}

/** A folder that is not there holds nothing. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

/** Null when there is no such file. Throws when what is there is not what was written. */
export function readSealed(file: string): string | null {
  const sealed = readIfThere(file);
  if (sealed === null) return null;
  const body = unseal(sealed);
  if (body === null) throw new Error(`${file} is cut short or altered`);
  return body;
}

/** For the account itself: other accounts have no business with it. What is there and equal is on disk already. */
export function writeSealed(file: string, content: string): void {
  const sealed = seal(content);
  if (readOrNull(file) !== sealed) replaceFile(file, sealed, 0o600);
}

/** Whole or not at all for who reads it, but not flushed: nothing hangs on it after a power cut. */
export function replaceSoon(file: string, content: string): void {
  const draft = `${file}.${process.pid}.draft`;
  try {
    fs.writeFileSync(draft, content, { mode: 0o644 });
    // Whatever the umask is: hooks of other accounts read some of them.
    fs.chmodSync(draft, 0o644);
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}
