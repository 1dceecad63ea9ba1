/**
 * The files of a repository's own objects folder, and whether each is what git wrote. What is borrowed belongs to
 * another repository.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pipeline, Writable } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { codeOf, isMissing, namesIn } from '../machine/files';
import { hasTrailer } from './packindex';
import type { Oid } from '../rules/values';

/** Names below objects/: `pack/pack-….pack`, `ab/cdef…`. */
export interface ObjectFiles {
  /** Folders of loose objects that are there: `00` to `ff`. */
  readonly looseFolders: readonly string[];
  /** Names without the ending of what is in pack/: `pack-…`. */
  readonly packs: readonly string[];
  /** What ends with its own checksum and can be made again: indexes, bitmaps, commit graphs. */
  readonly derived: readonly string[];
}

export function listObjectFiles(objects: string): ObjectFiles {
  const inPack = namesIn(path.join(objects, 'pack'));
  const packs = [...new Set(inPack.flatMap((name) => /^(pack-.+)\.(?:pack|idx)$/.exec(name)?.[1] ?? []))].sort();
  const derived = inPack
    .filter((name) =>
      /^(?:pack-.+\.(?:idx|rev|bitmap|mtimes)|multi-pack-index(?:-[0-9a-f]+\.(?:bitmap|rev))?)$/.test(name),
    )
    .map((name) => `pack/${name}`);
  return {
    looseFolders: namesIn(objects)
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .sort(),
    packs,
    derived: [...derived, ...commitGraphs(objects)].sort(),
  };
}

function commitGraphs(objects: string): string[] {
  const split = namesIn(path.join(objects, 'info', 'commit-graphs')).filter((name) => name.endsWith('.graph'));
  const whole = fs.existsSync(path.join(objects, 'info', 'commit-graph')) ? ['info/commit-graph'] : [];
  return [...whole, ...split.map((name) => `info/commit-graphs/${name}`)];
}

/** Loose objects of one folder, as names below objects/. */
export function looseObjects(objects: string, folder: string): string[] {
  return namesIn(path.join(objects, folder))
    .filter((name) => /^[0-9a-f]{38}$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** True also when it went away meanwhile: git packs loose objects, and makes derived files anew. */
export function isDerivedWhole(file: string): boolean {
  try {
    // A pipe would keep us waiting for ever.
    return fs.statSync(file).isFile() && hasTrailer(fs.readFileSync(file));
  } catch (error) {
    return isMissing(error);
  }
}

export function looseOid(name: string): Oid {
  return name.replace('/', '') as Oid;
}

/** Objects above this size are read as a stream, which is slower for small ones, bytes; and what they grow to. */
const wholeMax = 4 << 20;
const inflatedMax = 64 << 20;

/** Its name is the SHA-1 of what it holds. */
export async function isLooseWhole(objects: string, name: string): Promise<boolean> {
  const file = path.join(objects, name);
  try {
    const stat = fs.statSync(file);
    if (!stat.isFile()) return false;
    const sum = (stat.size > wholeMax ? null : wholeSum(file)) ?? (await streamedSum(file));
    return sum === looseOid(name);
  } catch (error) {
    return isMissing(error);
  }
}

/** Null where it grows to more than we hold: a thousand times its size, if somebody wants it. */
function wholeSum(file: string): string | null {
  try {
    const content = zlib.inflateSync(fs.readFileSync(file), { maxOutputLength: inflatedMax });
    return createHash('sha1').update(content).digest('hex');
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return null;
    throw error;
  }
}

async function streamedSum(file: string): Promise<string> {
  const hash = createHash('sha1');
  const sink = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      hash.update(piece);
      done();
    },
  });
  await promisify(pipeline)(fs.createReadStream(file), zlib.createInflate(), sink);
  return hash.digest('hex');
}
