/**
 * What the world can do beyond its drawn faults. Each draws from a stream of its own and is off unless it is asked for:
 * seeds without powers go on telling what they told.
 */
import { asFault } from '../../agent/contract/errors';
import { phaseTable } from '../../agent/contract/phase';
import type { World } from '../../agent/rules/ports';
import type { Taken } from '../../agent/rules/taken';
import { caseToGiveBack, giveBack } from '../../agent/sync/giveback';
import { passUnder } from '../../agent/sync/pass';
import { Random } from '../random';
import { runAgent, underLock } from './agentcall';
import { short } from './commits';
import { clientProcess } from './oldpush';
import { moveTo } from './operator';
import type { OldServer } from './oldserver';
import type { Changes, PowerName } from './options';
import type { Activity } from './scheduler';
import { shortRef, type Simulation } from './simulation';

type Power = (sim: Simulation, old: OldServer, random: Random) => Activity;

const powers: Readonly<Record<PowerName, Power>> = {
  hookless: loseHooks,
  giveBacks: giveSomethingBack,
  retirements: retireAndRestore,
  abandons: abandon,
};

/** So often that each is met in a short run. One old server: moves of two are tied to each other. */
export const withPowers: Changes = {
  oldServers: 1,
  activeMs: 60_000,
  moveEveryMs: 4_000,
  powers: { hookless: 4, giveBacks: 12, retirements: 30, abandons: 0.7 },
};

export function startPowers(sim: Simulation): void {
  for (const [name, power] of Object.entries(powers) as [PowerName, Power][]) {
    const perMinute = sim.options.powers[name] ?? 0;
    if (perMinute > 0) sim.scheduler.play(clientProcess(sim, name), use(sim, power, { name, perMinute }));
  }
}

function* use(sim: Simulation, power: Power, { name, perMinute }: { name: string; perMinute: number }): Activity {
  const random = Random.stream(sim.options.seed, name);
  for (;;) {
    yield (60_000 / perMinute) * -Math.log(1 - random.next());
    if (!sim.faulty) return;
    yield* power(sim, random.pick(sim.olds), random);
  }
}

/** Git would not run our hooks: it was told of others, which a pass mends, or the disk runs no programs. */
function* loseHooks(sim: Simulation, old: OldServer, random: Random): Activity {
  // Where GitLab is empty as yet, what git takes alone stops the passes, which is true and no false alarm.
  if (sim.gitlab.refs.size === 0) return;
  old.hooksLost = random.chance(0.5) ? 'mendable' : 'lasting';
  sim.tell(`git on ${old.name} runs no hooks any more (${old.hooksLost})`);
  yield random.between(1_000, 25_000);
  old.hooksLost = null;
  sim.tell(`git on ${old.name} would run hooks`);
}

/** `npm run resolve -- --give-back`. */
function* giveSomethingBack(sim: Simulation, old: OldServer, random: Random): Activity {
  const offered = old.taken ?? [];
  if (offered.length === 0 || !phaseTable[old.state.phase].toOld) return;
  const one = random.pick(offered);
  const box = { decided: false };
  const givenSince = sim.scheduler.now;
  const { ref, before: value } = one;
  const decide = (): void => {
    box.decided = true;
    sim.decides(ref, value);
  };
  const outcome = yield* runAgent(sim, old, (world) => giveBackOne(world, one, decide));
  const done = outcome !== null && 'value' in outcome && box.decided;
  if (box.decided) sim.facts.push({ kind: 'settled', at: sim.scheduler.now, ref, value, done, givenSince });
  const words = outcome !== null && 'error' in outcome ? asFault(outcome.error).message : done ? 'done' : 'not done';
  sim.tell(`the operator gives ${short(value)} of ${shortRef(ref)} back: ${words}`);
}

async function giveBackOne(world: World, { attic }: Taken, decided: () => void): Promise<void> {
  await underLock(world, async (lock) => {
    const found = await caseToGiveBack(world, attic);
    const { gitlab } = found;
    const isAway = gitlab !== null && (await world.git.missing([gitlab])).size > 0;
    if (isAway) await world.git.fetch([found.trouble.ref], lock);
    decided();
    await giveBack(world, found, attic, lock);
  });
}

/** A rename, and its way back: while it is away nobody pushes there, and nothing is brought there. */
function* retireAndRestore(sim: Simulation, old: OldServer, random: Random): Activity {
  if (old.state.phase !== 'refuse' || !sim.gitlab.open) return;
  yield* runAgent(sim, old, (world) => underLock(world, (lock) => retire(world, lock)));
  if (!isRetired(old)) return;
  yield random.between(1_000, 20_000);
  while (isRetired(old))
    yield* runAgent(sim, old, (world) =>
      world.journal.changeState((state) => ({ ...state, phase: 'refuse', epoch: state.epoch + 1, hold: null })),
    );
}

function isRetired({ state }: OldServer): boolean {
  return state.phase === 'retired';
}

async function retire(world: World, lock: Parameters<typeof passUnder>[1]): Promise<void> {
  if (world.journal.state().phase !== 'refuse') return;
  const { open, troubles } = await passUnder(world, lock, 'refuse', { eager: true });
  if (open > 0 || troubles.some(({ kind }) => kind !== 'unhooked')) return;
  await world.journal.changeState((state) => ({ ...state, phase: 'retired', epoch: state.epoch + 1, hold: null }));
}

/** Back to `old`: GitLab is given up, and emptied before it is tried again. */
function* abandon(sim: Simulation, old: OldServer): Activity {
  if (sim.olds.length > 1 || ['old', 'retired'].includes(old.state.phase)) return;
  if (!(yield* moveTo(sim, old, 'old'))) return;
  for (const [ref, before] of [...sim.gitlab.refs]) {
    sim.gitlab.set(ref, null);
    sim.facts.push({ kind: 'damage', at: sim.scheduler.now, server: 'gitlab', update: { ref, before, after: null } });
  }
  sim.tell('the operator empties GitLab');
}
