/** The list of what old took over from GitLab: written before a ref moves, so that a killed pass hides nothing. */
import { isUnhooked } from '../rules/decide';
import { changesOf } from '../rules/records';
import { showRef } from '../rules/refs';
import { keptTaken, type Taken } from '../rules/taken';
import type { World } from '../rules/ports';
import type { Lease, Oid, RefName } from '../rules/values';
import type { AtticUpdate } from './attic';
import type { Look } from './look';

/** Refs in one line of the log. */
const lineMax = 500;

/** What old is about to lose, each with the ref that keeps it. */
export interface Noted {
  readonly taken: readonly Taken[];
  /** What a writer without hooks left on old: no change of GitLab's. It is listed as `unhooked` once it is gone. */
  readonly unhooked: readonly Taken[];
}

/** Both: a pass that dies before it has listed the unhooked ones leaves them in this list, so nothing is silent. */
export function noteTaken(world: World, look: Look, attic: readonly AtticUpdate[]): Noted {
  const at = world.clock.wall();
  const fresh = attic.flatMap(({ ref, after: before, keeps }) => {
    if (before === null) return [];
    const after = look.gitlab.get(keeps) ?? null;
    return [{ ref: keeps, before, after, attic: ref, at, from: whoPushed(look, keeps, before) }];
  });
  // The same one again: the pass before was killed, or could not move the ref.
  const names = new Set(fresh.map(nameOf));
  const others = world.journal.taken().filter((one) => !names.has(nameOf(one)));
  if (fresh.length > 0) world.journal.writeTaken(keptTaken([...others, ...fresh], at));
  const isUnseen = ({ ref, before }: Taken): boolean => isOfNoHook(look, ref, before);
  return { taken: fresh.filter((one) => !isUnseen(one)), unhooked: fresh.filter(isUnseen) };
}

/** Of a ref that did not move old still has what the list says that it lost. */
export function settleTaken(world: World, noted: Noted, failed: ReadonlySet<RefName>): void {
  const kept = [...noted.taken, ...noted.unhooked].filter(({ ref }) => failed.has(ref)).map(({ attic }) => attic);
  if (kept.length > 0) dropTaken(world, new Set(kept));
  const taken = noted.taken.filter(({ ref }) => !failed.has(ref)).map(shown);
  for (let first = 0; first < taken.length; first += lineMax)
    world.log.write('taken-over', { refs: taken.slice(first, first + lineMax) });
}

/** They are troubles by now. */
export function forgetUnhooked(world: World, { unhooked }: Noted): void {
  if (unhooked.length > 0) dropTaken(world, new Set(unhooked.map(({ attic }) => attic)));
}

export function dropTaken(world: World, attic: ReadonlySet<RefName>): void {
  const taken = world.journal.taken();
  const left = taken.filter((one) => !attic.has(one.attic));
  if (left.length < taken.length) world.journal.writeTaken(left);
}

/** What a person sent to GitLab, and old followed, is no loss of GitLab. `listed`: what was there before. */
export function dropSettled(world: World, listed: readonly Taken[], ref: RefName, value: Oid | null): void {
  const names = new Set(listed.map(({ attic }) => attic));
  const own = world.journal.taken().filter((one) => one.ref === ref && one.after === value && !names.has(one.attic));
  dropTaken(world, new Set(own.map(({ attic }) => attic)));
}

function isOfNoHook(look: Look, ref: RefName, before: Oid): boolean {
  return isUnhooked(before, look.agreed.get(ref) ?? null, look.ended.get(ref) ?? []);
}

function whoPushed({ leases }: Look, ref: RefName, value: Oid): string | null {
  const pushed = (lease: Lease): boolean => changesOf(lease).some((one) => one.ref === ref && one.after === value);
  return [...leases].reverse().find((lease) => !lease.live && pushed(lease))?.from ?? null;
}

function nameOf({ ref, before, after }: Taken): string {
  return `${ref} ${before} ${after ?? ''}`;
}

function shown({ ref, attic, ...rest }: Taken): Record<string, unknown> {
  return { ref: showRef(ref), ...rest, attic: showRef(attic) };
}
