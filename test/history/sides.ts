/** P3 and P4: the sides become equal, and damage stays where it happened. Pure. */
import { gitlab, type Fact, type History, type Update, type Verdict } from './history';
import {
  appliedOf,
  differing,
  isStopped,
  oldServers,
  phaseAt,
  settlesMs,
  show,
  unknown,
  valid,
  type Applied,
} from './reading';

const passesMax = 3;

export function checkConvergence(history: History): Verdict[] {
  const right = history.last.get(gitlab);
  if (right === undefined) return [unknown('P3', 'end-not-seen', 'the refs of GitLab at the end are not known')];
  const wrong = [...falseAlarms(history), ...falseStops(history), ...writtenSymbolic(history)];
  if (wrong.length > 0) return wrong;
  const bad = oldServers(history)
    .filter((server) => phaseAt(history, server, Infinity).phase !== 'old')
    .flatMap((server) => {
      const mine = history.listed.filter((one) => one.server === server);
      const listed = new Set(mine.map(({ ref }) => ref));
      const open = differing(history.last.get(server) ?? new Map(), right).filter(
        (ref) => !listed.has(ref) && !mine.some(isStopped) && history.symbolic?.includes(ref) !== true,
      );
      return open.map((ref) =>
        invalid(
          'P3',
          `${ref} is ${show(history.last.get(server)?.get(ref) ?? null)} on ${server} and ${show(right.get(ref) ?? null)} on GitLab, and nothing lists it`,
        ),
      );
    });
  if (bad.length > 0) return bad;
  if (history.passesToEqual !== null && history.passesToEqual > passesMax)
    return [invalid('P3', `the sides were equal only after ${history.passesToEqual} passes`)];
  return [valid('P3')];
}

/** Conflict and damage are listed only where somebody caused them: else people learn to wave them through. */
function falseAlarms(history: History): Verdict[] {
  const causes = history.facts.filter(({ kind }) =>
    ['wrote', 'damage', 'settled', 'gitlab-broke', 'rot'].includes(kind),
  );
  return history.facts.flatMap((fact) => {
    if (
      fact.kind === 'alarm' &&
      fact.trouble === 'unhooked' &&
      fact.ref === 'refs/' &&
      !causes.some((cause) => cause.at <= fact.at)
    )
      return [
        invalid(
          'P3',
          `${fact.server} counted a writer without hooks at ${Math.round(fact.at)} ms, and there was none`,
          fact.at,
        ),
      ];
    if (
      fact.kind !== 'alarm' ||
      (fact.trouble !== 'conflict' && fact.trouble !== 'damaged') ||
      causes.some((cause) => cause.at <= fact.at && explains(cause, fact.ref))
    )
      return [];
    return [
      invalid(
        'P3',
        `${fact.ref} was listed as ${fact.trouble} on ${fact.server} at ${Math.round(fact.at)} ms, and nobody had done anything but push`,
        fact.at,
      ),
    ];
  });
}

/** The default of `breakerRefs`, which every world here has. */
const breakerRefs = 3;
const defaultBranch = 'refs/heads/main';

/** A pass stops only where a fault broke GitLab before, or as many refs lost a value there, or the default branch. */
function falseStops(history: History): Verdict[] {
  return history.facts.flatMap((fact) => {
    if (fact.kind !== 'alarm' || fact.trouble !== 'stopped') return [];
    const before = history.facts.filter(({ at }) => at <= fact.at);
    const lost = new Set(before.flatMap((one) => lostOnGitlab(history, one)));
    if (lost.size >= breakerRefs || lost.has(defaultBranch) || before.some(({ kind }) => kind === 'gitlab-broke'))
      return [];
    const what = `only ${lost.size} refs were deleted or rewound on GitLab before`;
    return [invalid('P3', `${fact.server} stopped at ${Math.round(fact.at)} ms, and ${what}`, fact.at)];
  });
}

function lostOnGitlab(history: History, fact: Fact): string[] {
  if (fact.kind !== 'applied' && fact.kind !== 'wrote' && fact.kind !== 'damage') return [];
  return fact.server === gitlab && loses(history, fact.update) ? [fact.update.ref] : [];
}

function explains(cause: Fact, ref: string): boolean {
  if ('update' in cause) return cause.update.ref === ref;
  if (cause.kind === 'gitlab-broke') return cause.updates.some((update) => update.ref === ref);
  return cause.kind === 'rot' || (cause.kind === 'settled' && (cause.ref === ref || cause.ref === 'refs/'));
}

function writtenSymbolic(history: History): Verdict[] {
  const written = appliedOf(history).find(
    ({ server, update }) => server !== gitlab && history.symbolic?.includes(update.ref) === true,
  );
  return written === undefined
    ? []
    : [
        invalid(
          'P3',
          `${written.update.ref} is another name of a branch on ${written.server}, and it was written`,
          written.at,
        ),
      ];
}

/** Needs `applied` facts: without them it is unknown, unless nothing was damaged. */
export function checkDamage(history: History): Verdict[] {
  const applied = appliedOf(history);
  const damage = history.facts.filter((fact) => fact.kind === 'damage');
  if (applied.length === 0)
    return [
      damage.length === 0
        ? valid('P4')
        : unknown('P4', 'changes-not-seen', 'damage was done, and not every change of a ref was seen'),
    ];
  const own = applied.filter(({ push }) => push === null);
  const bad = [
    ...own.filter(({ server }) => server === gitlab).flatMap((fact) => spread(history, fact)),
    ...own.filter(({ server }) => server !== gitlab).flatMap((fact) => unkept(history, fact)),
    ...emptied(history, own),
  ];
  return bad.length === 0 ? [valid('P4')] : bad;
}

/** The agent deleted or rewound on GitLab: pushes must lead there, or a person. */
function spread(history: History, { at, update }: Applied): Verdict[] {
  if (!loses(history, update) || explained(history, update, at)) return [];
  return [
    invalid(
      'P4',
      `${update.ref} went from ${show(update.before)} to ${show(update.after)} on GitLab, and no push asked for it`,
      at,
    ),
  ];
}

/** Steps that somebody asked for, used in any order: a folded push may be many of them. */
function explained(history: History, { ref, before, after }: Update, at: number): boolean {
  const asked = history.pushes
    .filter((push) => push.outcome !== 'fail' && push.began <= at)
    .flatMap(({ updates }) => updates);
  const written = history.facts.flatMap((fact) => (fact.kind === 'wrote' && fact.at <= at ? [fact.update] : []));
  const settled = history.facts.flatMap((fact) => (fact.kind === 'settled' && fact.ref === ref ? [fact.value] : []));
  const reached = new Set([before, ...settled]);
  const steps = [...asked, ...written].filter((step) => step.ref === ref);
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    steps.filter((step) => reached.has(step.before)).forEach((step) => reached.add(step.after));
  }
  return reached.has(after);
}

/** What the agent took away on old must be in the attic, unless the disk had taken it already. */
function unkept(history: History, { server, at, update }: Applied): Verdict[] {
  const isGone = history.facts.some(
    (fact) => fact.kind === 'rot' && fact.server === server && fact.at <= at && fact.oid === update.before,
  );
  if (!loses(history, update) || update.before === null || history.attic.has(update.before) || isGone) return [];
  return [
    invalid(
      'P4',
      `${update.ref} lost ${show(update.before)} on ${server} at ${Math.round(at)} ms, and no attic holds it`,
      at,
    ),
  ];
}

/** Many refs vanished or went back on GitLab at once: old may not follow before a person says so. */
function emptied(history: History, own: readonly Applied[]): Verdict[] {
  return history.facts.flatMap((fact) => (fact.kind === 'gitlab-broke' ? brokeThrough(history, fact, own) : []));
}

function brokeThrough(
  history: History,
  { at, updates }: Extract<Fact, { kind: 'gitlab-broke' }>,
  own: readonly Applied[],
): Verdict[] {
  const settled = history.facts.flatMap((fact) => (fact.kind === 'settled' && fact.at >= at ? [fact] : []));
  const settledAt = Math.min(Infinity, ...settled.flatMap((fact) => (fact.ref === 'refs/' ? [fact.at] : [])));
  const isDecided = ({ at: followedAt, update: { ref } }: Applied): boolean =>
    settled.some((fact) => fact.ref === ref && fact.at >= followedAt && fact.at < followedAt + settlesMs);
  const followed = updates.filter((update) =>
    own.some(
      (one) =>
        one.server !== gitlab &&
        one.at >= at &&
        one.at < settledAt &&
        !isDecided(one) &&
        one.update.ref === update.ref &&
        one.update.before === update.before &&
        one.update.after === update.after,
    ),
  );
  return followed.length < updates.length
    ? []
    : [
        invalid(
          'P4',
          `GitLab lost ${updates.length} refs at once at ${Math.round(at)} ms, and old followed all of them unasked`,
          at,
        ),
      ];
}

function loses(history: History, { before, after }: Update): boolean {
  return before !== null && (after === null || !history.isAncestor(before, after));
}

function invalid(promise: 'P3' | 'P4', story: string, at?: number): Verdict {
  return { promise, answer: 'invalid', story, ...(at === undefined ? {} : { at }) };
}
