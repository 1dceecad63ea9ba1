/** Whether `status` calls the passes of a repository well. Pure; no clock on a wall decides. */
import { faults } from '../contract/faults';
import type { Fault, RepositoryStatus } from '../contract/views';

/** The timer's slowest is one pass a minute; a whole server of repositories may take some. */
const staleMs = 10 * 60_000;

export interface PassFailure {
  /** Of the first pass that failed since one ended well. */
  readonly since: string;
  readonly message: string;
  readonly next: string;
}

/** Null when the last pass ended well and lately. */
export function failedOrLate(
  { path, lastPass, sinceLastPassMs }: Pick<RepositoryStatus, 'path' | 'lastPass' | 'sinceLastPassMs'>,
  failure: PassFailure | null,
): Fault | null {
  if (failure !== null) return faults.passFailed({ path, ...failure }).fault;
  if (lastPass === null || (sinceLastPassMs ?? 0) < staleMs) return null;
  return faults.passLate({ path, minutes: staleMs / 60_000, lastPass }).fault;
}
