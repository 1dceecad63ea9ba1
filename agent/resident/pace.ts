/**
 * How soon a repository is looked at again by itself. Pure. Wake-ups (hooks, webhooks) come on top and need none of
 * this.
 */
import { phaseTable, type Phase } from '../contract/phase';

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
/** Where something may come from GitLab or wait to go there. */
const leastOftenMs = 60 * secondMs;
/** A push that runs ends soon. */
const openMs = 2 * secondMs;
const failedMs = { first: 5 * secondMs, most: leastOftenMs };
/**
 * Without webhooks: soon after something moved, then each time half as often. GitLab's limit is 600 a minute and
 * project.
 */
const askMs = { first: 2 * secondMs, most: leastOftenMs };
/** With webhooks, only for those that were lost. */
const heardMs = leastOftenMs;
/** `mirror` is woken by its hooks; what comes without them is found by this. */
const mirrorMs = leastOftenMs;
/** Only the hooks are looked at. */
const restingMs = 600 * secondMs;

/**
 * Looks that come oftener than once a minute, of all repositories together: five a second, or with 300 of them they
 * would keep a processor busy.
 */
const apartMs = 200;

/** What hangs on the server, not on the one repository. */
export interface Server {
  readonly webhooks: boolean;
  /** How many repositories are due oftener than once a minute, this one among them. */
  readonly lively: number;
}

/** How long it may wait for its next look, ms. */
export function nextLookMs(pace: Pace, { webhooks, lively }: Server): number {
  const ownMs = aloneMs(pace, webhooks);
  return pace.open && pace.failed === 0 ? ownMs : Math.max(ownMs, Math.min(leastOftenMs, lively * apartMs));
}

export function isLively(pace: Pace, webhooks: boolean): boolean {
  return aloneMs(pace, webhooks) < leastOftenMs;
}

/** With no other repository there. */
function aloneMs({ phase, quiet, failed, open }: Pace, webhooks: boolean): number {
  const row = phaseTable[phase];
  if (failed > 0) return doubled(failedMs, failed - 1);
  if (open) return openMs;
  if (row.toGitlab === 'pass') return mirrorMs;
  if (!row.toOld) return restingMs;
  return webhooks ? heardMs : doubled(askMs, quiet);
}

function doubled({ first, most }: { first: number; most: number }, times: number): number {
  return Math.min(most, first * 2 ** Math.min(times, 16));
}
