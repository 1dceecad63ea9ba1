/** P5 to P8: what a pusher, and whoever waits, is owed. Pure. */
import { gitlab, type Fact, type History, type Push, type Server, type Update, type Verdict } from './history';
import { appliedOf, phaseAt, show, unknown, valid, type Applied } from './reading';

const closed = ['old', 'mirror'];

/** Needs `applied` facts for all but the crudest look. */
export function checkOneEpoch(history: History): Verdict[] {
  const applied = appliedOf(history);
  if (applied.length === 0) return [unknown('P5', 'changes-not-seen', 'not every change of a ref was seen')];
  const bad = applied.flatMap((fact) => [...straddles(history, fact), ...crossesClosing(history, fact)]);
  return bad.length === 0 ? [valid('P5')] : bad;
}

/** Applied by the rules of an epoch that was over. */
function straddles(history: History, { at, epoch, push, update, server }: Applied): Verdict[] {
  const pushed = history.pushes.find(({ id }) => id === push);
  if (epoch === null || pushed === undefined || pushed.server === gitlab) return [];
  const now = phaseAt(history, pushed.server, at);
  return now.epoch === epoch
    ? []
    : [
        invalid(
          'P5',
          `push #${pushed.id} acted in epoch ${epoch}, and ${update.ref} became ${show(update.after)} on ${server} in epoch ${now.epoch}`,
          at,
        ),
      ];
}

/** A push to GitLab that lands after the switch to a closed phase. */
function crossesClosing(history: History, { at, push, update, server }: Applied): Verdict[] {
  const pushed = history.pushes.find(({ id }) => id === push);
  if (server !== gitlab || pushed?.server !== gitlab) return [];
  const phases = seenServers(history).map((old) => phaseAt(history, old, at).phase);
  return phases.every((phase) => closed.includes(phase))
    ? [
        invalid(
          'P5',
          `push #${pushed.id} to GitLab made ${update.ref} ${show(update.after)} while every old server was ${phases.join(', ')}`,
          at,
        ),
      ]
    : [];
}

/** Also those that went back to `old`, which are nothing at the end. */
function seenServers({ facts }: History): Server[] {
  return [...new Set(facts.flatMap((fact) => (fact.kind === 'phase' ? [fact.server] : [])))];
}

/** A refusal says what to do, and is true. */
export function checkNobodyGuesses(history: History): Verdict[] {
  const applied = appliedOf(history);
  const bad = history.pushes
    .filter(({ outcome }) => outcome === 'fail')
    .flatMap((push) => [
      ...mute(push),
      ...takenAfterAll(push, applied),
      ...misnamed(push, history.facts),
      ...nothingToFetch(push, applied, history.facts),
    ]);
  return bad.length === 0 ? [valid('P6')] : bad;
}

const instruction = /push again|fetch|git pull|git push|set-url|administrator|several parts|GitLab says|its target/i;

/**
 * What GitLab says to those who push to it is GitLab's affair; where two pushes raced on old, git says so in its own
 * words.
 */
function mute(push: Push): Verdict[] {
  return push.server === gitlab ||
    /cannot lock ref|failed to update ref/.test(push.words) ||
    instruction.test(push.words)
    ? []
    : [
        invalid(
          'P6',
          `push #${push.id} was refused without a word on what to do: ${JSON.stringify(push.words)}`,
          push.ended,
        ),
      ];
}

/** Told that it was refused, and there it is. What is unknown is called unknown. */
function takenAfterAll(push: Push, applied: readonly Applied[]): Verdict[] {
  const taken = applied.find(
    (fact) => fact.push === push.id && push.updates.some((update) => update.ref === fact.update.ref),
  );
  return taken === undefined
    ? []
    : [
        invalid(
          'P6',
          `push #${push.id} was refused (${push.words.split('\n')[0] ?? ''}), and ${taken.update.ref} became ${show(taken.update.after)} on ${taken.server}`,
          taken.at,
        ),
      ];
}

/** "GitLab declined", where GitLab had another value all the time: who lost a race must be told to fetch. */
function misnamed({ id, words, began, ended, updates }: Push, facts: History['facts']): Verdict[] {
  if (!/GitLab declined this push/.test(words)) return [];
  const changes = facts
    .flatMap((fact) => changesOnGitlab(fact).map((update) => ({ ...update, at: fact.at })))
    .filter(({ at }) => at <= (ended ?? Infinity));
  // What GitLab lost and got back from its own backup nobody wrote down.
  const broken = new Set(
    facts.flatMap((fact) => (fact.kind === 'gitlab-broke' ? fact.updates.map(({ ref }) => ref) : [])),
  );
  const lost = updates
    .filter(({ ref }) => !broken.has(ref))
    .find(({ ref, before }) => {
      const last = changes
        .filter((change) => change.ref === ref)
        .sort((a, b) => a.at - b.at)
        .pop();
      return last !== undefined && last.at < began && last.after !== before;
    });
  return lost === undefined
    ? []
    : [invalid('P6', `push #${id} was told that GitLab declined it, and it had lost a race on ${lost.ref}`, ended)];
}

function changesOnGitlab(fact: Fact): readonly Update[] {
  return (fact.kind === 'applied' || fact.kind === 'wrote' || fact.kind === 'damage') && fact.server === gitlab
    ? [fact.update]
    : [];
}

/** It was there, and then GitLab lost it while the pusher waited. */
function vanished({ began, ended, updates }: Push, facts: History['facts']): boolean {
  return facts.some(
    (fact) =>
      fact.kind === 'gitlab-broke' &&
      fact.at >= began &&
      (ended === null || fact.at <= ended) &&
      fact.updates.some(({ ref }) => updates.some((update) => update.ref === ref)),
  );
}

/**
 * "They are here to be fetched": some ref of the push must have had another value on old since. Where no change of old
 * was seen, nobody can tell.
 */
function nothingToFetch(push: Push, applied: readonly Applied[], facts: History['facts']): Verdict[] {
  const mended = facts.some(
    (fact) =>
      fact.kind === 'settled' &&
      push.updates.some(({ ref, before }) => fact.ref === ref && fact.value === before) &&
      fact.at >= push.began,
  );
  if (!/here to be fetched/.test(push.words) || !applied.some(({ server }) => server === push.server)) return [];
  const came = applied.some(
    (fact) =>
      fact.server === push.server &&
      fact.at >= push.began &&
      (push.ended === null || fact.at <= push.ended) &&
      push.updates.some(({ ref }) => ref === fact.update.ref),
  );
  return came || wentBack(push, applied) || mended || vanished(push, facts)
    ? []
    : [
        invalid(
          'P6',
          `push #${push.id} was told that newer commits are here to be fetched, and nothing came to ${push.server}`,
          push.ended,
        ),
      ];
}

/** What was newer went away again: there is nothing to fetch, and the push may simply be repeated. */
function wentBack(push: Push, applied: readonly Applied[]): boolean {
  return push.updates.some(({ ref, before }) =>
    applied.some(
      ({ server, at, update }) =>
        server === gitlab &&
        update.ref === ref &&
        update.after === before &&
        at >= push.began &&
        (push.ended === null || at <= push.ended),
    ),
  );
}

/** Whoever waits gets an end in time. */
export function checkNobodyHangs(history: History): Verdict[] {
  return judgeWaits(
    'P7',
    history.waits.filter(({ isMove }) => isMove !== true),
  );
}

/** A move that only pushes stand in the way of arrives in time. */
export function checkMovesArrive(history: History): Verdict[] {
  return judgeWaits(
    'P8',
    history.waits.filter(({ isMove }) => isMove === true),
  );
}

function judgeWaits(promise: 'P7' | 'P8', waits: History['waits']): Verdict[] {
  const bad = waits.flatMap(({ what, began, ended, limitMs }) => {
    if (ended === null) return [invalid(promise, `${what} never ended`, began)];
    return ended - began > limitMs
      ? [
          invalid(
            promise,
            `${what} took ${Math.round((ended - began) / 100) / 10} s; at most ${Math.round(limitMs / 1000)} s were allowed`,
            began,
          ),
        ]
      : [];
  });
  return bad.length === 0 ? [valid(promise)] : bad;
}

function invalid(promise: 'P5' | 'P6' | 'P7' | 'P8', story: string, at?: number | null): Verdict {
  return { promise, answer: 'invalid', story, ...(at === undefined || at === null ? {} : { at }) };
}
