/**
 * The verb `resolve`: a person decides which value of a ref stays. What loses is in the attic of old before anything
 * changes.
 */
import type { Verbs } from '../contract/verbs';
import { noteDecision } from '../repository/decisions';
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import { shortOid, readRef, showRef } from '../rules/refs';
import { openByPath, type Repository } from '../repository/open';
import { keepGitlab, keepOld, type Case } from '../sync/settle';
import { giveSecondName, secondName, stays, type SecondName } from '../sync/secondname';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName, Trouble } from '../rules/values';
import { caseOf } from '../sync/case';
import { withLock } from '../rules/withlock';
import { resolveStopped } from './resolvestopped';

type Request = Verbs['resolve']['request'];
type Result = Verbs['resolve']['result'];

const historyLines = 5;

export async function resolve(folder: string, request: Request): Promise<Result> {
  const repository = openByPath(folder, request.path);
  requireWords(request);
  return withLock(
    repository.journal.lock(repository.world.limits.holdMs),
    () =>
      faults.busy({
        what: `settle a ref of ${request.path}`,
        waitedMs: repository.world.limits.holdMs,
        again: 'Try again',
      }),
    (lock) => resolveUnder(repository, request, lock),
  );
}

async function resolveUnder(repository: Repository, request: Request, lock: Unlock): Promise<Result> {
  const trouble = troubleOf(repository, request);
  if (trouble.kind === 'stopped') return resolveStopped(repository, { request, trouble, lock });
  const found = await caseOf(repository.world, trouble);
  const text = await describe(repository.world, found, lock);
  const second = request.keep === 'both' ? await secondName(repository.world, found, request) : null;
  const choice = `${kept(request, found)}${second === null ? '' : named(second)}`;
  if (!request.apply) return { text: `${text}\nWould keep ${choice}.`, applied: false };
  const attic = await settle(repository, request, { found, second, lock });
  const lost = attic.length === 0 ? '' : `\nIn the attic of old: ${attic.map(showRef).join(', ')}`;
  return { text: `${text}\nKept ${choice}.${lost}`, applied: true };
}

/** The newest one of this ref; a stopped pass is the trouble of every ref that has none of its own. */
function troubleOf({ journal }: Repository, request: Request): Trouble {
  const ref = readRef(request.ref);
  const troubles = [...journal.troubles()].reverse();
  const stopped = troubles.find(({ kind }) => kind === 'stopped');
  const trouble = request.more === undefined ? troubles.find((candidate) => candidate.ref === ref) : undefined;
  const found = trouble ?? stopped;
  if (found !== undefined) return found;
  if (request.more !== undefined) throw faults.oneByOne({ path: request.path });
  throw faults.inNoTrouble({ ref: request.ref, path: request.path });
}

interface Choice {
  readonly found: Case;
  /** Of the value that does not stay; null: it goes to the attic. */
  readonly second: SecondName | null;
  readonly lock: Unlock;
}

/** The second name first: killed in between, nothing is lost. Answers what is in the attic now. */
async function settle(
  repository: Repository,
  request: Request,
  { found, second, lock }: Choice,
): Promise<readonly RefName[]> {
  const { world } = repository;
  if (second !== null) await giveSecondName(world, second, found.phase, lock);
  const keep = stays(request) === 'old' ? keepOld : keepGitlab;
  const attic = await keep(world, found, lock);
  note(repository, request, found, second === null ? attic : [...attic, second.ref]);
  return attic;
}

function named({ ref, value }: SecondName): string {
  return `, and ${shortOid(value)} as ${showRef(ref)} on both sides`;
}

export function requireWords({ apply, reason, who }: Pick<Request, 'apply' | 'reason' | 'who'>): void {
  if (apply && reason.trim() === '') throw faults.reason();
  if (apply && who.trim() === '') throw faults.who({ what: 'settle a ref' });
}

function kept(request: Request, { oldOffered, gitlab }: Case): string {
  return stays(request) === 'old' ? `old's ${shortOid(oldOffered)}` : `GitLab's ${shortOid(gitlab)}`;
}

async function describe(world: World, found: Case, lock: Unlock): Promise<string> {
  const { trouble, oldOffered, gitlab, lost } = found;
  await bringHere(world, found, lock);
  const head = `${showRef(trouble.ref)} is ${trouble.kind} since ${trouble.since}: ${trouble.words}`;
  const unkept = await world.git.missing(lost.filter((value): value is Oid => value !== null));
  const gone = lost.map(
    (value) =>
      `lost by old: ${value === null ? 'a deletion' : shortOid(value)}${value !== null && unkept.has(value) ? ', and its objects are gone: nothing can be kept of it' : ''}`,
  );
  return [
    head,
    await sideInWords(world, 'old', oldOffered, gitlab),
    await sideInWords(world, 'GitLab', gitlab, oldOffered),
    ...gone,
  ].join('\n');
}

/**
 * Objects only; without them there is neither a history to show nor a loser to keep. Refused later where it matters.
 */
export async function bringHere(world: World, { trouble, gitlab }: Case, lock: Unlock): Promise<void> {
  if (gitlab === null || (await world.git.missing([gitlab])).size === 0) return;
  const words = await world.git.fetch([trouble.ref], lock).catch((error: unknown) => asFault(error).message);
  if (words !== null) world.log.write('fetch-failed', { ref: showRef(trouble.ref), words });
}

export async function sideInWords(world: World, name: string, tip: Oid | null, other: Oid | null): Promise<string> {
  if (tip === null) return `${name}: absent`;
  const known = other !== null && (await world.git.missing([other])).size === 0 ? other : null;
  const history = (await world.git.history(tip, tip === known ? null : known, historyLines)).trimEnd();
  const only = known === null || known === tip ? '' : ', only here';
  return [
    `${name}: ${shortOid(tip)}${history === '' ? '' : only}`,
    ...history
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${line}`),
  ].join('\n');
}

function note(
  repository: Repository,
  request: Request,
  { old, gitlab, lost, trouble }: Case,
  attic: readonly RefName[],
): void {
  const facts = {
    ref: request.ref,
    kind: trouble.kind,
    keep: request.keep,
    ...(request.keep === 'both' ? { stays: stays(request) } : {}),
    reason: request.reason,
    old,
    gitlab,
    lost: lost.map((value) => value ?? 'a deletion'),
    attic: attic.map(showRef),
  };
  noteDecision(repository.folder, { what: 'resolve', repository: request.path, who: request.who, facts });
}
