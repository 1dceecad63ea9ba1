/**
 * Who asks: Node cannot ask the kernel for a peer's account, so whoever asks makes a file with a name and a content
 * that we choose. Its owner is who asks, and may write to the repository. The content is what nobody's other file,
 * moved to that name, would have.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Challenge } from './askwords';
import { namesIn } from '../machine/files';
import { proofFolder } from '../repository/sharing';

/** Readable for the repository's group, which the agent is in. */
const proofMode = 0o640;
const leftoverMs = 60_000;

export function newChallenge(): Challenge {
  return { nonce: randomBytes(16).toString('hex'), proof: randomBytes(16).toString('hex') };
}

/** The account, or null when there is no such proof. It goes with the look at it. */
export function proverOf(directory: string, { nonce, proof }: Challenge): number | null {
  const file = path.join(proofFolder(directory), nonce);
  try {
    return ownerOfPlain(file, proof);
  } catch {
    return null;
  } finally {
    forget(file);
    sweep(proofFolder(directory));
  }
}

function ownerOfPlain(file: string, proof: string): number | null {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  try {
    const stat = fs.fstatSync(descriptor);
    const isProof =
      stat.isFile() && stat.nlink === 1 && (stat.mode & 0o7777) === proofMode && stat.size === proof.length;
    return isProof && fs.readFileSync(descriptor, 'latin1') === proof ? stat.uid : null;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** From whoever asks. Throws where this account may not write to the repository. Answers what takes it away again. */
export function prove(directory: string, { nonce, proof }: Challenge): () => void {
  const file = path.join(proofFolder(directory), nonce);
  const descriptor = fs.openSync(file, 'wx', proofMode);
  try {
    fs.fchmodSync(descriptor, proofMode);
    fs.writeFileSync(descriptor, proof);
  } finally {
    fs.closeSync(descriptor);
  }
  return () => forget(file);
}

function forget(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    return;
  }
}

/** Of those who were killed in between. A date ahead is one of a clock that was set back. */
function sweep(folder: string): void {
  for (const name of namesIn(folder)) {
    const stat = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > leftoverMs) forget(path.join(folder, name));
  }
}
