/**
 * Who asks: Node cannot ask the kernel for a peer's account, so whoever asks makes a file with a name and a content
 * that we choose. Its owner is who asks, and may write to the repository. The content is what nobody's other file,
 * moved to that name, would have.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import type { Challenge } from './askwords';
import { createBelow, namesBelow, openFileBelow, removeBelow, statBelow, type Spot } from '../machine/below';
import { proofFolder } from '../repository/sharing';

/** Readable for the repository's group, which the agent is in. */
const proofMode = 0o640;
const leftoverMs = 60_000;

export function newChallenge(): Challenge {
  return { nonce: randomBytes(16).toString('hex'), proof: randomBytes(16).toString('hex') };
}

/** The account, or null when there is no such proof. It goes with the look at it. */
export function proverOf(directory: string, { nonce, proof }: Challenge): number | null {
  const spot = proofSpot(directory, nonce);
  try {
    return ownerOfPlain(spot, proof);
  } catch {
    return null;
  } finally {
    forget(spot);
    sweep(directory);
  }
}

function proofSpot(directory: string, name: string): Spot {
  return { root: directory, name: `${proofFolder}/${name}` };
}

function ownerOfPlain(spot: Spot, proof: string): number | null {
  return openFileBelow(spot, (descriptor, stat) => {
    const isProof =
      stat.isFile() && stat.nlink === 1 && (stat.mode & 0o7777) === proofMode && stat.size === proof.length;
    return isProof && fs.readFileSync(descriptor, 'latin1') === proof ? stat.uid : null;
  });
}

/** From whoever asks. Throws where this account may not write to the repository. Answers what takes it away again. */
export function prove(directory: string, { nonce, proof }: Challenge): () => void {
  const spot = proofSpot(directory, nonce);
  createBelow(spot, proof, proofMode);
  return () => forget(spot);
}

/** Whether it is there or not, and also where it cannot be removed. */
function forget(spot: Spot): void {
  try {
    removeBelow(spot);
  } catch {
    return;
  }
}

/** Of those who were killed in between. A date ahead is one of a clock that was set back. */
function sweep(directory: string): void {
  for (const name of leftIn(directory)) {
    const stat = statBelow(proofSpot(directory, name));
    if (stat !== null && Math.abs(Date.now() - stat.mtimeMs) > leftoverMs) forget(proofSpot(directory, name));
  }
}

/** Behind a link nothing is ours to sweep. */
function leftIn(directory: string): string[] {
  try {
    return namesBelow({ root: directory, name: proofFolder });
  } catch {
    return [];
  }
}
