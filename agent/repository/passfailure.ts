/**
 * Why the passes of a repository fail, for `status`: nobody reads the log of a server that seems well. A failure counts
 * until a pass ends well.
 */
import * as path from 'node:path';
import type { Fault } from '../contract/views';
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
export function noteFailure(state: string, lastPass: string | null, { message, next }: Fault): void {
  const since = readFailure(state, lastPass)?.since ?? new Date().toISOString();
  try {
    replaceFile(fileOf(state), JSON.stringify({ since, message, next }));
  } catch {
    // The log may be on another disk, and has it.
  }
}

/** What keeps `status` from calling this repository well; null when its passes end well. */
export function passFault(repository: string, state: string, lastPass: string | null): Fault | null {
  const failure = readFailure(state, lastPass);
  if (failure !== null) return faults.passFailed({ path: repository, ...failure }).fault;
  if (lastPass === null || Date.now() - Date.parse(lastPass) < staleMs) return null;
  return faults.passLate({ path: repository, minutes: staleMs / 60_000, lastPass }).fault;
}

function readFailure(state: string, lastPass: string | null): Failure | null {
  const text = readIfThere(fileOf(state));
  if (text === null) return null;
  const { since, message, next } = JSON.parse(text) as Failure;
  return lastPass !== null && since <= lastPass ? null : { since, message, next };
}

function fileOf(state: string): string {
  return path.join(state, 'pass-failed');
}
