/**
 * Why the passes of a repository fail, for `status`: nobody reads the log of a server that seems well. A failure counts
 * until a pass ends well.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Fault, RepositoryStatus } from '../contract/views';
import { faults } from '../contract/faults';
import { readIfThere, replaceFile } from '../machine/files';

/** The timer's slowest is one pass a minute; a whole server of repositories may take some. */
const staleMs = 10 * 60_000;

interface Failure {
  /** Of the first pass that failed since one ended well. */
  readonly since: string;
  readonly message: string;
  readonly next: string;
}

/** A pass failed. On a full disk it cannot be noted: then the age of the last pass tells it. */
export function noteFailure(state: string, { message, next }: Fault): void {
  const since = readFailure(state)?.since ?? new Date().toISOString();
  try {
    replaceFile(fileOf(state), JSON.stringify({ since, message, next }));
  } catch {
    // The log may be on another disk, and has it.
  }
}

/** A pass ended well. */
export function forgetFailure(state: string): void {
  fs.rmSync(fileOf(state), { force: true });
}

/** What keeps `status` from calling this repository well; null when its passes end well. No clock on a wall decides. */
export function passFault(
  { path: repository, lastPass, sinceLastPassMs }: RepositoryStatus,
  state: string,
): Fault | null {
  const failure = readFailure(state);
  if (failure !== null) return faults.passFailed({ path: repository, ...failure }).fault;
  if (lastPass === null || (sinceLastPassMs ?? 0) < staleMs) return null;
  return faults.passLate({ path: repository, minutes: staleMs / 60_000, lastPass }).fault;
}

/** Its file counts for as long as it is there. */
function readFailure(state: string): Failure | null {
  const text = readIfThere(fileOf(state));
  return text === null ? null : (JSON.parse(text) as Failure);
}

function fileOf(state: string): string {
  return path.join(state, 'pass-failed');
}
