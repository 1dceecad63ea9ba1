/**
 * Refs read from their files, without git: one broken line in packed-refs stops every command of git in the repository.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createBelow, moveBelow } from '../machine/below';
import { readRegular } from '../machine/files';
import type { Oid, RefName, Refs } from '../rules/values';

export interface RawRefs {
  /** Loose before packed, as git reads them. Symbolic refs are left out. */
  readonly refs: Refs;
  /** Loose files that hold neither an id nor a symbolic ref. */
  readonly broken: readonly RefName[];
  /** Lines of packed-refs that git does not understand; empty when it is whole. */
  readonly badLines: readonly string[];
  /** Only the lines that name a ref; git finds out the rest itself. */
  readonly packedWhole: string;
}

export function readRawRefs(directory: string): RawRefs {
  const packed = parsePacked(readFile(Buffer.from(path.join(directory, 'packed-refs'))) ?? '');
  const refs = new Map(packed.refs);
  const broken: RefName[] = [];
  for (const ref of looseRefs(directory, 'refs')) {
    const content = readFile(place(directory, ref));
    const oid = /^[0-9a-f]{40}/.exec(content ?? '')?.[0];
    if (content !== null && oid === undefined && !content.startsWith('ref:')) broken.push(ref);
    if (oid === undefined) refs.delete(ref);
    else refs.set(ref, oid as Oid);
  }
  return { refs, broken, badLines: packed.bad, packedWhole: packed.whole };
}

function looseRefs(directory: string, folder: string): RefName[] {
  return namesOf(place(directory, folder)).flatMap((name) => {
    const below = `${folder}/${name}`;
    const stat = fs.lstatSync(place(directory, below), { throwIfNoEntry: false });
    if (stat?.isDirectory()) return looseRefs(directory, below);
    return stat === undefined || name.endsWith('.lock') ? [] : [below as RefName];
  });
}

/** Also where its target is gone. Git reads a symbolic link to a name as one too (files_read_raw_ref). */
export function isSymbolicRef(directory: string, ref: RefName): boolean {
  const file = place(directory, ref);
  try {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) return fs.readlinkSync(file, 'latin1').startsWith('refs/');
    return stat?.isFile() === true && (readFile(file) ?? '').startsWith('ref:');
  } catch {
    // A name above it is a branch, or the name is too long for a file: git cannot make it either, and says so.
    return false;
  }
}

/**
 * Its file is immutable: git takes the lock beside it, and fails only when it puts the new value in its place. A file
 * of another owner may be replaced, and is no such one.
 */
export function isSealedOff(directory: string, ref: RefName): boolean {
  try {
    fs.accessSync(place(directory, ref), fs.constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Names are bytes, whatever the account's language is. */
function place(directory: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')]);
}

function namesOf(folder: Buffer): string[] {
  try {
    return fs.readdirSync(folder, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
  } catch {
    return [];
  }
}

/** Null when it is not there. What the disk does not give counts as one unreadable line. */
function readFile(file: Buffer): string | null {
  try {
    return readRegular(file);
  } catch {
    return '\0';
  }
}

export interface Packed {
  readonly refs: Refs;
  readonly bad: string[];
  readonly whole: string;
}

/**
 * Lines `<id> <ref>`, then `^<id>` for an annotated tag; the first line may be `# pack-refs with: …`. A last line
 * without an end was cut off.
 */
export function parsePacked(text: string): Packed {
  const refs: Refs = new Map();
  const bad: string[] = [];
  const whole: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const [, oid, ref] = /^([0-9a-f]{40}) (refs\/[^\0\n]+)\n$/.exec(line) ?? [];
    if (oid !== undefined && ref !== undefined) refs.set(ref as RefName, oid as Oid);
    if (oid !== undefined) whole.push(line);
    else if (line !== '' && !/^(?:\^[0-9a-f]{40}|# .*)\n$/.test(line)) bad.push(line.trimEnd());
  }
  return { refs, bad, whole: whole.join('') };
}

/** By git's own rule: whoever makes packed-refs.lock may replace packed-refs. False when somebody else has it. */
export function replacePackedRefs(directory: string, content: string): boolean {
  const lock = { root: directory, name: 'packed-refs.lock' };
  try {
    createBelow(lock, content);
  } catch {
    return false;
  }
  moveBelow(lock, { root: directory, name: 'packed-refs' });
  return true;
}
