/** The repository's copy of the fence, git-handover/fence in it: it travels with the repository, not with the state. */
import { randomBytes } from 'node:crypto';
import { newFenceValue } from '../git/fencevalue';
import { readBelow, removeBelow, replaceBelow, type Spot } from '../machine/below';
import type { FenceDoor } from '../rules/values';
import type { Oid } from '../rules/values';

export function openFence(directory: string): FenceDoor {
  const spot = { root: directory, name: 'git-handover/fence' };
  return {
    newId: () => randomBytes(8).toString('hex'),
    newValue: newFenceValue,
    copy: () => parseCopy(readOrNull(spot)),
    setCopy: (value) => {
      if (value === null) removeBelow(spot);
      else replaceBelow(spot, `${value}\n`);
    },
  };
}

/** What cannot be read is lost, and said so. */
function readOrNull(spot: Spot): string | null {
  try {
    return readBelow(spot);
  } catch {
    return null;
  }
}

function parseCopy(text: string | null): Oid | null {
  return text !== null && /^[0-9a-f]{40}\n$/.test(text) ? (text.trimEnd() as Oid) : null;
}
