/**
 * `resolve --keep both`: the value that does not stay gets a name of its own, on both sides, before anything else
 * changes.
 */
import type { Verbs } from '../contract/verbs';
import { faults } from '../contract/faults';
import { phaseTable, type Phase } from '../contract/phase';
import { isSynced, nameRefusal, readRef, showRef } from '../rules/refs';
import { send, writeAgreed, type Case } from './settle';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName } from '../rules/values';

type Request = Verbs['resolve']['request'];

export interface SecondName {
  readonly ref: RefName;
  readonly value: Oid;
  /** Where it is already, after a run that was cut off. */
  readonly onOld: boolean;
  readonly onGitlab: boolean;
}

/** Which side's value the ref itself gets. */
export function stays({ keep, stays: side }: Request): 'old' | 'gitlab' {
  return keep === 'both' ? (side ?? 'gitlab') : keep;
}

/** Throws when the name cannot be had. */
export async function secondName(world: World, found: Case, request: Request): Promise<SecondName> {
  const {
    trouble: { ref },
    oldOffered,
    gitlab,
  } = found;
  const value = stays(request) === 'gitlab' ? oldOffered : gitlab;
  if (value === null || oldOffered === gitlab) throw faults.oneValue({ ref: showRef(ref), deletion: value === null });
  const target = nameBeside(ref, request, world.clock.wall());
  refuseName(world, target);
  if (!(await world.git.complete([value]))) throw faults.valueIncomplete({ value, path: world.config.path });
  const old = (await world.git.oldSide()).refs.get(target) ?? null;
  const there = (await world.git.gitlabSide()).refs.get(target) ?? null;
  const isSymbolic = (await world.git.symbolicAmong([target])).size > 0;
  if (isSymbolic || [old, there].some((present) => present !== null && present !== value))
    throw faults.nameTaken({ value, ref: showRef(target) });
  return { ref: target, value, onOld: old === value, onGitlab: there === value };
}

/** A branch stays a branch, and a tag a tag. */
function nameBeside(ref: RefName, request: Request, wall: string): RefName {
  const [, namespace = 'refs/heads/', short = ''] = /^(refs\/[^/]+\/)(.*)$/s.exec(ref) ?? [];
  const loser = stays(request) === 'gitlab' ? 'old' : 'gitlab';
  const { name = '' } = request;
  return `${namespace}${name === '' ? `${short}-${loser}-${wall.slice(0, 10)}` : readRef(name)}` as RefName;
}

/** What git itself would not take, it says when the ref is made. */
function refuseName(world: World, ref: RefName): void {
  const why = /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|\.lock(\/|$)|\/\.|\/-/.test(ref)
    ? 'git takes no such name'
    : nameRefusal(ref);
  if (why !== null || !isSynced(ref, world.config.namespaces))
    throw faults.name({ ref: showRef(ref), why: why ?? 'its namespace is not synced' });
}

/**
 * On the authority first: what only the other side has would be a conflict, or undone, if this is cut off between the
 * two.
 */
export async function giveSecondName(world: World, second: SecondName, phase: Phase, lock: Unlock): Promise<void> {
  const update = { ref: second.ref, before: null, after: second.value };
  const toOld = async (): Promise<void> => {
    if (second.onOld) return;
    const failed = await world.git.setRefs([update], lock);
    if (failed.size > 0) throw faults.nameTakenMeanwhile({ ref: showRef(second.ref) });
  };
  const toGitlab = async (): Promise<void> => {
    if (!second.onGitlab) await send(world, update, lock);
  };
  const steps = phaseTable[phase].authority === 'old' ? [toOld, toGitlab] : [toGitlab, toOld];
  for (const step of steps) await step();
  writeAgreed(world, second.ref, second.value);
}
