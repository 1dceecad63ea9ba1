/**
 * `resolve` for a stopped pass: a person says whether GitLab is right, and old follows, or has lost what old still has,
 * and gets it back.
 */
import { faults } from '../contract/faults';
import { quote } from '../contract/shellword';
import type { Verbs } from '../contract/verbs';
import { noteDecision } from '../repository/decisions';
import type { Repository } from '../repository/open';
import { readRef, shortOid, showRef } from '../rules/refs';
import { allRefs, planGiveBack, type GiveBackPlan, type Missed } from '../rules/stopped';
import type { Unlock, World } from '../rules/ports';
import type { CommitsBeyond, Oid, RefName, Trouble, Update } from '../rules/values';
import { giveBackStopped, letPassThrough, lookAtStopped, type GaveBack, type StoppedLook } from '../sync/stopped';

type Request = Verbs['resolve']['request'];
type Result = Verbs['resolve']['result'];

interface Asked {
  readonly request: Request;
  readonly trouble: Trouble;
  readonly lock: Unlock;
}

/** How many refs are shown with their commits, and how many commits of each side. */
const refsShown = 20;
const commitsShown = 3;

export async function resolveStopped(repository: Repository, asked: Asked): Promise<Result> {
  const { request, trouble, lock } = asked;
  if (request.keep === 'both') throw faults.stoppedBoth({ path: request.path });
  const { world } = repository;
  const look = await lookAtStopped(world, lock);
  const named = new Set([request.ref, ...(request.more ?? [])].map(readRef));
  const plan = planGiveBack(look.missed, named);
  if (plan.kind === 'unknown') throw faults.inNoTrouble({ ref: showRef(plan.ref), path: request.path });
  const chosen = look.missed.filter(({ ref }) => named.has(allRefs) || named.has(ref));
  const text = `${request.path} is stopped since ${trouble.since}: ${trouble.words}\n${await describe(world, look, chosen)}`;
  return request.keep === 'gitlab'
    ? follow(repository, asked, { text, named, count: chosen.filter(({ leftOut }) => leftOut === null).length })
    : giveBack(repository, asked, { text, plan, look });
}

/** Old follows whatever GitLab says. */
async function follow(
  repository: Repository,
  { request, lock }: Asked,
  { text, named, count }: { readonly text: string; readonly named: ReadonlySet<RefName>; readonly count: number },
): Promise<Result> {
  if (!request.apply)
    return { text: `${text}\nWould set ${refs(count)} on old, keeping what is lost in the attic.`, applied: false };
  const { isStopped } = await letPassThrough(repository.world, lock, named);
  note(repository, request, { refs: count });
  const after = isStopped ? 'Old waits for a person still: see `npm run status`.' : 'Old follows GitLab again.';
  return { text: `${text}\nSet ${refs(count)} on old; what was lost is in the attic. ${after}`, applied: true };
}

interface Plan {
  readonly text: string;
  readonly plan: Exclude<GiveBackPlan, { kind: 'unknown' }>;
  readonly look: StoppedLook;
}

/** GitLab gets back what it lost. */
async function giveBack(repository: Repository, { request, lock }: Asked, { text, plan, look }: Plan): Promise<Result> {
  if (plan.kind === 'unnamed') return refuse(request, text, plan.refs);
  const { send, leftOut } = plan;
  if (!request.apply)
    return {
      text: `${text}\nWould give ${refs(send.length)} back to GitLab, keeping what it has instead in the attic of old.`,
      applied: false,
    };
  const gave = await giveBackStopped(repository.world, look, send, lock);
  const { sent, attic } = gave;
  note(repository, request, { refs: sent.done.length, notSent: send.length - sent.done.length, attic: attic.length });
  repository.world.log.write('given-back', { refs: sent.done.map(shown) });
  requireAll(request, gave, leftOut);
  const after = gave.isStopped ? 'Old waits for a person still: see `npm run status`.' : 'Old follows GitLab again.';
  const kept = attic.length === 0 ? '' : `\nIn the attic of old: ${someOf(attic.map(showRef)).join(', ')}`;
  return { text: `${text}\nGave ${refs(sent.done.length)} back to GitLab. ${after}${kept}`, applied: true };
}

/** What is only shown says what would be refused, and what to type. */
function refuse(request: Request, text: string, unnamed: readonly RefName[]): Result {
  const named = [request.ref, ...(request.more ?? []), ...unnamed.map(showRef)].map(quote).join(' ');
  const command = `npm run resolve -- ${quote(request.path)} ${named} --keep old --reason "…"`;
  const fault = faults.onlyOnGitlab({ refs: someOf(unnamed.map(showRef)), path: request.path, command });
  if (request.apply) throw fault;
  return { text: `${text}\n${fault.fault.message} ${fault.fault.next}`, applied: false };
}

/** Whatever did not arrive is told with why: what arrived stays there, and running it again sends the rest. */
function requireAll({ path }: Request, { sent }: GaveBack, leftOut: readonly Missed[]): void {
  const done = sent.done.length;
  const declined = sent.troubles.map(({ ref, words }) => `${showRef(ref)}: ${words.trim()}`);
  const stale = sent.stale.map(({ ref }) => `${showRef(ref)}: it moved on GitLab since it was looked at`);
  const waiting = leftOut.map(({ ref, leftOut: why }) => `${showRef(ref)}: ${why ?? ''}`);
  const rest = someOf([...declined, ...stale, ...waiting]);
  if (sent.unreachable !== null) throw faults.backUnreachable({ path, done, words: sent.unreachable });
  if (sent.unknown.length > 0) throw faults.backUnknown({ path, done, unknown: sent.unknown.length });
  if (rest.length > 0) throw faults.backPartly({ path, done, rest });
}

async function describe(world: World, look: StoppedLook, missed: readonly Missed[]): Promise<string> {
  if (missed.length === 0) return 'GitLab lost nothing that old still has: the next pass follows it again.';
  const { old, gitlab } = look.look;
  const sides = { ours: [...new Set(old.values())], theirs: [...new Set(gitlab.values())] };
  const lines: string[] = [];
  for (const one of missed.slice(0, refsShown)) lines.push(await describeOne(world, one, sides));
  const more = missed.length - refsShown;
  return [...lines, ...(more > 0 ? [`… and ${refs(more)} more`] : [])].join('\n');
}

async function describeOne(
  world: World,
  { ref, lost, gitlab, leftOut }: Missed,
  { ours, theirs }: { readonly ours: readonly Oid[]; readonly theirs: readonly Oid[] },
): Promise<string> {
  const side = async (tip: Oid | null, others: readonly Oid[], where: string): Promise<string> =>
    tip === null ? 'absent' : sideWords(tip, await world.git.commitsBeyond(tip, others, commitsShown), where);
  return [
    `${showRef(ref)}${leftOut === null ? '' : ` (has to wait: ${leftOut})`}`,
    `  old: ${await side(lost, theirs, 'GitLab')}`,
    `  GitLab: ${await side(gitlab, [lost, ...ours], 'old')}`,
  ].join('\n');
}

function sideWords(tip: Oid, { count, newest }: CommitsBeyond, where: string): string {
  if (count === 0) return shortOid(tip);
  const commits = `${count} commit${count === 1 ? '' : 's'} that ${where} has nowhere`;
  return [`${shortOid(tip)}, ${commits}`, ...newest].join('\n    ');
}

/** Of thousands nobody reads more; the log has all. */
function someOf(words: readonly string[]): readonly string[] {
  const more = words.length - refsShown;
  return more > 0 ? [...words.slice(0, refsShown), `${more} more`] : words;
}

function refs(count: number): string {
  return `${count} ref${count === 1 ? '' : 's'}`;
}

function shown({ ref, before, after }: Update): Record<string, unknown> {
  return { ref: showRef(ref), gitlab: before, old: after };
}

function note({ folder }: Repository, request: Request, facts: Readonly<Record<string, number>>): void {
  const { path, who, keep, reason, ref, more } = request;
  noteDecision(folder, {
    what: 'resolve',
    repository: path,
    who,
    facts: { ref, ...(more === undefined ? {} : { more }), keep, reason, ...facts },
  });
}
