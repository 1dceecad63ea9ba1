/**
 * The index of a pack (git's gitformat-pack, versions 1 and 2): where each object lies, and the checksum of its bytes
 * in the pack.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import type { Oid } from '../rules/values';

/** Bytes of the checksum at the end of packs, indexes and what git derives from them. */
export const trailerBytes = 20;
export const packHeaderBytes = 12;

export interface PackIndex {
  readonly count: number;
  /** The checksum that stands at the end of the pack. */
  readonly packTrailer: Buffer;
  /** Objects in the order of the pack: `order[0]` is the first one's place in the index. */
  readonly order: Uint32Array;
  oid(place: number): Oid;
  offset(place: number): number;
  /** CRC-32 of the object's bytes in the pack; null in version 1, which has none. */
  crc(place: number): number | null;
}

/** Null when the file is no whole index: cut short, altered, or of another form. */
export function readPackIndex(file: string): PackIndex | null {
  const bytes = fs.readFileSync(file);
  return hasTrailer(bytes) ? parseIndex(bytes) : null;
}

/**
 * The last 20 bytes are the SHA-1 of all before: true of indexes, .rev, .bitmap, .mtimes, multi-pack-index and
 * commit-graph files.
 */
export function hasTrailer(bytes: Buffer): boolean {
  if (bytes.length <= trailerBytes) return false;
  const body = bytes.subarray(0, bytes.length - trailerBytes);
  return createHash('sha1')
    .update(body)
    .digest()
    .equals(bytes.subarray(bytes.length - trailerBytes));
}

const magic = 0xff744f63;
const fanoutBytes = 256 * 4;
/** Upper half of the largest offset that is exact as a number. */
const farHighMax = 2 ** 21 - 1;

function parseIndex(bytes: Buffer): PackIndex | null {
  const isTwo = bytes.readUInt32BE(0) === magic;
  if (isTwo && bytes.readUInt32BE(4) !== 2) return null;
  const start = isTwo ? 8 : 0;
  if (bytes.length < start + fanoutBytes + 2 * trailerBytes) return null;
  const count = bytes.readUInt32BE(start + fanoutBytes - 4);
  // A number that the file has no room for is a lie, and would take the memory of all that it claims.
  const rows = bytes.length - start - fanoutBytes - 2 * trailerBytes;
  if (isTwo ? count * 28 > rows : count * 24 !== rows) return null;
  const columns = isTwo ? columnsOfTwo(bytes, start + fanoutBytes, count) : columnsOfOne(bytes, fanoutBytes);
  if (columns === null) return null;
  const order = Uint32Array.from({ length: count }, (_all, place) => place).sort(
    (a, b) => columns.offset(a) - columns.offset(b),
  );
  return {
    count,
    order,
    packTrailer: bytes.subarray(bytes.length - 2 * trailerBytes, bytes.length - trailerBytes),
    ...columns,
  };
}

type Columns = Pick<PackIndex, 'oid' | 'offset' | 'crc'>;

function columnsOfOne(bytes: Buffer, table: number): Columns {
  const row = (place: number): number => table + place * 24;
  return {
    oid: (place) => bytes.toString('hex', row(place) + 4, row(place) + 24) as Oid,
    offset: (place) => bytes.readUInt32BE(row(place)),
    crc: () => null,
  };
}

/** Null where a far offset leads out of the file, or stands for none that a number can hold. */
function columnsOfTwo(bytes: Buffer, table: number, count: number): Columns | null {
  const crcs = table + count * 20;
  const offsets = crcs + count * 4;
  const far = offsets + count * 4;
  const farCount = (bytes.length - 2 * trailerBytes - far) / 8;
  for (let place = 0; place < count; place += 1) {
    const near = bytes.readUInt32BE(offsets + place * 4);
    const row = near - 0x80000000;
    if (row >= farCount || (row >= 0 && bytes.readUInt32BE(far + row * 8) > farHighMax)) return null;
  }
  return {
    oid: (place) => bytes.toString('hex', table + place * 20, table + place * 20 + 20) as Oid,
    crc: (place) => bytes.readUInt32BE(crcs + place * 4),
    offset: (place) => {
      const near = bytes.readUInt32BE(offsets + place * 4);
      return near < 0x80000000 ? near : Number(bytes.readBigUInt64BE(far + (near - 0x80000000) * 8));
    },
  };
}
