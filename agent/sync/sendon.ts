/**
 * Sends pushes that no hook saw on to GitLab, before a following pass would set them aside. Each value once: it is
 * written down as a try first, and goes by compare-and-set. What is agreed waits for the next look, which finds both
 * sides level after another move of the fence: a GitLab that went back in between is not followed.
 */
import { phaseTable } from '../contract/phase';
import { isUnhooked } from '../rules/decide';
import { isLive } from '../rules/records';
import { nameRefusal, printOid } from '../rules/refs';
import { decideSendOn, whyNotSent, type Answers } from '../rules/sendon';
import { wasFollowed } from './followed';
import { keptRef } from './attic';
import { beginRequest, endRequest, ownMayLand, retireTries } from './requests';
import { sendUpdates, type Sent } from './send';
import type { Look } from './look';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName, Tries, Trouble, Update } from '../rules/values';

export interface SentOn {
  /** Neither level nor to be set aside: sent just now, or it may still land. */
  readonly waiting: ReadonlySet<RefName>;
  /** Of those: sent by a pass before, without an answer. */
  readonly unanswered: ReadonlySet<RefName>;
  /** Why others were not sent, for people. */
  readonly why: ReadonlyMap<RefName, string>;
}

export const nothingSentOn: SentOn = { waiting: new Set(), unanswered: new Set(), why: new Map() };

/** In one pass: each is walked as a whole, and asks the repository's own hooks. */
const askedMax = 10;

/** `updates`: what old is to follow. Under the lock, after the fence moved. */
export async function sendOn(world: World, lock: Unlock, look: Look, updates: readonly Update[]): Promise<SentOn> {
  if (phaseTable[world.journal.state().phase].toGitlab !== 'write-through') return nothingSentOn;
  const known = { tries: world.journal.tries(), followed: world.journal.followed(), mayLand: ownMayLand(world) };
  const verdicts = updates.map((update) => ({ update, verdict: verdictOn(known, look, update) }));
  const of = (kind: 'wait' | 'ask'): Update[] =>
    verdicts.filter(({ verdict }) => verdict?.kind === kind).map(({ update }) => update);
  const asked = of('ask').slice(0, askedMax);
  const unanswered = new Set(of('wait').map(({ ref }) => ref));
  const waiting = new Set([
    ...unanswered,
    ...of('ask')
      .slice(askedMax)
      .map(({ ref }) => ref),
  ]);
  const why = new Map(
    verdicts.flatMap(({ update, verdict }) =>
      verdict?.kind === 'set-aside' ? [[update.ref, verdict.why] as const] : [],
    ),
  );
  const sends: Update[] = [];
  for (const update of asked) {
    const refusal = await whyNotSent(answersOf(world, look, update));
    if (refusal !== null) why.set(update.ref, refusal);
    else sends.push({ ref: update.ref, before: update.after, after: update.before });
  }
  if (sends.length > 0) noteSent(await sendOnce(world, lock, sends), sends, { waiting, why });
  return { waiting, unanswered, why };
}

/** Read once for a pass, however many refs moved. */
interface Known {
  readonly tries: Tries;
  readonly followed: readonly Update[];
  readonly mayLand: boolean;
}

function verdictOn(
  { tries, followed, mayLand }: Known,
  look: Look,
  { ref, before, after }: Update,
): ReturnType<typeof decideSendOn> {
  if (wasFollowed(followed, { ref, after: before })) return null;
  return decideSendOn({
    ref,
    old: before,
    gitlab: after,
    agreed: look.agreed.get(ref) ?? null,
    live: isLive(look.live, ref),
    ended: look.ended.get(ref) ?? [],
    sent: tries.sent.get(ref) ?? [],
    late: tries.late.get(ref) ?? [],
    mayLand,
  });
}

function answersOf(world: World, look: Look, { ref, before, after }: Update): Answers {
  const [value, gitlab] = [before as Oid, after as Oid];
  const { refs } = look.oldSide;
  const attic = [...refs].filter(([name]) => keptRef(name) === ref).map(([, oid]) => oid);
  return {
    name: () => Promise.resolve(nameRefusal(ref)),
    forward: () => world.git.isAncestor(gitlab, value),
    complete: () => world.git.complete([value]),
    cameBack: async () => {
      const brought = await world.git.commitsBeyond(value, [gitlab], 0);
      const fresh = attic.length === 0 ? brought : await world.git.commitsBeyond(value, [gitlab, ...attic], 0);
      return fresh.count === 0 || fresh.count < brought.count;
    },
    declined: () => world.ownHooks.judge({ ref, before: gitlab, after: value }, refs),
  };
}

/** What surely never arrived is no try: it may be sent again. */
async function sendOnce(world: World, lock: Unlock, sends: readonly Update[]): Promise<Sent> {
  const tries = world.journal.tries();
  beginRequest(world, tries, sends);
  const sent = await sendUpdates(world, sends, null, lock);
  const arrived = new Set([...sent.done, ...(sent.mayLand ? sends : [])].map(({ ref }) => ref));
  for (const { ref, after } of sends.filter((one) => !arrived.has(one.ref))) forgetTry(tries, ref, after);
  endRequest(world, tries, !sent.mayLand);
  world.log.write('sent-on', { refs: sends.length, done: sent.done.length, words: sent.unreachable });
  return sent;
}

function forgetTry(tries: Tries, ref: RefName, value: Oid | null): void {
  const left = (tries.sent.get(ref) ?? []).filter((one) => one !== value);
  if (left.length === 0) tries.sent.delete(ref);
  else tries.sent.set(ref, left);
}

function noteSent(
  { troubles }: Sent,
  sends: readonly Update[],
  { waiting, why }: { readonly waiting: Set<RefName>; readonly why: Map<RefName, string> },
): void {
  for (const { ref, words } of troubles) why.set(ref, `GitLab refused it: ${words.trim()}`);
  for (const { ref } of sends) if (!why.has(ref)) waiting.add(ref);
}

/**
 * Those that GitLab has by now, for people: found by the look after the send, so that a pass that dies in between
 * hides none. `followed`: refs that went forward with GitLab in this pass.
 */
export async function sentOnTroubles(
  world: World,
  look: Look,
  followed: ReadonlySet<RefName>,
): Promise<readonly Trouble[]> {
  const since = world.clock.wall();
  const set = world.journal.followed();
  const found = [...world.journal.tries().sent].flatMap(([ref, values]) => {
    const [old, agreed] = [look.old.get(ref) ?? null, look.agreed.get(ref) ?? null];
    const isThere = old === (look.gitlab.get(ref) ?? null) || followed.has(ref);
    const isSent =
      old !== null && isThere && values.includes(old) && isUnhooked(old, agreed, look.ended.get(ref) ?? []);
    return isSent && !isLive(look.live, ref) && !wasFollowed(set, { ref, after: old }) ? [{ ref, old, agreed }] : [];
  });
  const troubles: Trouble[] = [];
  for (const { ref, old, agreed } of found) {
    const [newest = ''] = (await world.git.commitsBeyond(old, agreed === null ? [] : [agreed], 1)).newest;
    const words = `Old moved to ${printOid(old).slice(0, 8)} although no hook saw it; it was sent on, and GitLab has it. Its newest commit: ${newest}`;
    troubles.push({ ref, kind: 'unhooked', old, gitlab: old, agreed, since, words });
  }
  return troubles;
}

/** After what is agreed was written: these values are those of before. */
export function retireSentOn(world: World, listed: readonly Trouble[]): void {
  if (listed.length === 0) return;
  const tries = world.journal.tries();
  for (const { ref } of listed) retireTries(tries, ref);
  world.journal.writeTries(tries);
}
