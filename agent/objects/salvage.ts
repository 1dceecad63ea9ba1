/**
 * Saves what can still be read of a damaged pack: a new pack of the objects whose bytes are as they were written.
 * Objects lie there as they are; only a delta that names its base by distance names it by id now. git checks every hash
 * when it indexes the result.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { checkObjects, endOf, PackReader } from './packcheck';
import { trailerBytes, type PackIndex } from './packindex';
import type { Oid } from '../rules/values';

interface Entry {
  readonly turn: number;
  /** The header as it is written anew. */
  readonly head: Buffer;
  /** Where the packed bytes begin. */
  readonly body: number;
  /** What it is a delta of; null for a whole object. */
  readonly base: Oid | null;
}

const headBytesMax = 64;

/** Writes the pack, without its index. Answers how many objects it saves; with none nothing is written. */
export async function salvagePack(file: string, index: PackIndex, target: string): Promise<number> {
  const reader = new PackReader(file, () => Promise.resolve());
  try {
    const { bad } = await checkObjects(reader, index, 0, () => false);
    const entries = withBases(await readEntries(reader, index, new Set(bad)), index);
    if (entries.length > 0) await writePack(reader, index, entries, target);
    return entries.length;
  } finally {
    reader.close();
  }
}

async function readEntries(reader: PackReader, index: PackIndex, bad: ReadonlySet<number>): Promise<Entry[]> {
  const byOffset = new Map<number, number>();
  const entries: Entry[] = [];
  for (let turn = 0; turn < index.count; turn += 1) {
    const place = index.order[turn] ?? 0;
    const offset = index.offset(place);
    byOffset.set(offset, place);
    if (bad.has(place)) continue;
    const entry = parseHead(await headOf(reader, offset), { turn, offset }, (at) => byOffset.get(at), index);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** A piece may end within a header. */
async function headOf(reader: PackReader, offset: number): Promise<Buffer> {
  const first = Buffer.from(await reader.read(offset, headBytesMax));
  return first.length === headBytesMax
    ? first
    : Buffer.concat([first, await reader.read(offset + first.length, headBytesMax - first.length)]);
}

const distanceDelta = 6;
const idDelta = 7;

/** gitformat-pack: three bits of type, then the size in groups of seven bits; for deltas the base. */
function parseHead(
  bytes: Buffer,
  { turn, offset }: { turn: number; offset: number },
  placeAt: (offset: number) => number | undefined,
  index: PackIndex,
): Entry | null {
  const type = ((bytes[0] ?? 0) >> 4) & 7;
  let size = 1;
  while (((bytes[size - 1] ?? 0) & 0x80) !== 0) size += 1;
  if (type === idDelta)
    return {
      turn,
      head: bytes.subarray(0, size + 20),
      body: offset + size + 20,
      base: bytes.toString('hex', size, size + 20) as Oid,
    };
  if (type !== distanceDelta) return { turn, head: bytes.subarray(0, size), body: offset + size, base: null };
  const { distance, end } = readDistance(bytes, size);
  const place = placeAt(offset - distance);
  if (place === undefined) return null;
  const head = Buffer.concat([bytes.subarray(0, size), Buffer.from(index.oid(place), 'hex')]);
  head[0] = ((head[0] ?? 0) & 0x8f) | (idDelta << 4);
  return { turn, head, body: offset + end, base: index.oid(place) };
}

function readDistance(bytes: Buffer, start: number): { distance: number; end: number } {
  let at = start;
  let distance = (bytes[at] ?? 0) & 0x7f;
  while (((bytes[at] ?? 0) & 0x80) !== 0) {
    at += 1;
    distance = (distance + 1) * 128 + ((bytes[at] ?? 0) & 0x7f);
  }
  return { distance, end: at + 1 };
}

/** Only objects that rest on nothing but what is saved as well. */
function withBases(entries: readonly Entry[], index: PackIndex): Entry[] {
  const saved = new Set<Oid>();
  let open = [...entries];
  for (let before = -1; before !== open.length;) {
    before = open.length;
    const ready = open.filter(({ base }) => base === null || saved.has(base));
    ready.forEach(({ turn }) => saved.add(index.oid(index.order[turn] ?? 0)));
    open = open.filter(({ base }) => base !== null && !saved.has(base));
  }
  return entries.filter(({ turn }) => saved.has(index.oid(index.order[turn] ?? 0)));
}

async function writePack(
  reader: PackReader,
  index: PackIndex,
  entries: readonly Entry[],
  target: string,
): Promise<void> {
  const hash = createHash('sha1');
  const descriptor = fs.openSync(target, 'wx', 0o444);
  const write = (bytes: Buffer): void => {
    hash.update(bytes);
    fs.writeFileSync(descriptor, bytes);
  };
  try {
    const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
    header.writeUInt32BE(entries.length, 8);
    write(header);
    for (const { turn, head, body } of entries) {
      write(head);
      await copy(reader, body, endOf(reader, index, turn), write);
    }
    const trailer = hash.digest();
    fs.writeFileSync(descriptor, trailer.subarray(0, trailerBytes));
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

async function copy(reader: PackReader, start: number, end: number, write: (bytes: Buffer) => void): Promise<void> {
  for (let offset = start; offset < end;) {
    const bytes = await reader.read(offset, end - offset);
    if (bytes.length === 0) throw new Error(`expected ${end - offset} more bytes of a pack, got none`);
    write(bytes);
    offset += bytes.length;
  }
}
