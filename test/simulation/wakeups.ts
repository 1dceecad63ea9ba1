/** Who wakes a pass: the hooks, the timer, and GitLab's webhooks, which may be lost, late and doubled. */
import { endExpiredHold } from '../../agent/sync/hold';
import { runPass } from '../../agent/sync/pass';
import { asFault } from '../../agent/contract/errors';
import type { PassFailure } from '../../agent/rules/passfailure';
import type { World } from '../../agent/rules/ports';
import type { OldServer } from './oldserver';
import { Died, type Activity } from './scheduler';
import type { Simulation } from './simulation';
import { openWorld } from './world';

const queueDelayMs = 200;
const wakeWaitMs = 60_000;

/** At most one runs and one waits. */
export function wake(sim: Simulation, old: OldServer): void {
  old.wakes += 1;
  if (old.waking >= 2) return;
  old.waking += 1;
  pass(
    sim,
    old,
    async (world) => {
      if (world.journal.state().phase === 'mirror') await world.clock.sleep(queueDelayMs);
      await runPass(world, wakeWaitMs);
    },
    () => (old.waking -= 1),
  );
}

/** What the timer does; another pass that runs already is as good. */
export function tick(sim: Simulation, old: OldServer): void {
  pass(sim, old, async (world) => {
    try {
      await endExpiredHold(world);
      await runPass(world, 0);
    } catch (error) {
      if (!(error instanceof Died)) noteFailure(old, { since: world.clock.wall(), ...asFault(error) });
    }
  });
}

/** For `status`. On a full disk it cannot be noted. */
function noteFailure(old: OldServer, { code, since, message, next }: PassFailure & { code: string }): void {
  if (code !== 'busy' && !old.diskFull) old.passFailure ??= { since, message, next };
}

function pass(
  sim: Simulation,
  old: OldServer,
  work: (world: World) => Promise<void>,
  done: () => void = () => undefined,
): void {
  const agent = sim.scheduler.process('a pass', old.host);
  sim.scheduler.spawn(agent, () => work(openWorld(sim, old, agent)), done);
}

export function* timer(sim: Simulation): Activity {
  for (;;) {
    yield sim.random.between(2_000, 8_000);
    sim.olds.forEach((old) => tick(sim, old));
  }
}

export function webhook(sim: Simulation): void {
  for (const old of sim.olds) {
    if (sim.strikes('webhookLost')) continue;
    const times = sim.strikes('webhookDoubled') ? 2 : 1;
    for (let time = 0; time < times; time += 1)
      sim.scheduler.after(sim.random.between(20, 2_000), () => wake(sim, old));
  }
}
