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
  let refs = 0;
  let begins = true;
  for (let length = fs.readSync(descriptor, chunk); length > 0; length = fs.readSync(descriptor, chunk))
    for (const byte of chunk.subarray(0, length)) {
      if (begins && !others.includes(byte)) refs += 1;
      begins = byte === newline;
    }
  return refs;
}
