/**
 * `status` never lies: where a ref had not moved for as long as passes need, what it said must explain what was there
 * (P1, P3); and what old lost by following GitLab is in its list, and in the attic (P4). Pure.
 */
import { findChain } from './chain';
import { gitlab, type Fact, type History, type Oid, type Quiet, type Verdict } from './history';
import { asked, stepsOf } from './order';
import { appliedOf, isStopped, phaseAt, settlesMs, show, type Applied } from './reading';

export function checkStatusSays(history: History): Verdict[] {
  const quiet = history.quiet ?? [];
  const parts = new Map([...new Set(quiet.map(({ ref }) => ref))].map((ref) => [ref, about(history, ref)]));
  return quiet.flatMap((one) => [...differsUnsaid(one), ...goneUnsaid(parts.get(one.ref) ?? history, one)]);
}

/** A row of `status` that counts debts says so as well: GitLab lacks what old has. */
function differsUnsaid({ at, server, ref, old, gitlab: right, exit, debts, listed }: Quiet): Verdict[] {
  const said = listed.some((one) => one.server === server && (one.ref === ref || isStopped(one)));
  if (old === right || debts > 0 || (said && exit !== 0)) return [];
  const values = `${ref} was ${show(old)} on ${server} and ${show(right)} on GitLab`;
  const saw = said ? `status listed it, with exit code ${exit}` : 'status said nothing';
  return [
    { promise: 'P3', answer: 'invalid', story: `${values} at ${Math.round(at)} ms, passes ended, and ${saw}`, at },
  ];
}

/** P1 in the midst of a run: what was acknowledged until then leads to what some server has, or `status` asks. */
function goneUnsaid(history: History, quiet: Quiet): Verdict[] {
  const { at, server, ref, listed } = quiet;
  if (listed.some((one) => isStopped(one) || (one.ref === ref && asked.includes(one.kind)))) return [];
  const steps = stepsOf(until(history, at), ref);
  const first = history.first.get(ref) ?? null;
  const orders = endsOf(quiet).map((end) => findChain(steps, first, end));
  const [best] = orders;
  if (best === undefined || orders.some(({ found }) => found !== false)) return [];
  const names = best.missing.map(({ name, after }) => `${name} (to ${show(after)})`).join(', ');
  const words = `an acknowledged value of ${ref} was gone at ${Math.round(at)} ms, and status of ${server} did not ask about it`;
  return [{ promise: 'P1', answer: 'invalid', story: `${words}: ${names}`, at }];
}

/** As much of it as says anything of one ref. */
function about(history: History, ref: string): History {
  const pushes = history.pushes.filter(({ updates }) => updates.some((update) => update.ref === ref));
  const isAbout = (fact: Fact): boolean =>
    fact.kind === 'settled' ? [ref, 'refs/'].includes(fact.ref) : 'update' in fact && fact.update.ref === ref;
  return { ...history, pushes, facts: history.facts.filter(isAbout) };
}

function endsOf({ old, gitlab: right, elsewhere }: Quiet): (Oid | null)[] {
  return [...new Set([old, right, ...elsewhere])];
}

/** What nobody had been told of by then may have happened. */
function until(history: History, at: number): History {
  const begun = history.pushes.filter(({ began }) => began <= at);
  return {
    ...history,
    pushes: begun.map((push) =>
      push.ended !== null && push.ended <= at ? push : { ...push, ended: null, outcome: 'info' },
    ),
    facts: history.facts.filter((fact) => fact.at <= at),
  };
}

/** A person said so. */
function isDecided({ facts }: History, { at, update: { ref } }: Applied): boolean {
  return facts.some((fact) => fact.kind === 'settled' && fact.ref === ref && fact.at >= at && fact.at < at + settlesMs);
}

/** Where GitLab decides, what a pass takes away on old is listed before, and kept. */
export function checkNothingTakenSilently(history: History): Verdict[] {
  const followed = appliedOf(history).filter(
    (fact) => fact.push === null && fact.server !== gitlab && isLossy(history, fact) && isFollowing(history, fact),
  );
  return followed
    .filter((fact) => !isListed(history, fact) && !isOfNoHook(history, fact) && !isDecided(history, fact))
    .map(({ at, server, update: { ref, before, after } }) => ({
      promise: 'P4',
      answer: 'invalid',
      story: `${ref} went from ${show(before)} to ${show(after)} on ${server} at ${Math.round(at)} ms, as GitLab had it, and status lists nothing that was taken over`,
      at,
    }));
}

/** Whoever is told that a value was given back finds that GitLab got it. */
export function checkGivenBack({ facts }: History): Verdict[] {
  return facts.flatMap((fact) => {
    if (fact.kind !== 'settled' || !fact.done || fact.givenSince === undefined) return [];
    const { ref, value, at, givenSince } = fact;
    const sent = facts.some(
      (one) =>
        one.kind === 'applied' &&
        one.server === gitlab &&
        one.update.ref === ref &&
        one.update.after === value &&
        one.at >= givenSince &&
        one.at <= at,
    );
    const story = `${show(value)} of ${ref} was said to be given back at ${Math.round(at)} ms, and GitLab never got it`;
    return sent ? [] : [{ promise: 'P1', answer: 'invalid', story, at }];
  });
}

function isLossy(history: History, { update: { before, after } }: Applied): boolean {
  return before !== null && (after === null || !history.isAncestor(before, after));
}

function isFollowing(history: History, { server, at }: Applied): boolean {
  return ['both', 'warn', 'refuse'].includes(phaseAt(history, server, at).phase);
}

function isListed({ facts }: History, { at, server, update }: Applied): boolean {
  return facts.some(
    (fact) =>
      fact.kind === 'taken-over' &&
      fact.at <= at &&
      fact.server === server &&
      fact.taken.ref === update.ref &&
      fact.taken.before === update.before,
  );
}

/**
 * What somebody left there without a hook was no value of GitLab's: it is listed as `unhooked`. So is what a pass set
 * that died before it wrote what is agreed, which is a stated limit: the reason is wrong, and nothing is silent.
 */
function isOfNoHook({ facts }: History, { at, server, update }: Applied): boolean {
  const isHere = (fact: Fact): boolean => 'server' in fact && fact.server === server;
  const came = facts.some(
    (fact) =>
      (fact.kind === 'wrote' || fact.kind === 'damage' || (fact.kind === 'applied' && fact.push === null)) &&
      isHere(fact) &&
      fact.at <= at &&
      fact.update.ref === update.ref &&
      fact.update.after === update.before,
  );
  const told = facts.some(
    (fact) => fact.kind === 'alarm' && fact.trouble === 'unhooked' && isHere(fact) && fact.ref === update.ref,
  );
  return came && told;
}
