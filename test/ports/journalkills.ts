/**
 * A call that is killed in its midst: what each door can show afterwards, over all the places where it may be killed.
 * The simulation must be able to show all that the real journal can, and nothing else.
 */
import { outcome, step, type Doors, type Open } from './kit/compare';
import type { JournalDoor } from './journal';
import type { Killing } from './journalsteps';

/** More changes than any call makes. */
const changesMax = 200;

export async function killDifference(story: Killing, { real, simulated }: Doors<JournalDoor>): Promise<string | null> {
  const [left, right] = [await endings(story, real), await endings(story, simulated)];
  const only = (some: ReadonlySet<string>, others: ReadonlySet<string>): string | undefined =>
    [...some].find((ending) => !others.has(ending));
  const [missing, invented] = [only(left, right), only(right, left)];
  if (missing !== undefined) return `the simulated one never shows, after a kill\n  ${missing}`;
  return invented === undefined ? null : `the real one never shows, after a kill\n  ${invented}`;
}

async function endings(story: Killing, open: Open<JournalDoor>): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let change = 1; change < changesMax; change += 1) {
    const { trace, isKilled } = await ending(await open(), story, change);
    seen.add(trace);
    if (!isKilled) return seen;
  }
  throw new Error(`${story.victim.words}: more than ${changesMax} changes`);
}

async function ending(door: JournalDoor, story: Killing, change: number): Promise<Ending> {
  try {
    return await traceOf(door, story, change);
  } finally {
    await door.close();
  }
}

interface Ending {
  readonly trace: string;
  readonly isKilled: boolean;
}

async function traceOf(door: JournalDoor, { before, victim, after }: Killing, change: number): Promise<Ending> {
  const { at } = door;
  for (const operation of before) await step(door, operation);
  const answer = await at.killAt(victim.by, change, () => outcome(() => victim.work(at.journal(victim.by), at)));
  const trace = [await outcome(() => door.show())];
  for (const operation of after) trace.push(await step(door, operation));
  return { trace: trace.join('\n  '), isKilled: answer === 'killed' };
}

export function killingWords({ before, victim, after }: Killing): string[] {
  return [...before, { words: `KILLED in its midst: ${victim.words}` }, ...after].map(({ words }) => words);
}
