/**
 * Why the passes of a repository fail, for `status`: nobody reads the log of a server that seems well. A failure counts
 * until a pass ends well.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Fault, RepositoryStatus } from '../contract/views';
import { readIfThere, replaceFile } from '../machine/files';
import { failedOrLate, type PassFailure } from '../rules/passfailure';

/** A pass failed. On a full disk it cannot be noted: then the age of the last pass tells it. */
export function noteFailure(state: string, { message, next }: Fault): void {
  const since = readFailure(state)?.since ?? new Date().toISOString();
  try {
    replaceFile(fileOf(state), JSON.stringify({ since, message, next }));
  } catch {
    // The log may be on another disk, and has it.
  }
}

/** A pass ended well: it is parked no longer, either (large.ts). */
export function forgetFailure(state: string): void {
  [fileOf(state), path.join(state, 'parked')].forEach((file) => fs.rmSync(file, { force: true }));
}

/** What keeps `status` from calling this repository well; null when its passes end well. */
export function passFault(one: RepositoryStatus, state: string): Fault | null {
  return failedOrLate(one, readFailure(state));
}

/** Its file counts for as long as it is there. */
function readFailure(state: string): PassFailure | null {
  const text = readIfThere(fileOf(state));
  return text === null ? null : (JSON.parse(text) as PassFailure);
}

function fileOf(state: string): string {
  return path.join(state, 'pass-failed');
}
