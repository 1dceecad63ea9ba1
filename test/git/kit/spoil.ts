/** What a dying disk does to a repository, done on purpose. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Pair } from './pair';

/** The only pack of old, without its ending. Everything that was loose is in it. */
export async function packAll(pair: Pair): Promise<string> {
  await pair.must(pair.old, 'repack', '-a', '-d', '--quiet');
  await pair.must(pair.old, 'pack-refs', '--all');
  const [name = ''] = fs.readdirSync(path.join(pair.old, 'objects/pack')).filter((file) => file.endsWith('.pack'));
  return path.join(pair.old, 'objects/pack', name.replace(/\.pack$/, ''));
}

/** Local clones share files by hard links: what rots here must not rot there. */
function own(file: string): void {
  fs.copyFileSync(file, `${file}.own`);
  fs.renameSync(`${file}.own`, file);
  fs.chmodSync(file, 0o644);
}

export function truncate(file: string, keep = 0.5): void {
  own(file);
  fs.truncateSync(file, Math.floor(fs.statSync(file).size * keep));
}

/** Turns one byte over. */
export function rot(file: string, at: number): void {
  own(file);
  const descriptor = fs.openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  fs.readSync(descriptor, byte, 0, 1, at);
  fs.writeSync(descriptor, Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, at);
  fs.closeSync(descriptor);
}

export function looseFile(pair: Pair, oid: string): string {
  return path.join(pair.old, 'objects', oid.slice(0, 2), oid.slice(2));
}

/** Every file of the repository with its bytes, as one picture; folders that only commands of ours use are left out. */
export function everyByte(folder: string): string {
  const entries = fs.readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  return files.map((file) => `${path.relative(folder, file)} ${fs.readFileSync(file).toString('base64')}`).join('\n');
}
