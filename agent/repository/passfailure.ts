/**
 * Why the passes of a repository fail, for `status`: nobody reads the log of a server that seems well. A failure counts
 * until a pass ends well.
 */
import * as path from 'node:path';
import type { Fault } from '../contract/contract';
import { environment } from '../contract/errors';
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
  if (failure !== null)
    return environment(
      'pass-failed',
      `Cannot keep both sides of ${repository} level as its passes must end well: since ${failure.since} they fail. ${failure.message}`,
      failure.next,
    ).fault;
  if (lastPass === null || Date.now() - Date.parse(lastPass) < staleMs) return null;
  return environment(
    'pass-late',
    `Cannot keep both sides of ${repository} level as a pass must end every ${staleMs / 60_000} minutes: the last one ended at ${lastPass}.`,
    'Check on the old server that the timer runs (`agent.timer`) and that the disk of `server.folder` is not full; log/agent.jsonl there says more.',
  ).fault;
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
