/** What goes wrong by itself: reboots, outages, full disks, jumping clocks, damage, and writers that no hook sees. */
import { fieldsOf, wholeLines } from '../../agent/rules/leasefile';
import { phaseTable } from '../../agent/contract/phase';
import { parseUpdate, setOrDelete } from '../../agent/rules/refs';
import type { RefName, Update } from '../../agent/rules/values';
import { instantOf } from './clock';
import { readLeases } from './leasefiles';
import { lockRef, pushRefused } from './obstacles';
import { clientProcess } from './oldpush';
import type { OldServer, SimLease } from './oldserver';
import type { FaultName } from './options';
import type { Activity } from './scheduler';
import { breakGitlab, wipeFence } from './gitlabbreaks';
import { pickRef, shortRef, type Simulation } from './simulation';
import { short } from './commits';

type Disaster = (sim: Simulation, old: OldServer) => boolean;

/** Each by its rate a minute; it answers whether it could happen. */
const disasters: Partial<Readonly<Record<FaultName, Disaster>>> = {
  reboots: reboot,
  outages: outage,
  diskFull,
  clockJumps: clockJump,
  damages: damage,
  revivals: revive,
  lostObjects: loseObject,
  unhooked: writeUnhooked,
  closedWrites: writeToClosedGitlab,
  gitlabBreaks: breakGitlab,
  gitlabDeclines: decline,
  lockedRefs: lockRef,
  refusedObjects: pushRefused,
  wipes: wipeFence,
};

export function startDisasters(sim: Simulation): void {
  for (const [name, disaster] of Object.entries(disasters) as [FaultName, Disaster][]) {
    const perMinute = name === 'gitlabDeclines' ? sim.options[name] * 40 : sim.options[name];
    if (perMinute > 0) sim.scheduler.play(clientProcess(sim, name), strike(sim, { name, disaster, perMinute }));
  }
}

function* strike(
  sim: Simulation,
  { name, disaster, perMinute }: { name: FaultName; disaster: Disaster; perMinute: number },
): Activity {
  for (;;) {
    yield (60_000 / perMinute) * -Math.log(1 - sim.random.next());
    if (!sim.faulty) return;
    if (disaster(sim, sim.random.pick(sim.olds))) sim.count(name);
  }
}

/** Processes die; what was not flushed may be gone. */
export function reboot(sim: Simulation, old: OldServer): boolean {
  sim.tell(`${old.name} reboots`);
  [...old.host.processes].forEach((process) => process.end());
  for (const lease of [...old.leases.values()].filter(({ boot }) => boot === old.boot)) {
    if (!isDamaged(sim, old, lease.refs) && sim.random.chance(0.5)) cutShort(sim, lease);
    forgotten(sim, old, lease);
  }
  old.host.boots += 1;
  old.host.bootedAt = sim.scheduler.now - sim.random.between(0, 500);
  old.diskFull = false;
  return true;
}

/** Each file by itself: a disk writes them in any order. What is flushed is flushed in both. */
function cutShort(sim: Simulation, lease: SimLease): void {
  const { control, refs, flushed } = lease;
  lease.control = control.slice(0, Math.max(flushed, sim.random.int(control.length + 1)));
  if (flushed === 0) lease.refs = refs.slice(0, sim.random.int(refs.length + 1));
}

/**
 * In `old` nothing is flushed: a push that the power cut made unknown was made by somebody without hooks, for the
 * agent.
 */
function forgotten(sim: Simulation, old: OldServer, { control, refs, push }: SimLease): void {
  const applied = sim.facts.flatMap((fact) =>
    fact.kind === 'applied' && fact.server === old.name && fact.push === push ? [fact.update] : [],
  );
  const known = fieldsOf(wholeLines(control), 'enter').length > 0 ? wholeLines(refs).map(parseUpdate) : [];
  applied
    .filter(({ ref }) => !known.some((update) => update.ref === ref))
    .forEach((update) => sim.facts.push({ kind: 'wrote', at: sim.scheduler.now, server: old.name, update }));
}

/** A power cut right after damage to the same ref takes away the only thing that knew of the push: a stated limit. */
function isDamaged(sim: Simulation, old: OldServer, records: string): boolean {
  return sim.facts.some(
    (fact) => fact.kind === 'damage' && fact.server === old.name && records.includes(` ${fact.update.ref}\n`),
  );
}

export function outage(sim: Simulation): boolean {
  if (sim.gitlab.gone) return false;
  sim.gitlab.gone = true;
  sim.tell('gitlab is gone');
  sim.scheduler.after(sim.random.between(500, 12_000), () => {
    sim.gitlab.gone = false;
    sim.tell('gitlab is back');
  });
  return true;
}

function diskFull(sim: Simulation, old: OldServer): boolean {
  old.diskFull = true;
  sim.tell(`the disk of ${old.name} is full`);
  sim.scheduler.after(sim.random.between(200, 6_000), () => void (old.diskFull = false));
  return true;
}

function clockJump(sim: Simulation, old: OldServer): boolean {
  old.wallOffset += sim.random.between(-3_600_000, 3_600_000);
  sim.tell(`the wall clock of ${old.name} jumps`);
  return true;
}

function decline(sim: Simulation): boolean {
  const ref = pickRef(sim, sim.gitlab.refs);
  if (ref === null || sim.gitlab.declines !== null) return false;
  sim.gitlab.declines = ref;
  sim.tell(`gitlab declines ${shortRef(ref)}`);
  sim.scheduler.after(sim.random.between(500, 10_000), () => void (sim.gitlab.declines = null));
  return true;
}

/**
 * A ref is deleted or set back. Not where the protocol gives no promise: in `old`, and under a push that was not seen
 * to end (its pusher may have read "ok", and nothing on the disk says so).
 */
function damage(sim: Simulation, old: OldServer): boolean {
  const ref = pickRef(sim, old.refs);
  if (ref === null || old.state.phase === 'old' || isUnsettled(sim, old, ref)) return false;
  const before = old.refs.get(ref) ?? null;
  const after = before === null || sim.random.chance(0.5) ? null : sim.commits.parent(before);
  befall(sim, old, { ref, before, after });
  return true;
}

function befall(sim: Simulation, old: OldServer, update: Update): void {
  const { ref, before, after } = update;
  setOrDelete(old.refs, ref, after);
  sim.facts.push({ kind: 'damage', at: sim.scheduler.now, server: old.name, update });
  sim.tell(`damage on ${old.name}: ${shortRef(ref)} ${short(before)} → ${short(after)}`);
}

/**
 * A deleted ref comes back, with what it had then or a commit before: a lost unlink, a backup. Of what was deleted
 * before the first copy the agent knows nothing.
 */
function revive(sim: Simulation, old: OldServer): boolean {
  const copied = sim.facts
    .map((fact) => fact.kind === 'phase' && fact.server === old.name && fact.phase === 'mirror')
    .lastIndexOf(true);
  const deletions = sim.facts
    .slice(copied + 1)
    .flatMap((fact) =>
      fact.kind === 'applied' && fact.server === old.name && fact.update.after === null ? [fact.update as Update] : [],
    );
  const gone = deletions.filter(({ ref }) => !old.refs.has(ref) && !isUnsettled(sim, old, ref));
  if (gone.length === 0 || old.state.phase === 'old') return false;
  const { ref, before: had } = sim.random.pick(gone);
  const after = had !== null && sim.random.chance(0.3) ? (sim.commits.parent(had) ?? had) : had;
  if (after === null || !old.store.has(after)) return false;
  befall(sim, old, { ref, before: null, after });
  return true;
}

function isUnsettled(sim: Simulation, old: OldServer, ref: RefName): boolean {
  const underWay = sim.begun.some(
    ({ server, receivePack, updates }) =>
      server === old.name && receivePack.alive && updates.some((update) => update.ref === ref),
  );
  return (
    underWay ||
    readLeases(old, instantOf(sim, old)).some(
      ({ landed, updates }) => landed === null && (updates === null || updates.some((update) => update.ref === ref)),
    )
  );
}

/** Only what GitLab has as well: what it has not is gone for good, which no program can help. */
function loseObject(sim: Simulation, old: OldServer): boolean {
  const there = [...sim.commits.closure(old.refs.values())].filter(
    (oid) => old.store.has(oid) && sim.gitlab.store.has(oid),
  );
  if (there.length === 0 || old.state.phase === 'old') return false;
  const lost = sim.random.pick(there);
  old.store.delete(lost);
  sim.facts.push({ kind: 'rot', at: sim.scheduler.now, server: old.name, oid: lost });
  sim.tell(`${old.name} loses the object ${short(lost)}`);
  return true;
}

/** cron, update-ref, dumb http: mostly a commit on top, sometimes a rewind. */
function writeUnhooked(sim: Simulation, old: OldServer): boolean {
  const ref = pickRef(sim, old.refs);
  if (ref === null || isUnsettled(sim, old, ref)) return false;
  const before = old.refs.get(ref) ?? null;
  const after = sim.commits.make([sim.random.chance(0.8) || before === null ? before : sim.commits.parent(before)]);
  old.store.add(after);
  old.refs.set(ref, after);
  sim.facts.push({ kind: 'wrote', at: sim.scheduler.now, server: old.name, update: { ref, before, after } });
  sim.tell(`somebody without hooks on ${old.name}: ${shortRef(ref)} ${short(before)} → ${short(after)}`);
  return true;
}

function writeToClosedGitlab(sim: Simulation): boolean {
  const ref = pickRef(sim, sim.gitlab.refs);
  const closed = sim.olds.every(({ state }) => !phaseTable[state.phase].gitlabOpen);
  if (ref === null || !closed || sim.gitlab.open) return false;
  const before = sim.gitlab.refs.get(ref) ?? null;
  const after = sim.commits.make([before]);
  sim.gitlab.set(ref, after);
  sim.facts.push({ kind: 'wrote', at: sim.scheduler.now, server: 'gitlab', update: { ref, before, after } });
  sim.tell(`somebody writes to closed gitlab: ${shortRef(ref)} ${short(before)} → ${short(after)}`);
  return true;
}
