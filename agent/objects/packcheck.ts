/**
 * Reads a pack from end to end against its index, a piece at a time: each object's bytes have their CRC-32 in the
 * index.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { packHeaderBytes, trailerBytes, type PackIndex } from './packindex';

/** Waits so long that reading stays slow; called for every piece that was read. */
export type Pace = (bytes: number) => Promise<void>;

const pieceBytes = 1 << 20;

/**
 * The file, read in pieces that follow each other. Bytes beyond its end, or that the disk does not give, are left out.
 */
export class PackReader {
  readonly size: number;
  private readonly descriptor: number;
  private readonly pace: Pace;
  private piece = Buffer.alloc(0);
  private start = 0;

  constructor(file: string, pace: Pace) {
    this.descriptor = fs.openSync(file, 'r');
    this.size = fs.fstatSync(this.descriptor).size;
    this.pace = pace;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  /** At most a piece from `offset` on; fewer bytes than asked for at the end, none where the disk fails. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < this.start || offset >= this.start + this.piece.length) await this.load(offset);
    const from = offset - this.start;
    return this.piece.subarray(from, Math.min(from + length, this.piece.length));
  }

  private async load(offset: number): Promise<void> {
    const piece = Buffer.alloc(Math.max(0, Math.min(pieceBytes, this.size - offset)));
    let got = 0;
    try {
      got = piece.length === 0 ? 0 : fs.readSync(this.descriptor, piece, 0, piece.length, offset);
    } catch {
      // A bad sector: what lies there counts as damaged.
    }
    this.piece = piece.subarray(0, got);
    this.start = offset;
    await this.pace(got);
  }
}

export interface PackStep {
  /** Places in the index of objects whose bytes are not those that were written. */
  readonly bad: number[];
  /** Where to go on in `order`; null at the end. */
  readonly next: number | null;
}

/** Checks objects from `order[from]` on until `isOver` says that it is enough for now. */
export async function checkObjects(
  reader: PackReader,
  index: PackIndex,
  from: number,
  isOver: () => boolean,
): Promise<PackStep> {
  const bad: number[] = [];
  for (let turn = from; turn < index.count; turn += 1) {
    if (turn > from && isOver()) return { bad, next: turn };
    const place = index.order[turn] ?? 0;
    const sum = await crcOf(reader, index.offset(place), endOf(reader, index, turn));
    if (sum !== index.crc(place)) bad.push(place);
  }
  return { bad, next: null };
}

/** An object ends where the next one begins. */
export function endOf(reader: PackReader, index: PackIndex, turn: number): number {
  return turn + 1 < index.count ? index.offset(index.order[turn + 1] ?? 0) : reader.size - trailerBytes;
}

async function crcOf(reader: PackReader, start: number, end: number): Promise<number | null> {
  let crc = -1;
  for (let offset = start; offset < end;) {
    const bytes = await reader.read(offset, end - offset);
    if (bytes.length === 0) return null;
    crc = crc32(crc, bytes);
    offset += bytes.length;
  }
  return end > start ? ~crc >>> 0 : null;
}

const table = Int32Array.from({ length: 256 }, (_all, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(start: number, bytes: Buffer): number {
  let crc = start;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return crc;
}

/**
 * Header and trailer: what lies between is the objects'. False for a pack that is cut short, or belongs to another
 * index.
 */
export async function isFramed(reader: PackReader, index: PackIndex): Promise<boolean> {
  const header = await reader.read(0, packHeaderBytes);
  if (
    header.length < packHeaderBytes ||
    header.toString('latin1', 0, 4) !== 'PACK' ||
    header.readUInt32BE(8) !== index.count
  )
    return false;
  const trailer = await reader.read(reader.size - trailerBytes, trailerBytes);
  return (
    trailer.equals(index.packTrailer) && (index.count === 0 || index.offset(index.order[0] ?? 0) === packHeaderBytes)
  );
}

/** For indexes of version 1: the checksum of the whole pack, in one go. */
export async function hasPackTrailer(reader: PackReader): Promise<boolean> {
  const hash = createHash('sha1');
  const end = reader.size - trailerBytes;
  for (let offset = 0; offset < end;) {
    const bytes = await reader.read(offset, end - offset);
    if (bytes.length === 0) return false;
    hash.update(bytes);
    offset += bytes.length;
  }
  return hash.digest().equals(await reader.read(end, trailerBytes));
}
