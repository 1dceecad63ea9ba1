/**
 * What the acceptance suite of the shims asks of an old server to which people push, and what it looks at. Pushes are
 * numbered, since each door names their leases in its own way; commits are letters.
 */
import { asFault } from '../../agent/contract/errors';
import type { Phase } from '../../agent/contract/phase';
import { fieldsOf, says, wholeLines } from '../../agent/rules/leasefile';
import type { Journal, World } from '../../agent/rules/ports';
import { parseUpdate } from '../../agent/rules/refs';
import { shownFence } from '../../agent/rules/fence';
import type { Fence, Oid, RefName, Refs, Tries, Trouble, Update } from '../../agent/rules/values';
import { runPass } from '../../agent/sync/pass';
import { letters, type Letter, type Side } from './git';
import type { Door } from './kit/compare';

export type HoldKind = 'live' | 'over' | 'of another boot' | 'of a dead owner';
export type Victim = 'hook' | 'receive-pack';

/** What somebody asks for; where a ref is when its turn comes, the story does not know. */
export interface Wish {
  readonly ref: RefName;
  readonly after: Letter | null;
}

/** What happens while a push waits at a place. */
export interface Meanwhile {
  readonly words: string;
  run(at: ShimSetUp): Promise<void>;
}

export interface Script {
  readonly atomic: boolean;
  /** The shim leaves it to the agent, whatever it asks for. */
  readonly odd: boolean;
  /** The repository's own pre-receive declines it. */
  readonly declined: boolean;
  /** While it waits for a hold that lives. */
  readonly held: Meanwhile;
  /** While the repository's own pre-receive runs; null: that does not wait. */
  readonly inHook: Meanwhile | null;
}

/** One lease as its files are. */
export interface LeaseFiles {
  readonly id: string;
  readonly control: string;
  readonly refs: string;
  readonly landed: string;
  readonly lives: readonly Victim[];
}

export interface PushSeen {
  /** Of the refs: `ok`, `refused`, or `cut off` where the client read no end. */
  readonly outcome: ReadonlyMap<RefName, 'ok' | 'refused' | 'cut off'>;
  /** Everything that its pusher read. */
  readonly words: string;
  /** Leases while it waited for a hold, in the own hook, and when its request came to GitLab; null: never there. */
  readonly held: readonly LeaseFiles[] | null;
  readonly inHook: readonly LeaseFiles[] | null;
  readonly atGitlab: readonly LeaseFiles[] | null;
  /** The row of the table that the agent chose last; null where it was not asked. */
  readonly row: string | null;
  /** Its end woke a pass. */
  readonly woke: boolean;
}

/** What a door's set-up hands in. */
export interface ShimSetUp {
  oid(letter: Letter): Oid;
  /** Runs to the end of all of its processes. `updates` say where the refs are now. */
  push(updates: readonly Update[], script: Script): Promise<PushSeen>;
  /** Ends a process of the push that runs, where that has a lease. */
  kill(victim: Victim): Promise<void>;
  hold(kind: HoldKind): Promise<void>;
  endHold(): Promise<void>;
  /** Its owner dies, or its time is over. */
  spoilHold(how: 'owner' | 'time'): Promise<void>;
  /** A pass left a ref to a push that was at work. */
  skipped(isSkipped: boolean): Promise<void>;
  /** Somebody moves a ref, with all its objects. */
  set(side: Side, ref: RefName, to: Letter | null): Promise<void>;
  refs(side: Side): Promise<Refs>;
  gitlabGone(isGone: boolean): Promise<void>;
  declines(ref: RefName | null): Promise<void>;
  loseAnswers(when: 'before' | 'after' | 'never'): Promise<void>;
  /** No lease can be written. */
  unwritable(isUnwritable: boolean): Promise<void>;
  /** As a move leaves it: what is on GitLab is agreed, and it has a fence; nothing is in `old`. */
  setPhase(phase: Phase): Promise<void>;
  /** A pass of the agent; answers the code of its fault, or null. */
  pass(): Promise<string | null>;
  /** It is noted of pushes without an answer that nobody sends them any more. */
  noteGone(): Promise<void>;
  leases(): readonly LeaseFiles[];
  state(): { readonly phase: Phase; readonly epoch: number; readonly isHeld: boolean };
  /** As the state has it, and the repository's own copy. */
  fence(): { readonly fence: Fence | null; readonly copy: Oid | null };
  /** Somebody at GitLab takes our mark away, or puts back the one that should be there. */
  markGitlab(isThere: boolean): Promise<void>;
  /** Old was started anew: no look since has found the fence. */
  unseen(): Promise<void>;
  troubles(): readonly Trouble[];
  tries(): Tries;
  close(): Promise<void>;
}

export interface ShimDoor extends Door {
  readonly at: ShimSetUp;
  /** One push, as both doors can tell of it. */
  push(wishes: readonly Wish[], script: Script): Promise<unknown>;
}

/** What words of ours a pusher read: the refusal where there is one. In this order. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['unwritable', /it cannot be written down first/],
  ['moved', /This repository has moved to GitLab; this server takes no pushes/],
  ['held', /is being moved to its next phase/],
  ['own hook', /our rules/],
  ['travelled', /are not where they left/],
  ['unreachable', /GitLab cannot be reached/],
  ['declined', /GitLab declined this push/],
  ['stale', /GitLab has newer commits/],
  ['unknown', /is unknown/],
  ['default branch', /it is the default branch/],
  ['folder', /Push the deletion first/],
  ['damaged', /some objects that it needs are missing/],
  ['other', /Cannot take this push/],
  ['accepted', /GitLab has .* (at [0-9a-f]{8}|deleted)/],
];

export function kindOf(words: string): string {
  return kinds.find(([, pattern]) => pattern.test(words))?.[0] ?? 'none';
}

export function shimDoor(at: ShimSetUp): ShimDoor {
  const names = new Map<string, string>(letters.map((letter) => [at.oid(letter), letter]));
  const pushes = new Map<string, number>();
  let count = 0;
  const named = (oid: Oid | null): string => (oid === null ? '-' : (names.get(oid) ?? oid));
  const leases = (all: readonly LeaseFiles[]): unknown => {
    for (const { id } of all) if (!pushes.has(id)) pushes.set(id, count);
    return new Map(all.map((lease) => [`push ${pushes.get(lease.id) ?? 0}`, showLease(lease, named)]));
  };
  const sideOf = async (side: Side): Promise<unknown> =>
    new Map([...(await at.refs(side))].filter(([ref]) => !isOurs(ref)).map(([ref, oid]) => [ref, named(oid)]));
  return {
    at,
    push: async (wishes, script) => {
      count += 1;
      const updates = updatesOf(at, await at.refs('old'), wishes);
      if (updates.length === 0) return 'nothing to push';
      const { words, held, inHook, atGitlab, ...seen } = await at.push(updates, script);
      // Nobody looks at processes from GitLab.
      const files = atGitlab?.map((lease) => ({ ...lease, lives: [] })) ?? null;
      const places = [held, inHook, files].map((all) => (all === null ? null : leases(all)));
      return { ...seen, words: kindOf(words), held: places[0], inHook: places[1], atGitlab: places[2] };
    },
    show: async () => ({
      old: await sideOf('old'),
      gitlab: await sideOf('gitlab'),
      state: at.state(),
      fence: showFence(at.fence(), await at.refs('gitlab')),
      leases: leases(at.leases()),
      troubles: at.troubles().map(({ ref, kind }) => `${ref} ${kind}`),
      sent: new Map([...at.tries().sent].map(([ref, all]) => [ref, all.map(named)])),
    }),
    close: () => at.close(),
  };
}

function isOurs(ref: RefName): boolean {
  return ref.startsWith('refs/handover/');
}

/** Those that would change nothing are none: git's client leaves them out. */
function updatesOf(at: ShimSetUp, refs: Refs, wishes: readonly Wish[]): Update[] {
  return wishes
    .map(({ ref, after }) => ({ ref, before: refs.get(ref) ?? null, after: after === null ? null : at.oid(after) }))
    .filter(({ before, after }) => before !== after);
}

/** Values differ between the doors; what they are to each other does not. */
function showFence({ fence, copy }: ReturnType<ShimSetUp['fence']>, gitlab: Refs): unknown {
  if (fence === null) return { marks: [...gitlab.keys()].filter(isOurs).length, hasCopy: copy !== null };
  const { last, next, proof, gate, stopped, seen } = fence;
  const named = (value: Oid | null): string => {
    if (value === null) return '-';
    if (value === next?.oid) return 'next';
    return value === last ? 'last' : 'another';
  };
  const has = { last: last !== null, next: next !== null, seen: seen !== null };
  return { shown: named(shownFence(fence, gitlab)), copy: named(copy), has, proof, gate, stopped };
}

/** Times are left out, and a request that was tried several times counts once. */
function showLease({ control, refs, landed, lives }: LeaseFiles, named: (oid: Oid | null) => string): unknown {
  const lines = wholeLines(control).map((line) => line.replace(/^(enter|sent) .*/, '$1'));
  const list = (text: string): string[] =>
    wholeLines(text)
      .map(parseUpdate)
      .map(({ ref, before, after }) => `${ref} ${named(before)} ${named(after)}`)
      .sort();
  return {
    control: lines.filter((line, index) => line !== 'sent' || lines[index - 1] !== 'sent'),
    refs: list(refs),
    landed: list(landed),
    lives: [...lives].sort(),
  };
}

/** Whether a push that acted is in its own hook or has come to GitLab. */
export function hasActed(control: string): boolean {
  return fieldsOf(wholeLines(control), 'act').length > 0;
}

/** It waits for a hold now. */
export function isWaiting(control: string): boolean {
  return says(wholeLines(control).slice(-1), 'wait');
}

/** What a pass ended with: null, or the code of its fault. */
export function passCode(world: World, waitMs: number): Promise<string | null> {
  return runPass(world, waitMs).then(
    () => null,
    (error: unknown) => asFault(error).code,
  );
}

/** As a pass does before it looks: of pushes that nobody sends any more. */
export function noteAllGone(journal: Journal, world: World): void {
  journal
    .leases()
    .filter((lease) => lease.sent !== null && !lease.answered && !world.isSending(lease))
    .forEach((lease) => world.noteGone(lease));
}
