/** How many refs a repository has packed, without git and without reading them into memory. */
import * as fs from 'node:fs';
import * as path from 'node:path';

const chunkBytes = 1024 * 1024;
const newline = 0x0a;
/** Lines that are no ref: what an annotated tag points to, and the header. */
const others: readonly (number | undefined)[] = [0x5e, 0x23];

export function packedBytes(directory: string): number {
  return fs.statSync(path.join(directory, 'packed-refs'), { throwIfNoEntry: false })?.size ?? 0;
}

/** Loose ones are not among them. */
export function countPackedRefs(directory: string): number {
  const file = path.join(directory, 'packed-refs');
  if (packedBytes(directory) === 0) return 0;
  const descriptor = fs.openSync(file, 'r');
  try {
    return countIn(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function countIn(descriptor: number): number {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const next = (): Buffer => chunk.subarray(0, fs.readSync(descriptor, chunk));
  let refs = 0;
  let before = newline;
  for (let read = next(); read.length > 0; read = next()) {
    refs += beginningsIn(read, before);
    before = read[read.length - 1] ?? before;
  }
  return refs;
}

/** Lines that begin here and name a ref. `before`: the byte in front of it. */
function beginningsIn(read: Buffer, before: number): number {
  let found = 0;
  for (let at = 0; at < read.length; at += 1)
    if ((at === 0 ? before : read[at - 1]) === newline && !others.includes(read[at])) found += 1;
  return found;
}
