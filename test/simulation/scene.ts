/**
 * One short story by hand in the simulated world: nothing happens but what the test does, one thing after the other.
 */
import { asFault } from '../../agent/contract/errors';
import { changePhase } from '../../agent/sync/phasechange';
import { runPass } from '../../agent/sync/pass';
import type { Phase } from '../../agent/contract/phase';
import type { World } from '../../agent/rules/ports';
import { isReserved } from '../../agent/rules/refs';
import type { Oid, RefName } from '../../agent/rules/values';
import { short } from './commits';
import { pushToGitlabAsPerson } from './gitlabpush';
import { clientProcess, pushToOld } from './oldpush';
import type { OldServer } from './oldserver';
import { drawOptions, faultNames, type Options } from './options';
import type { Activity, Outcome } from './scheduler';
import { Simulation } from './simulation';
import { openWorld } from './world';

export const main = 'refs/heads/main' as RefName;

export interface Scene {
  readonly sim: Simulation;
  readonly old: OldServer;
  /** Runs an activity of somebody to its end. */
  play(activity: Activity): Promise<void>;
  /** One call of the agent; answers the code of its fault, or null. */
  agent(work: (world: World) => Promise<unknown>): Promise<string | null>;
  move(to: Phase): Promise<string | null>;
  pass(): Promise<string | null>;
  /** A push to old or to GitLab, from what the server has, with its hooks; answers what its pusher was told. */
  push(side: 'old' | 'gitlab', after: Oid | null): Promise<string>;
  commit(parent: Oid | null): Oid;
  /** main on old and on GitLab, by the number of its commit. */
  values(): { old: string; gitlab: string };
}

/** A repository with one branch in `old`, no timer, no faults. */
export function openScene(): Scene {
  const calm = Object.fromEntries(faultNames.map((name) => [name, 0]));
  const options: Options = { ...drawOptions(1), ...calm, oldServers: 1, branches: 1, fence: true };
  const sim = new Simulation(options);
  const [old] = sim.olds;
  if (old === undefined) throw new Error('Cannot open a scene as there must be an old server.');
  const root = sim.commits.make([]);
  old.store.add(root);
  old.refs.set(main, root);
  const play = async (activity: Activity): Promise<void> => {
    const client = clientProcess(sim, 'somebody');
    sim.scheduler.play(client, activity);
    await runUntil(sim, () => !client.alive);
  };
  const agent = (work: (world: World) => Promise<unknown>): Promise<string | null> => runAgent(sim, old, work);
  return {
    sim,
    old,
    play,
    agent,
    move: (to) =>
      agent((world) =>
        changePhase(world, {
          to,
          consent: { abandon: false, unhookedWriters: true, endOlderPushes: false },
          progress: () => undefined,
        }),
      ),
    pass: () => agent((world) => runPass(world, 60_000)),
    push: async (side, after) => {
      const before = (side === 'old' ? old.refs : sim.gitlab.refs).get(main) ?? null;
      const attempt = { who: 'ada', updates: [{ ref: main, before, after }], atomic: false };
      await play(side === 'old' ? pushToOld(sim, old, attempt) : pushToGitlabAsPerson(sim, attempt));
      await runUntil(sim, () => !isPushedTo(old));
      return sim.pushes[sim.pushes.length - 1]?.outcome ?? 'not begun';
    },
    commit: (parent) => sim.commits.make([parent]),
    values: () => ({ old: shown(old.refs.get(main)), gitlab: shown(sim.gitlab.refs.get(main)) }),
  };
}

/** Answers the code of its fault, or null. */
async function runAgent(
  sim: Simulation,
  old: OldServer,
  work: (world: World) => Promise<unknown>,
): Promise<string | null> {
  const box: { outcome: Outcome<unknown> | null | undefined } = { outcome: undefined };
  const process = sim.scheduler.process('agent', old.host);
  sim.scheduler.spawn(
    process,
    () => work(openWorld(sim, old, process)),
    (outcome) => void (box.outcome = outcome),
  );
  await runUntil(sim, () => box.outcome !== undefined);
  if (box.outcome === null || box.outcome === undefined) return 'killed';
  return 'error' in box.outcome ? asFault(box.outcome.error).code : null;
}

/** Who pushed is told before post-receive has run; until then a pass leaves the ref to the push. */
function isPushedTo({ host }: OldServer): boolean {
  return [...host.processes].some(({ name, alive }) => alive && name.startsWith('receive-pack of '));
}

/** No answer comes to the values that it sends; that to the fence before them comes. */
export function unanswered({ sim }: Scene, world: World): World {
  const push: World['git']['push'] = (...request) => {
    sim.forced.push('lostAnswer');
    return world.git.push(...request);
  };
  return { ...world, git: { ...world.git, push } };
}

/** All that people see of GitLab; our own refs stay. */
export function emptyGitlab({ sim: { gitlab } }: Scene): void {
  for (const ref of gitlab.refs.keys()) if (!isReserved(ref)) gitlab.refs.delete(ref);
}

/** HEAD of both sides names another branch: main may be deleted. */
export function nameAnotherHead({ sim, old }: Scene): void {
  const head = 'refs/heads/other' as RefName;
  old.head = head;
  Object.assign(sim.gitlab, { head });
}

const deadlineMs = 600_000;

async function runUntil(sim: Simulation, done: () => boolean): Promise<void> {
  const end = sim.scheduler.now + deadlineMs;
  while (!done()) {
    if (sim.scheduler.now > end)
      throw new Error(`Waited ${deadlineMs} ms of virtual time; the story so far:\n${sim.story.join('\n')}`);
    await sim.scheduler.until(sim.scheduler.now + 5);
  }
}

function shown(oid: Oid | undefined): string {
  return short(oid ?? null);
}
