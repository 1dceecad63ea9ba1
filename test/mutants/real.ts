/**
 * Mistakes planted in the product itself (agent, hooks, stacks), each with the tests that must catch it: real git, real
 * hooks, a real sshd. `npm run mutants -- --real` plants them one after the other in a scratch copy.
 */
import type { Edit } from './planting';

export interface RealMutant {
  /** What is done wrong, in a few words. */
  readonly name: string;
  /** The promise that it breaks, `P1` to `P7`, or what else would go wrong, in a few words. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Files or folders of tests, relative to the project. */
  readonly tests: readonly string[];
  /** The tests that must catch it: a regular expression for their names. */
  readonly only: string;
}

type Promised = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7';
type Change = readonly [file: string, from: string, to: string];
type Catcher = readonly [test: string, only: string];

function mutant(breaks: Promised, name: string, change: Change, catcher: Catcher): RealMutant {
  const [file, from, to] = change;
  return { name, breaks, edits: [{ file, from, to }], tests: [`test/git/${catcher[0]}.test.ts`], only: catcher[1] };
}

const shims: readonly RealMutant[] = [
  mutant(
    'P1',
    'the shim does not forward: the push is acknowledged and is on old alone',
    ['agent/hook/shims/pre-receive', 'own_update || refuse\n    forward', 'own_update || refuse'],
    ['phase/crash', 'killed before post-receive in both'],
  ),
  mutant(
    'P1',
    'the shim takes a failed push to GitLab for a success',
    ['agent/hook/shims/parts/forward', 'if [ "$code" -ne 0 ]; then', 'if [ "$code" -gt 255 ]; then'],
    ['push/both', 'no answer and nothing to be seen'],
  ),
  mutant(
    'P2',
    'the shim sends without leases',
    ['agent/hook/shims/parts/forward', '--atomic $option $leases --', '--atomic --force $option --'],
    ['push/straddle', 'of two pushes that begin at the same value'],
  ),
  mutant(
    'P2',
    'the push of several refs is not atomic',
    ['agent/hook/shims/parts/forward', '--no-verify --atomic $option', '--no-verify $option'],
    ['push/both', 'a push of which GitLab declines one ref'],
  ),
  mutant(
    'P5',
    'the shim ignores a hold',
    [
      'agent/hook/shims/pre-receive',
      'if [ "$hold" = none ]; then note "act $epoch $phase" || unwritable; return; fi',
      'note "act $epoch $phase" || unwritable; return',
    ],
    ['phase/hold', 'a push that waits for a hold goes on'],
  ),
  mutant(
    'P7',
    'the shim waits for a hold whose owner is dead',
    ['agent/hook/shims/pre-receive', '|| [ ! -d "/proc/${1%%.*}" ]', ''],
    ['phase/hold', 'killed during the hold'],
  ),
  mutant(
    'P5',
    'a push goes on by the phase that it read before its lease',
    [
      'agent/hook/shims/pre-receive',
      'while :; do\n    read_state\n    if [ "$hold" = none ]',
      'while :; do\n    if [ "$hold" = none ]',
    ],
    ['push/straddle', 'slept before it made its lease'],
  ),
  mutant(
    'P6',
    'the shim refuses in warn without a brownout as well as in one',
    ['agent/hook/shims/pre-receive', 'if brownout; then show brownout; refuse; fi', 'show brownout; refuse'],
    ['push/warn-refuse', 'warn: the push goes through'],
  ),
  mutant(
    'P6',
    'refuse takes the push',
    ['agent/hook/shims/pre-receive', '*) show refuse; refuse ;;', '*) show refuse ;;'],
    ['push/warn-refuse', 'refuse: the refusal says'],
  ),
  mutant(
    'P1',
    "a copy of a repository sends to the original's project",
    ['agent/hook/shims/pre-receive', '[ "$directory" -ef . ] ||', 'true ||'],
    ['damage/disk', 'a copy of a repository refuses pushes'],
  ),
  mutant(
    'P3',
    'post-receive wakes nobody in mirror',
    ['agent/hook/shims/post-receive', '[ "$phase" = mirror ] || [ -e', '[ -e'],
    ['mirror/mirror', 'the first copy brings every branch'],
  ),
];

const passes: readonly RealMutant[] = [
  mutant(
    'P1',
    "a pass writes old's value over what GitLab got",
    [
      'agent/sync/follow.ts',
      'const failed = safe.length === 0 ? [] : await world.git.setRefs(safe, lock);',
      'const failed: RefName[] = []; if (safe.length > 0) await world.git.push(safe.map(({ ref, before, after }) => ({ ref, before: after, after: before })), { atomic: false, lock });',
    ],
    ['push/both-passes', 'the history of both stays'],
  ),
  mutant(
    'P4',
    'a pass keeps nothing in the attic',
    ['agent/sync/follow.ts', '.filter((update) => lossy.has(update))', '.filter(() => false)'],
    ['push/both-passes', 'rewound and deleted tips go to the attic'],
  ),
  mutant(
    'P4',
    'an emptied GitLab empties old',
    ['agent/sync/follow.ts', 'look.gitlab.size === 0 &&', 'look.gitlab.size > 0 &&'],
    ['push/both-passes', 'an emptied GitLab does not empty old'],
  ),
  mutant(
    'P3',
    "old's HEAD stays where it was",
    ['agent/sync/follow.ts', 'await followHead(world, look);', ''],
    ['push/both-passes', "HEAD follows GitLab's default branch"],
  ),
  mutant(
    'P4',
    'the circuit breaker never breaks',
    [
      'agent/rules/decide.ts',
      'return changes >= atLeast && changes > refs * share;',
      'return changes < 0 && refs * share > atLeast;',
    ],
    ['damage/disk', 'GitLab lost eleven of twelve branches'],
  ),
  mutant(
    'P4',
    'a disk that is away passes for deleted refs',
    ['agent/sync/follow.ts', 'requireObjects(world, side, gone);', ''],
    ['mirror/scenarios', 'a disk with all objects is away'],
  ),
  mutant(
    'P4',
    'an unwitnessed rewind or deletion on old is sent to GitLab',
    [
      'agent/rules/decide.ts',
      'if ((witnessed || harmless) &&',
      'if ((witnessed || harmless || look.old !== look.agreed) &&',
    ],
    ['mirror/mirror', 'an unwitnessed deletion and an unwitnessed rewind'],
  ),
  {
    name: 'in mirror a value that somebody wrote to GitLab is replaced',
    breaks: 'P2',
    edits: [
      {
        file: 'agent/rules/decide.ts',
        from: 'return gitlab !== agreed && gitlab !== old &&',
        to: 'return gitlab !== agreed && gitlab === old &&',
      },
      {
        file: 'agent/rules/decide.ts',
        from: 'return sentLate && !sentNow ? gitlab : agreed;',
        to: 'return sentLate || agreed !== null ? gitlab : agreed;',
      },
    ],
    tests: ['test/git/mirror/mirror.test.ts'],
    only: 'somebody who wrote to closed GitLab',
  },
  mutant(
    'P1',
    'an acknowledged push that old lost is forgotten',
    ['agent/rules/decide.ts', 'return look.lost.length === 0 ?', 'return look.lost.length >= 0 ?'],
    ['operator/resolve-ref', 'an acknowledged push that old lost'],
  ),
];

const pushes: readonly RealMutant[] = [
  mutant(
    'P1',
    'an answer that was lost counts as unknown although GitLab shows the push',
    [
      'agent/rules/decide.ts',
      'if (now !== null && updates.every((update) => (now.get(update.ref) ?? null) === update.after))',
      'if (now !== null && updates.length === 0)',
    ],
    ['push/both', 'an answer that was lost after GitLab took the push'],
  ),
  mutant(
    'P6',
    'who loses a race finds nothing to fetch',
    [
      'agent/sync/push.ts',
      'const reason = await context.heal(stale);',
      'const reason = stale.length < 0 ? await context.heal(stale) : null;',
    ],
    ['push/both', 'a push that loses the race'],
  ),
  mutant(
    'P6',
    'who loses a race is told that GitLab declined',
    [
      'agent/rules/decide.ts',
      "return staleRefs(updates, now).length > 0 ? 'stale' : 'declined';",
      "return 'declined';",
    ],
    ['push/both', 'a push that loses the race'],
  ),
];

const moves: readonly RealMutant[] = [
  mutant(
    'P5',
    'a change of phase does not wait for running pushes',
    [
      'agent/rules/decide.ts',
      "return lease.stage.kind === 'entering' || lease.stage.epoch < newEpoch;",
      'return newEpoch < 0;',
    ],
    ['phase/hold', 'a push that waits for a hold goes on'],
  ),
  mutant(
    'P5',
    'a push beyond its limit is not ended',
    [
      'agent/sync/phasechange.ts',
      'await world.endProcesses(lease);',
      'if (lease.id === "") await world.endProcesses(lease);',
    ],
    ['phase/hold', 'a push beyond its limit'],
  ),
  mutant(
    'P5',
    'the switch is made without the hold',
    [
      'agent/sync/phasechange.ts',
      'const ours = current.hold?.id === hold.id && !isExpired(world, hold);',
      'const ours = current.phase !== to;',
    ],
    ['push/straddle', 'slept before its switch'],
  ),
  mutant(
    'P7',
    'a hold of a dead owner is kept until it runs out',
    [
      'agent/sync/phasechange.ts',
      'return isExpired(world, hold) || world.isOwnerGone(hold);',
      'return isExpired(world, hold);',
    ],
    ['phase/hold', 'killed during the hold'],
  ),
  mutant(
    'P1',
    'the first copy does not wait for pushes that began before the hooks',
    ['agent/sync/phasechange.ts', "if (before.phase === 'old') await olderPushesEnded(world, move);", ''],
    ['phase/older-pushes', 'and hangs: named'],
  ),
  mutant(
    'P1',
    'a change of phase goes on by the rules of a phase that is over',
    ['agent/sync/phasechange.ts', 'if (now.epoch !== before.epoch)', 'if (now.epoch < before.epoch)'],
    ['mirror/scenarios', 'a change of phase that slept while another one ended'],
  ),
];

const storage: readonly RealMutant[] = [
  mutant(
    'P2',
    "the worker's push carries no leases",
    ['agent/git/sendfolder.ts', "return ['--force-with-lease', '--',", "return ['--force', '--',"],
    ['mirror/send-leases', 'refs/heads on GitLab is replaced only where it is the expected one: all in one push'],
  ),
  mutant(
    'P1',
    'a setting that redirects git is not seen',
    [
      'agent/git/forbidden.ts',
      'if (first !== undefined) throw asError(first);',
      'if (first === null) throw asError(first);',
    ],
    ['hostile/hostile-settings', 'gets url..\\.insteadOf later'],
  ),
  mutant(
    'P7',
    'a stale lock of git stays',
    ['agent/git/gitlocks.ts', 'Date.now() - stat.mtimeMs > staleMs', 'Date.now() - stat.mtimeMs > staleMs * 100'],
    ['damage/git-locks', 'locks of git that a dead process left'],
  ),
  mutant(
    'P3',
    'a lost folder of leases is not made again',
    ['agent/repository/mend.ts', 'if (fs.existsSync(folder)) return [];', 'if (folder !== "") return [];'],
    ['damage/lost-state', 'the folder of leases is gone'],
  ),
  mutant(
    'P4',
    'a repair drops a newer value for the one that GitLab has',
    ['agent/rules/refplan.ts', 'const best = [...proven].reverse().find(', 'const best = [...proven].find('],
    ['damage/repair', 'an acknowledged push that GitLab does not have yet is restored'],
  ),
  mutant(
    'P3',
    'a repair does not wait for a push that writes its records',
    ['agent/repair/survey.ts', 'await waitFor(world.clock, recordsMs, 20,', 'await waitFor(world.clock, 0, 20,'],
    ['damage/repair-beside', 'a push that is just writing its records down'],
  ),
];

const people: readonly RealMutant[] = [
  mutant(
    'P4',
    'a settlement keeps nothing in the attic',
    ['agent/sync/settle.ts', '.filter((oid) => !gone.has(oid))', '.filter((oid) => gone.has(oid))'],
    ['operator/resolve-ref', 'keeping GitLab in a conflict'],
  ),
  mutant(
    'P2',
    'keeping old sends nothing',
    ['agent/sync/settle.ts', 'if (oldOffered !== gitlab) await send(', 'if (oldOffered === gitlab) await send('],
    ['operator/resolve-ref', 'keeping old in a conflict'],
  ),
  mutant(
    'P4',
    'a repository from which others borrow objects is retired',
    ['agent/verbs/retire.ts', 'if (borrowers.length > 0)', 'if (borrowers.length > 99)'],
    ['operator/retire-repository', 'from which another one borrows objects'],
  ),
  mutant(
    'P3',
    'the resident forgets a wake-up that comes while it looks',
    [
      'agent/resident/rounds.ts',
      'turn.dueMs = Math.min(turn.dueMs, atMs);',
      'turn.dueMs = Math.max(turn.dueMs, atMs);',
    ],
    ['server/resident', 'mirror: a push wakes the resident'],
  ),
];

export const realMutants: readonly RealMutant[] = [...shims, ...passes, ...pushes, ...moves, ...storage, ...people];
