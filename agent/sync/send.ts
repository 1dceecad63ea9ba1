/**
 * Sends many refs to GitLab in few pushes. One refused ref refuses a whole push there, so a refused push is halved
 * until it stands alone.
 */
import { ageMs } from '../rules/time';
import { argumentBytes, hasFolderClash } from '../rules/refs';
import type { Unlock, World } from '../rules/ports';
import type { RefName, Trouble, Update } from '../rules/values';

/** GitLab's words may be about others of the same push as well. */
export interface Refused extends Update {
  readonly words: string;
}

export interface Sent {
  readonly done: readonly Update[];
  readonly stale: readonly Refused[];
  readonly troubles: readonly Pick<Trouble, 'ref' | 'kind' | 'words'>[];
  /** No answer came: the next look tells. */
  readonly unknown: readonly Update[];
  /** Some request had no answer, whatever is thought of it: it may still land. */
  readonly mayLand: boolean;
  /** GitLab's or ssh's words when GitLab could not be reached; null when it could. */
  readonly unreachable: string | null;
}

/** Refs in the first push. */
const firstSize = 1_000;
const leastSize = 400;
/** How much more the next push may hold than the one before. */
const growth = 50;
/** Only deletions are named on the command line; git compares each with each ref of GitLab. */
const goneMax = 400;
/** Names may have thousands of bytes: without this bound one pusher's names would stop every pass. */
const goneBytesMax = 500_000;

/**
 * Deletions go first (`a` before `a/b`), then the branch that HEAD names: GitLab makes the first branch of an empty
 * project its default. GitLab shows all its refs to each push, so few pushes are wanted, and says nothing while it
 * takes one, so none may take long: each holds as many refs as the one before shows to be fitting.
 */
export async function sendUpdates(
  world: World,
  updates: readonly Update[],
  head: RefName | null,
  lock: Unlock,
): Promise<Sent> {
  let sum = nothing;
  let size = firstSize;
  const groups = groupsOf(updates, head);
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    const batch = group.slice(0, fitting(group, size));
    const start = world.clock.now();
    sum = add(sum, await sendBatch(world, batch, lock));
    if (sum.unreachable !== null) return sum;
    // A push of few refs shows nothing: what takes long there is the objects.
    if (batch.length === size) size = nextSize(size, ageMs(world.clock.now(), start), world.limits);
    if (batch.length < group.length) groups.unshift(group.slice(batch.length));
  }
  return sum;
}

/** A third of what GitLab may be silent for, or of what changes of phase allow a push to take. */
export function nextSize(
  size: number,
  tookMs: number,
  { leaseMs, longestGitlabPushMs }: Pick<World['limits'], 'leaseMs' | 'longestGitlabPushMs'>,
): number {
  const fit = Math.floor((size * Math.min(leaseMs, longestGitlabPushMs)) / 3 / Math.max(tookMs, 1));
  return Math.max(leastSize, Math.min(fit, size * growth));
}

function groupsOf(updates: readonly Update[], head: RefName | null): Update[][] {
  const gone = updates.filter((update) => update.after === null);
  const first = updates.filter((update) => update.after !== null && update.ref === head);
  const rest = updates.filter((update) => update.after !== null && update.ref !== head);
  const apart = hasFolderClash(updates) || first.some((update) => update.before === null);
  return (apart ? [gone, first, rest] : [[...gone, ...first, ...rest]]).filter((group) => group.length > 0);
}

/** How many of the first ones go into one push: at least one. */
function fitting(updates: readonly Update[], size: number): number {
  let gone = 0;
  let bytes = 0;
  const end = updates.slice(0, size).findIndex((update, index) => {
    gone += update.after === null ? 1 : 0;
    bytes += update.after === null ? argumentBytes(update) : 0;
    return index > 0 && (gone > goneMax || bytes > goneBytesMax);
  });
  return end === -1 ? Math.min(size, updates.length) : end;
}

async function sendBatch(world: World, batch: readonly Update[], lock: Unlock): Promise<Sent> {
  const answer = await world.git.push(batch, { atomic: false, lock });
  if (answer.kind === 'ok') return { ...nothing, done: batch };
  if (answer.kind === 'not-sent') return { ...nothing, unreachable: answer.words };
  if (answer.kind === 'no-answer') {
    world.log.write('no-answer', { refs: batch.length, words: answer.words });
    return noAnswer(world, batch, answer.words);
  }
  const refused = batch.filter((update) => answer.refs.has(update.ref));
  const declined = refused.filter((update) => answer.refs.get(update.ref) !== 'stale');
  const stale = refused
    .filter((update) => answer.refs.get(update.ref) === 'stale')
    .map((update) => ({ ...update, words: answer.words }));
  const done = batch.filter((update) => !answer.refs.has(update.ref));
  const [alone] = declined;
  if (declined.length === 1 && alone !== undefined)
    return { ...nothing, done, stale, troubles: [{ ref: alone.ref, kind: 'declined', words: answer.words }] };
  return add({ ...nothing, done, stale }, await sendHalves(world, declined, lock));
}

async function sendHalves(world: World, declined: readonly Update[], lock: Unlock): Promise<Sent> {
  if (declined.length === 0) return nothing;
  const middle = Math.ceil(declined.length / 2);
  const first = await sendBatch(world, declined.slice(0, middle), lock);
  return add(first, await sendBatch(world, declined.slice(middle), lock));
}

/**
 * git also ends like this when objects are missing here: then waiting would never help. Which ones lack them is found
 * by halving.
 */
async function noAnswer(world: World, batch: readonly Update[], words: string): Promise<Sent> {
  const tips = batch.filter((update) => update.after !== null);
  const whole = await world.git.complete(tips.flatMap((update) => update.after ?? []));
  if (whole) return { ...nothing, mayLand: true, unknown: batch };
  if (tips.length === 1)
    return {
      ...nothing,
      mayLand: true,
      troubles: tips.map(({ ref }) => ({
        ref,
        kind: 'damaged' as const,
        words: `Objects are missing on old. ${words}`,
      })),
    };
  const middle = tips.length >> 1;
  return add(await noAnswer(world, tips.slice(0, middle), words), await noAnswer(world, tips.slice(middle), words));
}

export const nothing: Sent = { done: [], stale: [], troubles: [], unknown: [], mayLand: false, unreachable: null };

function add(left: Sent, right: Sent): Sent {
  return {
    done: [...left.done, ...right.done],
    stale: [...left.stale, ...right.stale],
    troubles: [...left.troubles, ...right.troubles],
    unknown: [...left.unknown, ...right.unknown],
    mayLand: left.mayLand || right.mayLand,
    unreachable: left.unreachable ?? right.unreachable,
  };
}
