/** Mistakes in the hooks, and in what they ask of Node. */
import { planted, type RealMutant } from './mutant';

const shims: readonly RealMutant[] = [
  planted(
    'P1',
    'the shim does not forward: the push is acknowledged and is on old alone',
    ['agent/hook/shims/pre-receive', 'own_update || refuse\n    forward', 'own_update || refuse'],
    ['git/phase/crash', 'killed before post-receive in both'],
  ),
  planted(
    'P1',
    'the shim takes a failed push to GitLab for a success',
    ['agent/hook/shims/pre-receive', 'if [ "$code" -ne 0 ]; then', 'if [ "$code" -gt 255 ]; then'],
    ['git/push/both', 'no answer and nothing to be seen'],
  ),
  planted(
    'P8',
    'one ref twice is nothing that needs thought',
    ['agent/hook/shims/pre-receive', 'case $named in *" $ref "*) odd=yes ;; esac', ':'],
    ['git/hostile/hostile-names', 'one ref twice in one push'],
  ),
  planted(
    'P2',
    'the shim sends without leases',
    ['agent/hook/shims/pre-receive', '--atomic $option $leases --', '--atomic --force $option --'],
    ['git/push/straddle', 'of two pushes that begin at the same value'],
  ),
  planted(
    'P2',
    'the push of several refs is not atomic',
    ['agent/hook/shims/pre-receive', '--no-verify --atomic $option', '--no-verify $option'],
    ['git/push/both', 'a push of which GitLab declines one ref'],
  ),
  planted(
    'P5',
    'the shim ignores a hold',
    [
      'agent/hook/shims/pre-receive',
      'if [ "$hold" = none ] && [ "$gate" != yes ]; then\n      note "act $epoch $phase"',
      'if true; then\n      note "act $epoch $phase"',
    ],
    ['git/phase/hold', 'a push that waits for a hold goes on'],
  ),
  planted(
    'P7',
    'the shim waits for a hold whose owner is dead',
    ['agent/hook/shims/pre-receive', '|| [ ! -d "/proc/${1%%.*}" ]', ''],
    ['git/phase/hold', 'killed during the hold'],
  ),
  planted(
    'P5',
    'a push goes on by the phase that it read before its lease',
    [
      'agent/hook/shims/pre-receive',
      'while :; do\n    read_state\n    if [ "$hold" = none ]',
      'while :; do\n    if [ "$hold" = none ]',
    ],
    ['git/push/straddle', 'slept before it made its lease'],
  ),
  planted(
    'P6',
    'the shim refuses in warn without a brownout as well as in one',
    ['agent/hook/shims/pre-receive', 'if brownout; then', 'if true; then'],
    ['git/push/warn-refuse', 'warn: the push goes through'],
  ),
  planted(
    'P6',
    'refuse takes the push',
    ['agent/hook/shims/pre-receive', 'turn_away refuse', 'show refuse'],
    ['git/push/warn-refuse', 'refuse: the refusal says'],
  ),
  planted(
    'P1',
    "a copy of a repository sends to the original's project",
    ['agent/hook/shims/pre-receive', 'if ! [ "$directory" -ef . ]', 'if false'],
    ['git/damage/disk', 'a copy of a repository refuses pushes'],
  ),
  planted(
    'P3',
    'post-receive wakes nobody in mirror',
    ['agent/hook/shims/post-receive', '[ "$phase" = mirror ] || [ -n "$fence" ] || [ -e', '[ -e'],
    ['git/mirror/mirror', 'the first copy brings every branch'],
  ),
];

const pushes: readonly RealMutant[] = [
  planted(
    'P1',
    'an answer that was lost counts as unknown although GitLab shows the push',
    [
      'agent/rules/decide.ts',
      'if (now !== null && updates.every((update) => (now.get(update.ref) ?? null) === update.after))',
      'if (now !== null && updates.length === 0)',
    ],
    ['git/push/both', 'an answer that was lost after GitLab took the push'],
  ),
  planted(
    'P6',
    'who loses a race finds nothing to fetch',
    [
      'agent/sync/push.ts',
      'const reason = await context.heal(stale);',
      'const reason = stale.length < 0 ? await context.heal(stale) : null;',
    ],
    ['git/push/both', 'a push that loses the race'],
  ),
  planted(
    'P6',
    'who pushed reads that nothing was taken, when the agent fails after GitLab took it',
    ['agent/sync/push.ts', 'text: failureWords(fault, true)', 'text: failureWords(fault, false)'],
    ['unit/sync/push', 'what fails after a push was written down as sent'],
  ),
  planted(
    'P6',
    'who loses a race is told that GitLab declined',
    [
      'agent/rules/decide.ts',
      "return staleRefs(updates, now).length > 0 ? 'stale' : 'declined';",
      "return 'declined';",
    ],
    ['git/push/both', 'a push that loses the race'],
  ),
];

const hooks: readonly RealMutant[] = [
  planted(
    'P1',
    'nobody asks git where it looks for hooks',
    [
      'agent/repository/hookless.ts',
      'if (realOf(found) !== realOf(path.join(directory, hooksPath)))',
      'if (found === null)',
    ],
    ['git/push/hookless', 'a setting that leads git to other hooks'],
  ),
  planted(
    'P1',
    'mirror is entered although git would not start the hooks',
    ['agent/contract/phase.ts', "if (to === 'both' || (from === 'old' && to === 'mirror')) return true;", ''],
    ['git/push/hookless', 'hooks that the kernel does not start'],
  ),
  planted(
    'P1',
    'only the path tells whose hooks a repository has',
    ['agent/repository/master.ts', 'return known.identity === `${dev}:${ino}` ||', 'return dev + ino < 0 ||'],
    ['git/operator/two-masters', 'one that somebody renamed is not begun anew'],
  ),
  planted(
    'P1',
    'a pass takes the hooks from another living agent',
    ['agent/repository/hooks.ts', 'refuseOtherMaster(`install the hooks of ${place.directory}`, place);', ''],
    ['git/operator/two-masters', 'where two have it already'],
  ),
  planted(
    'P7',
    'a push to a copy stands among those of its original',
    ['agent/hook/shims/pre-receive', "# Not the original's to wait for: no lease.\nis_original\n", ''],
    ['git/operator/two-masters', 'takes no lease there'],
  ),
];

const walls: readonly RealMutant[] = [
  planted(
    'P2',
    'names that git does not take are heard of by own hooks, and sent',
    ['agent/hook/shims/pre-receive', 'taken_by_git || misnamed\n', ':\n'],
    ['git/hostile/hostile-input', 'whatever bytes come'],
  ),
  planted(
    'P5',
    'the agent takes the word of a hook for the phase',
    ['agent/sync/judge.ts', 'if (stop === null) return null;', "if (stop !== 'brownout') return null;"],
    ['git/hostile/hostile-authority', 'a forged lease rewinds nothing'],
  ),
  planted(
    'P5',
    'a change of phase counts the leases of hooks only',
    ['agent/repository/leases.ts', "['pushes', 'sends'] as const", "['pushes'] as const"],
    ['git/hostile/hostile-authority', 'its own lease was taken away'],
  ),
  planted(
    'P7',
    'whatever process a lease names is ended',
    ['agent/repository/pushprocesses.ts', "|| !isCalledSo) return 'strange';", "|| !isCalledSo) return 'push';"],
    ['git/hostile/hostile-authority', 'a lease ends no process that works elsewhere'],
  ),
];

export const door: readonly RealMutant[] = [...shims, ...pushes, ...hooks, ...walls];
