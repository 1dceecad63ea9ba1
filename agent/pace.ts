/** How soon a repository is looked at again by itself. Pure. Wake-ups (hooks, webhooks) come on top and need none of this. */
import { phaseTable, type Phase } from './phase';

/** What the last looks saw. */
export interface Pace {
  readonly phase: Phase;
  /** Looks in a row that found nothing to bring anywhere. */
  readonly quiet: number;
  /** Looks in a row that failed. */
  readonly failed: number;
  /** Something waits: a push that runs, or a request without an answer. */
  readonly open: boolean;
}

const secondMs = 1000;
/** A push that runs ends soon. */
const openMs = 2 * secondMs;
const failedMs = { first: 5 * secondMs, most: 60 * secondMs };
/** Without webhooks: soon after something moved, then each time half as often. GitLab's limit is 600 a minute and project. */
const askMs = { first: 2 * secondMs, most: 60 * secondMs };
/** With webhooks, only for those that were lost. */
const heardMs = 60 * secondMs;
/** `mirror` is woken by its hooks; what comes without them is found by this. */
const mirrorMs = 60 * secondMs;
/** Only the hooks are looked at. */
const restingMs = 600 * secondMs;

export function nextLookMs({ phase, quiet, failed, open }: Pace, webhooks: boolean): number {
  const row = phaseTable[phase];
  if (failed > 0) return doubled(failedMs, failed - 1);
  if (open) return openMs;
  if (row.toGitlab === 'worker') return mirrorMs;
  if (!row.toOld) return restingMs;
  return webhooks ? heardMs : doubled(askMs, quiet);
}

function doubled({ first, most }: { first: number; most: number }, times: number): number {
  return Math.min(most, first * 2 ** Math.min(times, 16));
}
