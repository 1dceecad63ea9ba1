/** What the open phases, a change of phase and a repair decide, asked of the functions over every class of inputs. */
import { decideStop, type Loss } from '../../agent/rules/breaker';
import { blocksDrain, decideFollow, decidePush, isUnhooked } from '../../agent/rules/decide';
import { planRefs } from '../../agent/rules/refplan';
import { decideSendOn, type SendOn, type Unseen } from '../../agent/rules/sendon';
import type { Lease, LeaseStage, Oid, PushAnswer, RefName, Refs } from '../../agent/rules/values';
import { combine, type Combination, fold } from './fold';
import { table } from './page';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40) as Oid) as [Oid, Oid, Oid];
const yesNo = [false, true] as const;
const yes = (is: boolean): string => (is ? 'yes' : 'no');
const main = 'refs/heads/main' as RefName;
const boot = 'boot';

const sides: Readonly<Record<string, { old: Oid | null; gitlab: Oid | null; does: string }>> = {
  'are the same': { old: a, gitlab: a, does: '' },
  'GitLab has another value': { old: a, gitlab: b, does: 'old gets GitLab’s value' },
  'only GitLab has it': { old: null, gitlab: b, does: 'it is created on old' },
  'only old has it': { old: a, gitlab: null, does: '**it is deleted on old**' },
};

export function passTable(): string[] {
  const combinations = combine({ side: Object.keys(sides), live: yesNo }).map(({ side, live }) => {
    const { old = null, gitlab = null, does = '' } = sides[side] ?? {};
    const words = {
      level: '`level`',
      wait: '`wait`: the end of that push wakes a pass',
      follow: `\`follow\`: ${does}`,
    };
    return { classes: [side, yes(live)], outcome: words[decideFollow(old, gitlab, live)] };
  });
  return table(['the sides', 'a push is on it', 'decision'], fold(combinations));
}

export function unhookedTable(): string[] {
  const combinations = combine({ isAgreed: yesNo, isRecorded: yesNo }).map(({ isAgreed, isRecorded }) => {
    const ended = isRecorded ? [{ ref: main, before: a, after: b, confirmed: true, boot }] : [];
    const unhooked = isUnhooked(b, isAgreed ? b : a, ended);
    return { classes: [yes(isAgreed), yes(isRecorded)], outcome: unhooked ? '`unhooked`: listed' : 'nobody need know' };
  });
  return table(['old’s value was agreed', 'an ended push left it there', 'decision'], fold(combinations));
}

const isOld: Readonly<Record<string, Partial<Unseen>>> = {
  'a branch that moved': {},
  'a branch that is gone': { old: null },
  'a tag or another ref': { ref: 'refs/tags/v1' as RefName },
};

const hasGitlab: Readonly<Record<string, Partial<Unseen>>> = {
  'the agreed value': {},
  'neither, and none is agreed': { gitlab: null, agreed: null },
  'another one, or none': { gitlab: c },
};

export function sendOnTable(): string[] {
  const choices = { isTried: yesNo, mayLand: yesNo, what: Object.keys(isOld), gitlab: Object.keys(hasGitlab) };
  const combinations = combine(choices).map(({ isTried, mayLand, what, gitlab }) => {
    const moved = { ref: main, old: b, gitlab: a, agreed: a, live: false, ended: [], ...isOld[what] };
    const verdict = decideSendOn({
      ...moved,
      ...hasGitlab[gitlab],
      sent: isTried ? [moved.old] : [],
      late: [],
      mayLand,
    });
    return { classes: [yes(isTried), yes(mayLand), what, gitlab], outcome: sendOnWords(verdict) };
  });
  return table(['it was sent before', 'and may still land', 'it is', 'GitLab has', 'decision'], fold(combinations));
}

function sendOnWords(verdict: SendOn): string {
  if (verdict === null) return 'nothing to send';
  if (verdict.kind === 'set-aside') return `set aside: ${verdict.why}`;
  return verdict.kind === 'wait' ? '`wait`: it is not set aside yet' : '`ask` git and own hooks, then send it';
}

const did: Readonly<Record<string, Pick<Loss, 'kind' | 'isRelated'>>> = {
  'is deleted': { kind: 'deleted', isRelated: false },
  'goes back to an ancestor': { kind: 'rewound', isRelated: true },
  'goes elsewhere': { kind: 'replaced', isRelated: true },
  'goes elsewhere, with no commit in common': { kind: 'replaced', isRelated: false },
};

/** Of how many refs. */
const numbers: Readonly<Record<string, readonly [count: number, refs: number]>> = {
  'fewer than `breakerRefs`': [2, 3],
  '`breakerRefs` or more, of ten percent or more': [3, 30],
  '`breakerRefs` or more, of `breakerShare` or more': [3, 9],
};

/** At the bounds of the defaults. */
export function breakerTable(): string[] {
  const choices = { losesCommits: yesNo, what: Object.keys(did), isDefault: yesNo, many: Object.keys(numbers) };
  const combinations = combine(choices).flatMap(({ losesCommits, what, isDefault, many }) => {
    const [count, old] = numbers[many] ?? [0, 0];
    const its = did[what];
    if (its === undefined) return [];
    const loss = (index: number): Loss => ({
      ref: `refs/heads/${index}` as RefName,
      ...its,
      isOfOld: false,
      losesCommits,
      isDefault: isDefault && index === 0,
    });
    const losses = Array.from({ length: count }, (_, index) => loss(index));
    const stop = decideStop({ losses, old, gitlab: 1 }, { breakerRefs: 3, breakerShare: 0.33 });
    const outcome = stop === null ? 'goes on' : '`stopped`: a person must let it through';
    return [{ classes: [yes(losesCommits), what, yes(isDefault), many], outcome }];
  });
  return table(
    [
      'commits are in none of GitLab’s refs any more',
      'the ref',
      'it is the default branch',
      'together with others',
      'decision',
    ],
    fold(combinations),
  );
}

const answers: Readonly<Record<string, PushAnswer>> = {
  ok: { kind: 'ok' },
  'rejected, ref by ref': { kind: 'rejected', refs: new Map([[main, 'declined']]), words: '' },
  'ended before a command was sent': { kind: 'not-sent', words: '' },
  'sent, and no answer that the table knows': { kind: 'no-answer', words: '' },
};

const looks: Readonly<Record<string, Refs | null>> = {
  'all new values': new Map([[main, b]]),
  'the values that the push started from': new Map([[main, a]]),
  'another value of some ref': new Map([[main, c]]),
  'not to be asked': null,
};

export function pushTable(): string[] {
  const combinations = combine({ answer: Object.keys(answers), look: Object.keys(looks) }).flatMap(
    ({ answer, look }) => {
      const said = answers[answer];
      if (said === undefined) return [];
      const row = decidePush([{ ref: main, before: a, after: b }], said, looks[look] ?? null);
      return [{ classes: [answer, look], outcome: `\`${row}\`` }];
    },
  );
  return table(['what git’s push ended with', 'GitLab then has', 'row'], fold(combinations));
}

const stages: Readonly<Record<string, LeaseStage>> = {
  'entering: it has not read the phase yet': { kind: 'entering' },
  'waiting for the hold': { kind: 'waiting' },
  'acting in the former epoch': { kind: 'acting', epoch: 1, phase: 'mirror' },
  'acting in the new epoch': { kind: 'acting', epoch: 2, phase: 'both' },
};

export function drainTable(): string[] {
  const combinations = combine({ live: yesNo, stage: Object.keys(stages) }).flatMap(({ live, stage }) => {
    const its = stages[stage];
    if (its === undefined) return [];
    const blocks = blocksDrain(leaseAt(live, its), 2);
    return [{ classes: [yes(live), stage], outcome: blocks ? 'the change of phase waits for it' : 'does not wait' }];
  });
  return table(['its processes live', 'the push is', 'decision'], fold(combinations));
}

function leaseAt(live: boolean, stage: LeaseStage): Lease {
  const began = { boot, uptimeMs: 0 };
  const none = { landed: null, sent: null, answered: false, gone: false, pids: [] };
  return { id: 'lease', stage, live, began, updates: [], ...none };
}

/** Acknowledged was a, then b: b is what old must have. */
const present: Readonly<Record<string, Oid | null>> = {
  'the last acknowledged value': b,
  'no value': null,
  'an earlier acknowledged value': a,
  'an unknown value that the last one contains': 'd'.repeat(40) as Oid,
  'any other value': 'e'.repeat(40) as Oid,
};

export function repairTable(): string[] {
  const heads = ['old has', 'and can be read', 'the last acknowledged one can be read', 'the earlier one can be read'];
  return table([...heads, 'a push is on it', 'decision'], fold(repairCombinations()));
}

function repairCombinations(): Combination[] {
  const choices = combine({
    old: Object.keys(present),
    isRead: yesNo,
    isLastRead: yesNo,
    isFirstRead: yesNo,
    live: yesNo,
  });
  return choices.flatMap(({ old, isRead, isLastRead, isFirstRead, live }) => {
    const value = present[old] ?? null;
    const isKnown = value === a || value === b || value === null;
    // What cannot be: the same value read in one place and not in the other.
    if ((value === b && isRead !== isLastRead) || (value === a && isRead !== isFirstRead)) return [];
    if (value === null && !isRead) return [];
    const broken = [...(isLastRead ? [] : [b]), ...(isFirstRead ? [] : [a]), ...(isKnown || isRead ? [] : [value])];
    const plan = planRefs({
      namespaces: [],
      old: new Map(value === null ? [] : [[main, value]]),
      agreed: new Map([[main, a]]),
      ended: new Map([[main, [{ ref: main, before: a, after: b, confirmed: true, boot }]]]),
      live: { any: false, refs: new Set(live ? [main] : []) },
      unreadable: new Set(broken),
      contains: (contained) => contained === 'd'.repeat(40),
    });
    const classes = [old, yes(isRead), yes(isLastRead), yes(isFirstRead), yes(live)];
    return [{ classes, outcome: planInWords(plan.back[0]?.after ?? null, plan.lost.length) }];
  });
}

function planInWords(after: Oid | null, lost: number): string {
  const set =
    after === null ? 'stays as it is' : `is set to the ${after === b ? 'last' : 'earlier'} acknowledged value`;
  return lost === 0 ? set : `${set}; ${lost === 1 ? 'one value is' : `${lost} values are`} listed as lost`;
}
