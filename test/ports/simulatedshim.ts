/** The simulation's old server and its pushers, set up for the suite of the shims. */
import type { Phase } from '../../agent/contract/phase';
import { fenceRef, newFence, withLanded, withNext } from '../../agent/rules/fence';
import type { Fence, Hold, Oid, RefName, Update } from '../../agent/rules/values';
import { instantOf } from '../simulation/clock';
import { openJournal } from '../simulation/journaldoor';
import { clientProcess, pushToOld } from '../simulation/oldpush';
import type { OldServer, SimLease } from '../simulation/oldserver';
import type { Process } from '../simulation/scheduler';
import { lostOnTheWay } from '../simulation/sending';
import { oddShare } from '../simulation/shim';
import { fenceId, type Simulation } from '../simulation/simulation';
import { openWorld } from '../simulation/world';
import { commits, letters, type Letter } from './git';
import { openCalm, runIn, runUntil, type Calm } from './kit/simulated';
import {
  isWaiting,
  noteAllGone,
  passCode,
  type HoldKind,
  type LeaseFiles,
  type PushSeen,
  type Script,
  type ShimSetUp,
} from './shim';

/** As long as a hold of a story may last, ms. */
const holdMs = 60_000;

interface Site extends Calm {
  readonly agent: Process;
  /** Of the holds. */
  owner: Process;
  lost: 'before' | 'after' | 'never';
  odd: boolean;
  /** Leases when a request came to GitLab. */
  arrived: readonly LeaseFiles[] | null;
}

export function openSimulatedShim(change: (calm: Calm) => void = () => undefined): ShimSetUp {
  const calm = openCalm();
  const { sim, old } = calm;
  const start = (): Process => sim.scheduler.process('agent', old.host);
  const site: Site = { ...calm, agent: start(), owner: start(), lost: 'never', odd: false, arrived: null };
  // Woken passes are counted, and none begins.
  old.waking = 2;
  const oids = new Map<Letter, Oid>();
  for (const letter of letters)
    oids.set(letter, sim.commits.make(commits[letter].map((parent: Letter) => oids.get(parent) ?? null)));
  watchGitlab(site);
  change(calm);
  return setUp(site, (letter) => oids.get(letter) ?? ('' as Oid));
}

function watchGitlab(site: Site): void {
  const { sim, old } = site;
  const take = sim.gitlab.take.bind(sim.gitlab);
  sim.gitlab.take = (...request) => {
    site.arrived = leasesOf(old);
    return take(...request);
  };
  const chance = sim.random.chance.bind(sim.random);
  const strikes = sim.strikes.bind(sim);
  sim.strikes = (fault, ...share) => (fault === 'lostAnswer' ? site.lost !== 'never' : strikes(fault, ...share));
  sim.random.chance = (share) => {
    if (share === lostOnTheWay) return site.lost === 'before';
    return share === oddShare ? site.odd : chance(share);
  };
}

function setUp(site: Site, oid: (letter: Letter) => Oid): ShimSetUp {
  const { sim, old, agent } = site;
  const journal = openJournal(sim, old, agent);
  const world = openWorld(sim, old, agent);
  const at: ShimSetUp = {
    oid,
    push: (updates, script) => push(site, updates, { ...script, at }),
    kill: async (victim) => runningLease(old)?.[victim === 'hook' ? 'hook' : 'receivePack'].end(),
    setPhase: async (phase) => {
      old.agreed = phase === 'old' ? null : (old.agreed ?? new Map(sim.gitlab.refs));
      if (phase === 'old') old.unhooked = [];
      old.state = { ...old.state, phase, epoch: old.state.epoch + 1, hold: null, fence: fenceIn(site, phase) };
    },
    hold: async (kind) => void (old.state = { ...old.state, hold: holdOf(site, kind) }),
    endHold: async () => void (old.state = { ...old.state, hold: null }),
    spoilHold: async (how) => {
      if (how === 'owner') site.owner.end();
      else old.state = { ...old.state, hold: holdOf(site, 'over') };
    },
    skipped: async (isSkipped) => void (old.skipped = isSkipped),
    set: async (side, ref, to) => setRef(site, { side, ref, to: to === null ? null : oid(to) }),
    refs: async (side) => new Map(side === 'old' ? old.refs : sim.gitlab.refs),
    gitlabGone: async (isGone) => void (sim.gitlab.gone = isGone),
    declines: async (ref) => void (sim.gitlab.declines = ref),
    loseAnswers: async (when) => void (site.lost = when),
    unwritable: async (isUnwritable) => void (old.diskFull = isUnwritable),
    pass: () => runIn(sim, agent, () => passCode(world, 60_000)),
    noteGone: async () => noteAllGone(journal, world),
    leases: () => leasesOf(old),
    fence: () => ({ fence: old.state.fence, copy: old.fenceCopy }),
    markGitlab: async (isThere) => {
      const { fence } = old.state;
      if (fence !== null) sim.gitlab.set(fenceRef(fence), isThere ? fence.last : null);
    },
    unseen: async () => {
      const { fence } = old.state;
      if (fence !== null) old.state = { ...old.state, fence: { ...fence, seen: null } };
    },
    state: () => ({ phase: old.state.phase, epoch: old.state.epoch, isHeld: old.state.hold !== null }),
    troubles: () => old.troubles,
    tries: () => old.tries,
    close: () => Promise.resolve(),
  };
  return at;
}

/** A repository that is let go of has none; one that had none begins one. */
function fenceIn({ sim, old }: Site, phase: Phase): Fence | null {
  const { fence } = old.state;
  if (phase !== 'old' && fence !== null) return { ...fence, gate: false };
  if (fence !== null) sim.gitlab.set(fenceRef(fence), null);
  if (fence !== null || phase === 'old') old.fenceCopy = null;
  if (phase === 'old') return null;
  const next = { oid: sim.commits.make([]), random: '' };
  const begun = withLanded(withNext(newFence(fenceId(old, (old.fences += 1))), next), instantOf(sim, old), 0);
  old.store.add(next.oid);
  sim.gitlab.set(fenceRef(begun), next.oid);
  old.fenceCopy = next.oid;
  return begun;
}

function setRef({ sim, old }: Site, { side, ref, to }: { side: 'old' | 'gitlab'; ref: RefName; to: Oid | null }): void {
  if (side === 'gitlab') return sim.gitlab.set(ref, to);
  if (to === null) return void old.refs.delete(ref);
  sim.commits.closure([to]).forEach((one) => old.store.add(one));
  old.refs.set(ref, to);
}

function holdOf(site: Site, kind: HoldKind): Hold {
  const { sim, old } = site;
  if (!site.owner.alive) site.owner = sim.scheduler.process('agent', old.host);
  const { boot, uptimeMs } = instantOf(sim, old);
  return {
    id: `${kind === 'of a dead owner' ? 1 : site.owner.pid}.x`,
    boot: kind === 'of another boot' ? 'another' : boot,
    endUptimeMs: kind === 'over' ? uptimeMs - 2_000 : uptimeMs + holdMs,
  };
}

async function push(
  site: Site,
  updates: readonly Update[],
  { at, ...script }: Script & { at: ShimSetUp },
): Promise<PushSeen> {
  const { sim, old } = site;
  const [told, looked, wakes] = [sim.pushes.length, old.looked.length, old.wakes];
  site.arrived = null;
  site.odd = script.odd;
  sim.forced.splice(0, sim.forced.length, ...forcedBy(script));
  const idle = new Set(old.host.processes);
  const known = new Set(old.leases.keys());
  const isHeld = isLive(site);
  const client = clientProcess(sim, 'ada');
  sim.scheduler.play(client, pushToOld(sim, old, { who: 'ada', updates, atomic: script.atomic }));
  const isOver = (): boolean => !client.alive;
  const visit = async (isThere: () => boolean, then: () => Promise<void>): Promise<readonly LeaseFiles[] | null> => {
    await runUntil(sim, () => isThere() || isOver());
    if (!isThere()) return null;
    const seen = leasesOf(old);
    await then();
    return seen;
  };
  const newest = (): string => [...old.leases.values()].find(({ id }) => !known.has(id))?.control ?? '';
  const held = isHeld
    ? await visit(
        () => isWaiting(newest()),
        () => script.held.run(at),
      )
    : null;
  const { inHook: meanwhile } = script;
  const isStalled = (): boolean => !sim.forced.includes('stalls');
  const inHook = meanwhile === null || script.declined ? null : await visit(isStalled, () => meanwhile.run(at));
  await runUntil(sim, () => isOver() && [...old.host.processes].every((one) => idle.has(one) || one === site.owner));
  sim.forced.splice(0);
  const ends = sim.pushes.slice(told);
  return {
    outcome: new Map(updates.map(({ ref }) => [ref, outcomeOf(ends, ref)])),
    words: ends.map(({ words }) => words).join('\n'),
    held,
    inHook,
    atGitlab: site.arrived,
    row: old.looked.slice(looked).pop() ?? null,
    woke: old.wakes > wakes,
  };
}

/** The own hook declines it, or waits for what happens meanwhile. */
function forcedBy({ declined, inHook }: Script): Simulation['forced'] {
  if (declined) return ['hookDeclines'];
  return inHook === null ? [] : ['stalls'];
}

function isLive({ sim, old, owner }: Site): boolean {
  const { hold } = old.state;
  const { boot, uptimeMs } = instantOf(sim, old);
  return hold !== null && hold.id === `${owner.pid}.x` && hold.boot === boot && hold.endUptimeMs > uptimeMs;
}

function outcomeOf(ends: Simulation['pushes'], ref: RefName): 'ok' | 'refused' | 'cut off' {
  const end = ends.find(({ updates }) => updates.some((update) => update.ref === ref));
  if (end === undefined || end.words === 'cut off') return 'cut off';
  return end.outcome === 'ok' ? 'ok' : 'refused';
}

function runningLease(old: OldServer): SimLease | undefined {
  return [...old.leases.values()].find(({ receivePack }) => receivePack.alive);
}

function leasesOf(old: OldServer): LeaseFiles[] {
  return [...old.leases.values()].map(({ id, control, refs, landed, receivePack, hook }) => ({
    id,
    control,
    refs,
    landed,
    lives: [...(receivePack.alive ? (['receive-pack'] as const) : []), ...(hook.alive ? (['hook'] as const) : [])],
  }));
}
