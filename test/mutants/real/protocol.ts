/** Mistakes in passes and in changes of phase. */
import { planted, type RealMutant } from './mutant';

const steady: readonly RealMutant[] = [
  planted(
    'P8',
    'a push that came after the hooks counts as an older one',
    ['agent/sync/drain.ts', '.filter((pid) => first.has(pid))', '.filter(() => first.size >= 0)'],
    ['git/phase/steady', 'pushes without end while a copy begins'],
  ),
];

const passes: readonly RealMutant[] = [
  planted(
    'P1',
    "a pass writes old's value over what GitLab got",
    [
      'agent/sync/follow.ts',
      'const failed = safe.length === 0 ? [] : await world.git.setRefs(safe, lock);',
      'const failed: [RefName, string][] = []; if (safe.length > 0) await world.git.push(safe.map(({ ref, before, after }) => ({ ref, before: after, after: before })), { atomic: false, lock });',
    ],
    ['git/push/both-passes', 'the history of both stays'],
  ),
  planted(
    'P1',
    'a deleted branch that comes back is a new one',
    ['agent/rules/decide.ts', '&& !look.cameBack)', ')'],
    ['git/damage/came-back', 'is not sent to GitLab, it is listed'],
  ),
  planted(
    'P1',
    'what pushes between two passes gave a deleted ref is not remembered',
    [
      'agent/rules/deletions.ts',
      '...ended.flatMap(({ before, after }) => [before, after])',
      '...ended.flatMap(() => [])',
    ],
    ['git/damage/came-back', 'made, moved and deleted between two passes'],
  ),
  planted(
    'P4',
    'a pass keeps nothing in the attic',
    ['agent/sync/follow.ts', 'updates.filter((update) => lossy.has(update))', 'updates.filter(() => false)'],
    ['git/push/both-passes', 'rewound and deleted tips go to the attic'],
  ),
  planted(
    'each try of a rewind that old cannot make leaves another copy',
    'the attic is not asked what it has already',
    [
      'agent/sync/follow.ts',
      'attic.filter(({ ref }) => !refs.has(ref))',
      'atticUpdates(world.clock.wall(), lostBy(tried, lossy))',
    ],
    ['git/damage/unsettable', 'one copy in the attic'],
  ),
  planted(
    'GitLab keeps a push that old refused',
    'a push is sent without asking whether old can set its refs',
    ['agent/sync/judge.ts', 'if (stuck !== null)', 'if (stuck !== null && updates.length === 0)'],
    ['git/damage/unsettable', 'refused before GitLab gets it'],
  ),
  planted(
    'GitLab keeps a push that old refused',
    'the common path does not look what is in the way of a ref',
    ['agent/hook/shims/pre-receive', '[ -n "$odd" ] || settable || odd=yes', ''],
    ['git/damage/unsettable', 'refused before GitLab gets it'],
  ),
  planted(
    'P3',
    'one value that git on old refuses stops all others',
    ['agent/sync/bring.ts', 'if (words !== null && middle > 0)', 'if (words !== null && middle < 0)'],
    ['git/damage/refused-objects', 'all others come'],
  ),
  planted(
    'P3',
    'what old cannot set is listed by nothing',
    ['agent/rules/stuck.ts', 'return tries >= listedFrom;', 'return tries < 0;'],
    ['git/damage/unsettable', "listed with git's words"],
  ),
  planted(
    'P4',
    'an emptied GitLab empties old',
    ['agent/rules/breaker.ts', 'if (gitlab === 0 &&', 'if (gitlab > 0 &&'],
    ['git/push/both-passes', 'an emptied GitLab does not empty old'],
  ),
  planted(
    'P3',
    "old's HEAD stays where it was",
    ['agent/sync/follow.ts', 'await followHead(world, plan.look);', ''],
    ['git/push/both-passes', "HEAD follows GitLab's default branch"],
  ),
  planted(
    'P4',
    'the circuit breaker never breaks',
    [
      'agent/rules/breaker.ts',
      'return count > 0 && count >= bound.atLeast && count >= refs * bound.share;',
      'return count < 0 && count >= bound.atLeast && count >= refs * bound.share;',
    ],
    ['git/damage/disk', 'GitLab lost eleven of twelve branches'],
  ),
  planted(
    'P8',
    'two branches that one push takes back stop a repository',
    ['agent/rules/breaker.ts', '{ atLeast: breakerRefs, share: rewoundShare }', '{ atLeast: 2, share: rewoundShare }'],
    ['git/damage/ordinary-week', 'a week of ordinary commands'],
  ),
  planted(
    'P4',
    'branches that were merged before count as lost',
    ['agent/rules/breaker.ts', 'losesCommits && !isOfOld', '(losesCommits || !isOfOld)'],
    ['git/damage/gitlab-damaged', 'GitLab deletes its merged branches'],
  ),
  planted(
    'P4',
    'what old took over from GitLab is listed nowhere',
    ['agent/sync/taken.ts', 'world.journal.writeTaken(keptTaken([...others, ...fresh], at));', ''],
    ['git/operator/give-back', 'deletions and rewinds that old took over'],
  ),
  planted(
    'P4',
    'damage under pushes hides from the circuit breaker',
    ['agent/sync/breaker.ts', ', ...(await lossesBehindPushes(world, look, waiting))]', ']'],
    ['git/damage/gitlab-damaged', 'while people push to two of four branches'],
  ),
  planted(
    'P8',
    'what a push through old asks of GitLab counts as damage while it runs',
    [
      'agent/sync/breaker.ts',
      'return lossesOf(world, { ...look, ended }, lossy);',
      'return lossesOf(world, look, lossy);',
    ],
    ['git/damage/gitlab-damaged', 'three branches that a push through old sets back'],
  ),
  planted(
    'P2',
    'what somebody pushed to a damaged GitLab is taken off it unasked',
    ['agent/rules/stopped.ts', 'isOnlyOnGitlab && !named.has(ref)', 'isOnlyOnGitlab && named.size === 0'],
    ['git/operator/resolve-stopped', 'what somebody pushed to GitLab since'],
  ),
  planted(
    'P4',
    'what GitLab has in the place of what it lost is kept nowhere',
    ['agent/sync/stopped.ts', 'await keepTheirs(world, look, updates, lock);', '[] as RefName[];'],
    ['git/operator/resolve-stopped', 'a project made anew'],
  ),
  planted(
    'P4',
    'a disk that is away passes for deleted refs',
    ['agent/sync/follow.ts', 'requireObjects(world, side, gone);', ''],
    ['git/mirror/scenarios', 'a disk with all objects is away'],
  ),
  planted(
    'P4',
    'an unwitnessed rewind or deletion on old is sent to GitLab',
    [
      'agent/rules/decide.ts',
      'if ((witnessed || harmless) &&',
      'if ((witnessed || harmless || look.old !== look.agreed) &&',
    ],
    ['git/mirror/mirror', 'an unwitnessed deletion and an unwitnessed rewind'],
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
  planted(
    'P1',
    'an acknowledged push that old lost is forgotten',
    ['agent/rules/decide.ts', 'return look.lost.length === 0 ?', 'return look.lost.length >= 0 ?'],
    ['git/operator/resolve-ref', 'an acknowledged push that old lost'],
  ),
];

const moves: readonly RealMutant[] = [
  planted(
    'P5',
    'a change of phase does not wait for running pushes',
    [
      'agent/rules/decide.ts',
      "return lease.stage.kind === 'entering' || lease.stage.epoch < newEpoch;",
      'return newEpoch < 0;',
    ],
    ['git/phase/hold', 'a push that waits for a hold goes on'],
  ),
  planted(
    'P5',
    'a push beyond its limit is not ended',
    [
      'agent/sync/drain.ts',
      'await world.endProcesses(lease);',
      'if (lease.id === "") await world.endProcesses(lease);',
    ],
    ['git/phase/hold', 'a push beyond its limit'],
  ),
  planted(
    'P5',
    'the switch is made without the hold',
    [
      'agent/sync/hold.ts',
      'const ours = current.hold?.id === hold.id && !isExpired(world, hold);',
      'const ours = current.phase !== to;',
    ],
    ['git/push/straddle', 'slept before its switch'],
  ),
  planted(
    'P7',
    'a hold of a dead owner is kept until it runs out',
    [
      'agent/sync/hold.ts',
      'return isExpired(world, hold) || world.isOwnerGone(hold);',
      'return isExpired(world, hold);',
    ],
    ['git/phase/hold', 'killed during the hold'],
  ),
  planted(
    'P1',
    'the first copy does not wait for pushes that began before the hooks',
    [
      'agent/sync/phasechange.ts',
      "if (before.phase === 'old') await olderPushesEnded(world, move.consent, move.progress);",
      '',
    ],
    ['git/phase/older-pushes', 'and hangs: named'],
  ),
  planted(
    'P1',
    'a change of phase goes on by the rules of a phase that is over',
    ['agent/sync/hold.ts', 'if (now.epoch !== before.epoch)', 'if (now.epoch < before.epoch)'],
    ['git/mirror/scenarios', 'a change of phase that slept while another one ended'],
  ),
];

export const protocol: readonly RealMutant[] = [...steady, ...passes, ...moves];
