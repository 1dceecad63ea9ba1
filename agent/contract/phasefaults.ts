/** Why a repository does not change its phase. */
import { legalMoves, type Phase } from './phase';
import { environment, mistake } from './fault';

const app = '/srv/git/app.git';

interface RefInTrouble {
  readonly ref: string;
  readonly kind: string;
  readonly words: string;
}

function describe({ ref, kind, words }: RefInTrouble): string {
  return `${ref} is ${kind === 'conflict' ? 'in conflict' : kind} (${words})`;
}

export const phaseFaults = {
  illegalMove: mistake(
    'illegal-move',
    ({ path, from, to }: { path: string; from: Phase; to: Phase }) => {
      const legal = legalMoves(from).join(', ');
      const abandon = to === 'old' ? ' To leave GitLab behind, set `abandon: true` for this repository.' : '';
      return [
        `Cannot move ${path} from ${from} to ${to}: only one step at a time is legal, and from ${from} it is ${legal}.`,
        `Set its phase to one of: ${legal}.${abandon}`,
      ];
    },
    { path: app, from: 'mirror', to: 'warn' },
  ),
  beginsInOld: mistake(
    'begins-in-old',
    ({ path, to }: { path: string; to: Phase }) => [
      `Cannot begin ${path} in ${to}: a repository begins in old, and from old it is mirror.`,
      'Set its phase to old or mirror first.',
    ],
    { path: app, to: 'both' },
  ),
  troubles: mistake(
    'troubles',
    ({ path, to, troubles }: { path: string; to: Phase | null; troubles: readonly RefInTrouble[] }) => [
      `Cannot change the phase of ${path}${to === null ? '' : ` to ${to}`}: ${troubles.map(describe).join('; ')}.`,
      'See `npm run status`, which prints the `npm run resolve` that settles each; or mend the cause. Then run `pulumi up` again.',
    ],
    { path: app, to: 'both', troubles: [{ ref: 'refs/heads/main', kind: 'conflict', words: 'both sides moved on' }] },
  ),
  movedOn: environment(
    'moved-on',
    ({ path, before, now }: { path: string; before: Phase; now: Phase }) => [
      `Cannot change the phase of ${path}: it is no longer ${before}, another change moved on to ${now}.`,
      'Run `pulumi up` again.',
    ],
    { path: app, before: 'mirror', now: 'both' },
  ),
  held: environment(
    'held',
    ({ path }: { path: string }) => [
      `Cannot change the phase of ${path}: another change of phase is running.`,
      'Wait for it, then run `pulumi up` again.',
    ],
    { path: app },
  ),
  holdExpired: environment(
    'hold-expired',
    ({ path, holdMs, what }: { path: string; holdMs: number; what: string }) => [
      `Cannot change the phase of ${path}: both sides were not level within the hold of ${holdMs} ms (${what}). It stays in its phase.`,
      'Run `pulumi up` again, or raise `agent.holdSeconds`.',
    ],
    { path: app, holdMs: 60_000, what: 'the hold ran out' },
  ),
  stillDifferent: environment(
    'still-different',
    ({ path, refs }: { path: string; refs: readonly string[] }) => [
      `Cannot change the phase of ${path}: both sides still differ after many passes, at ${refs.join(', ')}. It stays in its phase.`,
      'See `npm run status` and `npm run verify`, then run `pulumi up` again.',
    ],
    { path: app, refs: ['refs/heads/main'] },
  ),
  olderPushes: mistake(
    'older-pushes',
    ({ path, pids }: { path: string; pids: readonly number[] }) => [
      `Cannot start the copy of ${path}: pushes that began before the hooks were installed still run (processes ${pids.join(', ')}).`,
      'Wait for them, or set `endOlderPushes: true` for this repository, and run `pulumi up` again.',
    ],
    { path: app, pids: [4711] },
  ),
  foreignPush: environment(
    'foreign-push',
    ({ path, pids, from }: { path: string; pids: readonly number[]; from: string | null | undefined }) => [
      `Cannot go on with ${path}: a push is beyond its limit, and the agent's account may not end it (processes ${pids.join(', ')}${from ? ` of ${from}` : ''}).`,
      `Have whoever pushes, or root, end it on the old server (\`kill ${pids.join(' ')}\`), then run \`pulumi up\` again.`,
    ],
    { path: app, pids: [4711, 4712], from: 'ada' },
  ),
  phaseOpen: mistake(
    'phase-open',
    ({ open }: { open: readonly { readonly path: string; readonly phase: Phase }[] }) => [
      `Cannot let go of a repository that is neither old nor retired, both servers would take pushes that nobody brings together: ${open.map(({ path, phase }) => `${path} is ${phase}`).join(', ')}. Nothing was touched.`,
      'Put it back under `repositories`; move it to retired, or back to old with `abandon: true`; then drop it. One agent folder belongs to one stack.',
    ],
    { open: [{ path: app, phase: 'both' }] },
  ),
  lateHook: mistake(
    'late-hook',
    ({ path, hook, name }: { path: string; hook: string; name: string }) => [
      `Cannot move ${path} to both: it has ${hook}, which could decline a push after GitLab took it.`,
      `Move what ${name} checks to pre-receive, then remove it.`,
    ],
    { path: app, hook: `${app}/hooks/reference-transaction`, name: 'reference-transaction' },
  ),
  hiddenRefs: mistake(
    'hidden-refs',
    ({ path, hidden }: { path: string; hidden: readonly string[] }) => [
      `Cannot move ${path} to both: git on the old server would refuse what GitLab took, receive.hideRefs or transfer.hideRefs hides ${hidden.join(', ')}.`,
      'Remove the setting from the configuration of the repository, its account or the server; what it kept people from, refuse in pre-receive.',
    ],
    { path: app, hidden: ['refs/heads/release'] },
  ),
  unhookedWriters: mistake(
    'unhooked-writers',
    ({ path, changes }: { path: string; changes: number }) => [
      `Cannot move ${path} to both: ${changes} changes in the last seven days did not go through the hooks.`,
      'Find and stop their writers (cron, update-ref, http), or set `acknowledgeUnhookedWriters: true` for this repository: in both such changes are undone.',
    ],
    { path: app, changes: 3 },
  ),
  unlistedNamespace: mistake(
    'unlisted-namespace',
    ({ path, namespace }: { path: string; namespace: string }) => [
      `Cannot move ${path} to both: it has refs in a namespace that is neither listed nor waived, below ${namespace}.`,
      `Add ${namespace} to \`namespaces\` or \`waivedNamespaces\` of this repository.`,
    ],
    { path: app, namespace: 'refs/changes/' },
  ),
};
