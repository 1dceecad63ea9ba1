/** The verb `status`: what the journal knows of each repository, and how far GitLab is behind. Asks GitLab nothing. */
import { sincePassMs } from '../rules/time';
import type { Verbs } from '../contract/verbs';
import type { Fault, RefTrouble, RepositoryStatus } from '../contract/views';
import { forbiddenSettings } from '../git/forbidden';
import { parkedFault, readParked } from '../repository/large';
import { passFault } from '../repository/passfailure';
import { readRefused, refusedFault } from '../repository/refusedpushes';
import { hasPasses, phaseTable } from '../contract/phase';
import { showRef } from '../rules/refs';
import { owedTo, type Owed } from '../sync/debts';
import { readAgentConfig } from '../repository/place';
import { type Repository, eachRepository } from '../repository/open';
import { residentFaults } from '../resident/resident';
import { damageTroubles, hooklessTroubles, lockTroubles } from './statusdamage';
import { hookTroubles } from './statushooks';
import { aliasedNames, isOnlyTold } from './statusaliased';
import { takenOver } from './statustaken';
import { nextStep } from './nextstep';
import type { World } from '../rules/ports';
import type { Hold, PassEnd, Trouble } from '../rules/values';

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

/** Passes have nothing to do in `old` and `retired`. */
function passFaults({ state }: Repository, one: RepositoryStatus): Fault[] {
  if (!hasPasses(one.phase)) return [];
  const failing = parkedFault(one.path, state) ?? passFault(one, state);
  return [failing, refusedFault(one)].filter((fault) => fault !== null);
}

export async function statusOf(repository: Repository): Promise<RepositoryStatus> {
  const { config, journal, world } = repository;
  const state = journal.state();
  const leases = journal.leases();
  const lastPass = journal.lastPass();
  const owed = readParked(repository.state) === null ? await owedTo(world) : nothingCounted(lastPass, world);
  return {
    path: config.path,
    project: config.project,
    phase: state.phase,
    epoch: state.epoch,
    hold: state.hold === null ? null : describeHold(world, state.hold),
    lagMs: owed.lagMs,
    debts: owed.debts,
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

/** Of a parked one nobody knows: to list all its refs is what took too much. */
function nothingCounted(lastPass: PassEnd | null, { clock }: World): Owed {
  return { debts: 0, lagMs: lastPass === null ? null : sincePassMs(lastPass, clock) };
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
