/** The verb `status`: what the journal knows of each repository, and how far GitLab is behind. Asks GitLab nothing. */
import { ageMs, sincePassMs } from '../rules/time';
import type { Verbs } from '../contract/verbs';
import type { Fault, RefTrouble, RepositoryStatus } from '../contract/views';
import { forbiddenSettings } from '../git/forbidden';
import { passFault } from '../repository/passfailure';
import { readRefused, refusedFault } from '../repository/refusedpushes';
import { phaseTable, type Phase } from '../contract/phase';
import { changesOf } from '../rules/records';
import { allNames, onlySynced, showRef } from '../rules/refs';
import { readAgentConfig } from '../repository/place';
import { type Repository, eachRepository } from '../repository/open';
import { residentFaults } from '../resident/resident';
import { damageTroubles, hooklessTroubles, lockTroubles } from './statusdamage';
import { hookTroubles } from './statushooks';
import { aliasedNames, isOnlyTold } from './statusaliased';
import { takenOver } from './statustaken';
import { nextStep } from './nextstep';
import type { World } from '../rules/ports';
import type { Hold, Lease, RefName, Trouble } from '../rules/values';

/** All attached repositories, or those named. One that cannot be read is a fault beside the others. */
export async function status(
  folder: string,
  { paths }: Verbs['status']['request'],
): Promise<Verbs['status']['result']> {
  const repositories: RepositoryStatus[] = [];
  const failing: Fault[] = [];
  const faults = await eachRepository(folder, paths, async (repository) => {
    const one = await statusOf(repository);
    repositories.push(one);
    failing.push(...passFaults(repository, one), ...(await forbiddenSettings(repository.hooks.directory)));
  });
  return { repositories, faults: [...faults, ...failing, ...serviceFaults(folder, repositories)] };
}

/** Where nothing is to be brought anywhere nobody misses the resident. */
function serviceFaults(folder: string, repositories: readonly RepositoryStatus[]): Fault[] {
  return repositories.some(({ phase }) => hasPasses(phase)) ? residentFaults(folder, readAgentConfig(folder)) : [];
}

function hasPasses(phase: Phase): boolean {
  return phaseTable[phase].toGitlab === 'pass' || phaseTable[phase].toOld;
}

/** Passes have nothing to do in `old` and `retired`. */
function passFaults({ state }: Repository, one: RepositoryStatus): Fault[] {
  if (!hasPasses(one.phase)) return [];
  return [passFault(one, state), refusedFault(one)].filter((fault) => fault !== null);
}

export async function statusOf(repository: Repository): Promise<RepositoryStatus> {
  const { config, journal, world } = repository;
  const state = journal.state();
  const leases = journal.leases();
  const lastPass = journal.lastPass();
  const owed = phaseTable[state.phase].toGitlab === 'pass' ? await debts(world) : [];
  return {
    path: config.path,
    project: config.project,
    phase: state.phase,
    epoch: state.epoch,
    hold: state.hold === null ? null : describeHold(world, state.hold),
    lagMs: owed.length === 0 ? null : lag(world, leases, owed),
    debts: owed.length,
    livePushes: leases.filter((lease) => lease.live).length,
    lastPass: lastPass?.wall ?? null,
    sinceLastPassMs: lastPass === null ? null : sincePassMs(lastPass, world.clock),
    troubles: [
      ...journal
        .troubles()
        .filter((trouble) => !isOnlyTold(trouble))
        .map((trouble) => showTrouble(config.path, trouble)),
      ...damageTroubles(repository),
      ...lockTroubles(repository),
      ...hooklessTroubles(repository),
      ...hookTroubles(repository),
    ],
    refused: phaseTable[state.phase].toGitlab === 'write-through' ? readRefused(repository.state, state.epoch) : null,
    taken: takenOver(repository),
    aliased: aliasedNames(repository),
  };
}

/** Refs whose value on old is not the one that both sides were last known to share. */
async function debts(world: World): Promise<RefName[]> {
  const old = onlySynced((await world.git.oldSide()).refs, world.config.namespaces);
  const agreed = onlySynced(world.journal.agreed() ?? new Map<RefName, never>(), world.config.namespaces);
  return allNames(old, agreed).filter((ref) => old.get(ref) !== agreed.get(ref));
}

/** Since the oldest push that left a debt; a change that no push made is at most as old as the last pass. */
function lag(world: World, leases: readonly Lease[], owed: readonly RefName[]): number {
  const now = world.clock.now();
  const witnesses = leases.filter((lease) => !lease.live && changesOf(lease).some(({ ref }) => owed.includes(ref)));
  const lastPass = world.journal.lastPass();
  const ages = witnesses.map((lease) => ageMs(now, lease.began));
  if (ages.length > 0) return Math.max(...ages);
  return lastPass === null ? 0 : sincePassMs(lastPass, world.clock);
}

function describeHold(world: World, hold: Hold): string {
  const now = world.clock.now();
  if (hold.boot !== now.boot || world.isOwnerGone(hold)) return 'left behind; the next pass ends it';
  const left = Math.ceil((hold.endUptimeMs - now.uptimeMs) / 1000);
  return left > 0 ? `${left} s left` : 'over; the next pass ends it';
}

function showTrouble(path: string, trouble: Trouble): RefTrouble {
  const { held, ...rest } = trouble;
  return {
    ...rest,
    ref: showRef(trouble.ref),
    ...(held === undefined ? {} : { held: showHeld(held) }),
    next: nextStep(path, trouble),
  };
}

function showHeld({ count, refs }: NonNullable<Trouble['held']>): NonNullable<RefTrouble['held']> {
  return { count, refs: refs.map(({ ref, before, after }) => ({ ref: showRef(ref), old: before, gitlab: after })) };
}
