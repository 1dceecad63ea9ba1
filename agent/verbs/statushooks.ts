/** What `status` shows of the repository's own hooks that run for what came from GitLab. */
import type { RefTrouble } from '../contract/views';
import { hookToRun, laterHooks } from '../git/ownhooks';
import { ownHooksFolder } from '../repository/hooks';
import type { Repository } from '../repository/open';
import { failingHooks, unheardSinceMs } from '../repository/ownhooks';
import { sharedFor } from '../repository/sharing';

/** Deploys take minutes; longer than this people want to know. */
const longMs = 10 * 60_000;

/** A hook that is no longer there, or not to be run, fails no more. */
export function hookTroubles({ state, hooks, config }: Repository): RefTrouble[] {
  const place = { ownHooks: ownHooksFolder(hooks), shared: sharedFor(state) !== 'nobody' };
  const present = laterHooks.filter((name) => config.hooksAfterPass && hookToRun(place, name) !== null);
  const shared = { kind: 'failing', old: null, gitlab: null, agreed: null } as const;
  const failing = failingHooks(state)
    .filter(({ hook }) => present.some((name) => name === hook))
    .map(({ hook, since, words }) => ({
      ...shared,
      ref: hook,
      since,
      words,
      next: `Mend ${place.ownHooks}/${hook} on the old server: it runs with the next change from GitLab, and this goes when it ends well. Or set \`hooksAfterPass: false\`.`,
    }));
  const sinceMs = unheardSinceMs(state);
  if (sinceMs === null || Date.now() - sinceMs < longMs || present.length === 0) return failing;
  const [hook = ''] = present;
  return [
    ...failing,
    {
      ...shared,
      ref: hook,
      since: new Date(sinceMs).toISOString(),
      words: `${present.join(' and ')} did not end yet for a change that came from GitLab then. Each is ended after \`agent.leaseSeconds\`.`,
      next: 'Look on the old server what it waits for; with it this goes.',
    },
  ];
}
