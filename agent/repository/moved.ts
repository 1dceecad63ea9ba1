/**
 * <state>/moved: the last change of phase, for whoever would undo it. One that is gone, cannot be read or is about
 * another phase counts as none.
 */
import * as path from 'node:path';
import type { Phase } from '../contract/phase';
import { readSealed, writeSealed } from '../machine/files';
import { toBytes, toText } from '../rules/bytes';

interface Moved {
  readonly to: Phase;
  /** ISO time. */
  readonly time: string;
  readonly who: string;
}

/** The change itself is over: that it cannot be written down does not undo it. */
export function noteMoved(state: string, moved: Moved): void {
  try {
    writeSealed(path.join(state, 'moved'), toBytes(JSON.stringify(moved)));
  } catch {
    // On a full disk. The log, which may be on another one, has the change as well.
  }
}

/** Who brought it into this phase. */
export function lastMoved(state: string, phase: Phase): Moved | null {
  try {
    const body = readSealed(path.join(state, 'moved'));
    const moved = body === null ? null : (JSON.parse(toText(body)) as Moved);
    return moved?.to === phase ? moved : null;
  } catch {
    return null;
  }
}
