/** Sends many refs to GitLab in few pushes. One refused ref refuses a whole push there, so a refused push is halved until it stands alone. */
import { argumentBytes, hasFolderClash } from './refs';
import type { RefName, Trouble, Unlock, Update, World } from './world';

export interface Sent {
  readonly done: readonly Update[];
  readonly stale: readonly Update[];
  readonly troubles: readonly Pick<Trouble, 'ref' | 'kind' | 'words'>[];
  /** No answer came: the next look tells. */
  readonly unknown: readonly Update[];
  /** Some request had no answer, whatever is thought of it: it may still land. */
  readonly mayLand: boolean;
  /** GitLab's or ssh's words when GitLab could not be reached; null when it could. */
  readonly unreachable: string | null;
}

/** Refs in one push; leases go on the command line. */
const batchMax = 400;
/** Names may have thousands of bytes: without this bound one pusher's names would stop every pass. */
const batchBytesMax = 500_000;

/** Deletions go first (`a` before `a/b`), then the branch that HEAD names: GitLab makes the first branch of an empty project its default. */
export async function sendUpdates(world: World, updates: readonly Update[], head: RefName | null, lock: Unlock): Promise<Sent> {
  let sum = nothing;
  for (const batch of batches(updates, head)) {
    sum = add(sum, await sendBatch(world, batch, lock));
    if (sum.unreachable !== null) return sum;
  }
  return sum;
}

function batches(updates: readonly Update[], head: RefName | null): Update[][] {
  const gone = updates.filter((update) => update.after === null);
  const first = updates.filter((update) => update.after !== null && update.ref === head);
  const rest = updates.filter((update) => update.after !== null && update.ref !== head);
  const apart = hasFolderClash(updates) || first.some((update) => update.before === null);
  const groups = apart ? [gone, first, rest] : [[...gone, ...first, ...rest]];
  return groups.flatMap(slices);
}

function slices(updates: Update[]): Update[][] {
  const parts: Update[][] = [];
  let bytes = 0;
  for (const update of updates) {
    const part = parts[parts.length - 1];
    bytes += argumentBytes(update);
    if (part !== undefined && part.length < batchMax && bytes <= batchBytesMax) part.push(update);
    else {
      parts.push([update]);
      bytes = argumentBytes(update);
    }
  }
  return parts;
}

async function sendBatch(world: World, batch: readonly Update[], lock: Unlock): Promise<Sent> {
  const answer = await world.git.push(batch, { atomic: false, lock });
  if (answer.kind === 'ok') return { ...nothing, done: batch };
  if (answer.kind === 'not-sent') return { ...nothing, unreachable: answer.words };
  if (answer.kind === 'no-answer') return noAnswer(world, batch, answer.words);
  const refused = batch.filter((update) => answer.refs.has(update.ref));
  const declined = refused.filter((update) => answer.refs.get(update.ref) !== 'stale');
  const stale = refused.filter((update) => answer.refs.get(update.ref) === 'stale');
  const done = batch.filter((update) => !answer.refs.has(update.ref));
  const [alone] = declined;
  if (declined.length === 1 && alone !== undefined) return { ...nothing, done, stale, troubles: [{ ref: alone.ref, kind: 'declined', words: answer.words }] };
  return add({ ...nothing, done, stale }, await sendHalves(world, declined, lock));
}

async function sendHalves(world: World, declined: readonly Update[], lock: Unlock): Promise<Sent> {
  if (declined.length === 0) return nothing;
  const middle = Math.ceil(declined.length / 2);
  const first = await sendBatch(world, declined.slice(0, middle), lock);
  return add(first, await sendBatch(world, declined.slice(middle), lock));
}

/** git also ends like this when objects are missing here: then waiting would never help. */
async function noAnswer(world: World, batch: readonly Update[], words: string): Promise<Sent> {
  const tips = batch.filter((update) => update.after !== null);
  const whole = await world.git.complete(tips.flatMap((update) => update.after ?? []));
  if (whole) return { ...nothing, mayLand: true, unknown: batch };
  if (tips.length === 1) return { ...nothing, mayLand: true, troubles: tips.map(({ ref }) => ({ ref, kind: 'damaged' as const, words: `Objects are missing on old. ${words}` })) };
  let sum = nothing;
  for (const update of tips) sum = add(sum, await noAnswer(world, [update], words));
  return sum;
}

export const nothing: Sent = { done: [], stale: [], troubles: [], unknown: [], mayLand: false, unreachable: null };

function add(left: Sent, right: Sent): Sent {
  return {
    done: [...left.done, ...right.done], stale: [...left.stale, ...right.stale], troubles: [...left.troubles, ...right.troubles],
    unknown: [...left.unknown, ...right.unknown], mayLand: left.mayLand || right.mayLand, unreachable: left.unreachable ?? right.unreachable,
  };
}
