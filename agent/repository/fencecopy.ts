/** The repository's copy of the fence, git-handover/fence in it: it travels with the repository, not with the state. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { newFenceValue } from '../git/fencevalue';
import { readOrNull, replaceFile } from '../machine/files';
import type { FenceDoor } from '../rules/values';
import type { Oid } from '../rules/values';

export function openFence(directory: string): FenceDoor {
  const file = path.join(directory, 'git-handover', 'fence');
  return {
    newId: () => randomBytes(8).toString('hex'),
    newValue: newFenceValue,
    copy: () => parseCopy(readOrNull(file)),
    setCopy: (value) => {
      if (value === null) fs.rmSync(file, { force: true });
      else replaceFile(file, `${value}\n`);
    },
  };
}

function parseCopy(text: string | null): Oid | null {
  return text !== null && /^[0-9a-f]{40}\n$/.test(text) ? (text.trimEnd() as Oid) : null;
}
