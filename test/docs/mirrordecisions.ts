/** What `mirror` decides about a ref, asked of decideMirror and decideStale over every class of inputs. */
import { decideMirror, decideStale, type MirrorAction, type MirrorLook } from '../../agent/rules/decide';
import type { EndedRecord } from '../../agent/rules/records';
import type { Oid, RefName } from '../../agent/rules/values';
import { combine, type Combination, fold } from './fold';
import { table } from './page';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40) as Oid) as [Oid, Oid, Oid];
const yesNo = [false, true] as const;
const yes = (is: boolean): string => (is ? 'yes' : 'no');

/** How old's value came to differ from the agreed one. */
const moves: Readonly<Record<string, Pick<MirrorLook, 'agreed' | 'old'> & { mayBeForward: boolean; cameBack?: true }>> =
  {
    'did not move': { agreed: a, old: a, mayBeForward: false },
    'is new': { agreed: null, old: b, mayBeForward: false },
    'was deleted, and came back': { agreed: null, old: b, mayBeForward: false, cameBack: true },
    'has another value': { agreed: a, old: b, mayBeForward: true },
    'is deleted': { agreed: a, old: null, mayBeForward: false },
  };

const others = { 'the agreed value': 'agreed', "old's value": 'old', 'a third value, or none': 'third' } as const;

export function mirrorTable(): string[] {
  const combinations = mirrorLooks().map(({ choice, look }) => ({
    classes: [yes(choice.isLossy), choice.explained, choice.move, ...gitlabClasses(choice), yes(choice.live)],
    outcome: inWords(look, decideMirror(look)),
  }));
  const heads = [
    'old lost an acknowledged value',
    'its move is explained by',
    'the ref on old',
    'GitLab has',
    'we sent that',
  ];
  return table([...heads, 'a push is on it', 'decision'], fold(combinations));
}

/** Of those rows that send: the value that GitLab must still have. */
export function leaseTable(): string[] {
  const combinations = mirrorLooks().flatMap(({ choice, look }): Combination[] => {
    const action = decideMirror(look);
    if (action.kind !== 'send') return [];
    return [
      { classes: gitlabClasses(choice), outcome: action.expect === look.agreed ? 'the agreed value' : 'what it has' },
    ];
  });
  return table(['GitLab has', 'we sent that', 'it is sent with a lease on'], fold(combinations));
}

interface Looked {
  readonly choice: Choice;
  readonly look: MirrorLook;
}

function mirrorLooks(): Looked[] {
  const choices = combine({
    move: Object.keys(moves),
    explained: ['records of pushes', 'it contains the agreed value', 'nothing'] as const,
    isLossy: yesNo,
    gitlab: Object.keys(others) as (keyof typeof others)[],
    sentNow: yesNo,
    sentLate: yesNo,
    live: yesNo,
  });
  return choices.flatMap((choice) => {
    const move = moves[choice.move];
    if (move === undefined) return [];
    const gitlab = { agreed: move.agreed, old: move.old, third: c }[others[choice.gitlab]];
    // What cannot be: without a move, old's value is the agreed one, and there is nothing to explain.
    const isMoved = move.old !== move.agreed;
    if (!isMoved && (others[choice.gitlab] === 'old' || choice.explained !== 'nothing')) return [];
    if (choice.explained === 'it contains the agreed value' && !move.mayBeForward) return [];
    // Nobody asks what old lost where only GitLab moved.
    if (!isMoved && gitlab !== move.agreed && choice.isLossy) return [];
    const look: MirrorLook = {
      agreed: move.agreed,
      old: move.old,
      cameBack: move.cameBack ?? false,
      gitlab,
      sentNow: choice.sentNow,
      sentLate: choice.sentLate,
      live: choice.live,
      ended: choice.explained === 'records of pushes' ? [record(move.agreed, move.old)] : [],
      forward: choice.explained === 'it contains the agreed value',
      lost: choice.isLossy ? [c] : [],
    };
    return [{ choice, look }];
  });
}

interface Choice {
  readonly move: string;
  readonly explained: string;
  readonly isLossy: boolean;
  readonly gitlab: string;
  readonly sentNow: boolean;
  readonly sentLate: boolean;
  readonly live: boolean;
}

function gitlabClasses({ gitlab, sentNow, sentLate }: Choice): string[] {
  return [gitlab, sentIn(sentNow, sentLate)];
}

function sentIn(now: boolean, late: boolean): string {
  if (now) return 'since both sides were last level';
  return late ? 'before that' : 'never';
}

function record(before: Oid | null, after: Oid | null): EndedRecord {
  return { ref: 'refs/heads/main' as RefName, before, after, confirmed: true, boot: 'boot' };
}

function inWords(look: MirrorLook, action: MirrorAction): string {
  if (action.kind === 'level')
    return action.atRest ? '`level`: its records are forgotten' : '`level`: nothing is forgotten yet';
  if (action.kind === 'agree') return '`agree`: our own request had arrived; GitLab’s value is agreed';
  if (action.kind === 'conflict') return '`conflict`: listed, nothing is sent';
  if (action.kind === 'damaged') return '`damaged`: listed, nothing is sent';
  if (action.kind === 'wait') return '`wait`: the next pass decides';
  const what = look.old === null ? '`send`: **it is deleted on GitLab**' : '`send` old’s value';
  return action.witnessed ? what : `${what}; counted as a writer without hooks`;
}

export function staleTable(): string[] {
  const words = {
    agree: '`agree`: an earlier request of ours had arrived',
    again: '`again`: the next pass sends it',
    conflict: '`conflict`: somebody wrote to closed GitLab',
  };
  const combinations = combine({ gitlab: [a, b], sentNow: yesNo, sentLate: yesNo }).map(
    ({ gitlab, sentNow, sentLate }) => ({
      classes: [gitlab === a ? 'the agreed value' : 'another one, or none', sentIn(sentNow, sentLate)],
      outcome: words[decideStale(gitlab, a, sentNow, sentLate)],
    }),
  );
  return table(['GitLab has now', 'we sent that', 'decision'], fold(combinations));
}
