/**
 * What is broken in a repository, and what would come back: everything that a repair decides before it changes
 * anything.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { waitFor } from '../rules/time';
import { removeBelow, replaceBelow } from '../machine/below';
import { dropGoodCopy, fetchInto, makeGoodCopy, newFiles, unreadable, type GoodCopy } from './goodcopy';
import { runGit, type GitPlace } from '../git/gitprocess';
import { readHead } from '../git/olddoor';
import { checkAll, type Finding } from '../objects/objectcheck';
import { readRawRefs, type RawRefs } from '../git/rawrefs';
import { endedRecords, movingRefs, type EndedRecord, type LiveRefs } from '../rules/records';
import { planRefs, provenValues, type RefPlan } from '../rules/refplan';
import { onlySynced } from '../rules/refs';
import type { Repository } from '../repository/open';
import { findMissing, splitByCompleteness } from '../git/walk';
import type { Journal } from '../rules/ports';
import type { Lease, Oid, RefName, Refs } from '../rules/values';

const recordsMs = 5_000;

export interface Survey {
  readonly copy: GoodCopy;
  readonly findings: readonly Finding[];
  readonly raw: RawRefs;
  /** HEAD is there and names a branch or a commit. */
  readonly headWhole: boolean;
  readonly gitlab: Refs;
  readonly plan: RefPlan;
  /** Objects that refs need and old does not have, before the repair. */
  readonly missing: readonly Oid[];
  /** What the repair would add below objects/. */
  readonly coming: readonly string[];
}

/** The caller drops the copy, also when this throws. */
export async function surveyDamage(repository: Repository, say: (text: string) => void): Promise<Survey> {
  const { hooks, config } = repository;
  const place: GitPlace = { ...hooks, quarantine: {} };
  dropGoodCopy(hooks.directory);
  const findings = await checkAll(path.join(hooks.directory, 'objects'), say);
  const raw = readRawRefs(hooks.directory);
  say('looking for missing objects');
  const copy = await makeGoodCopy(place, findings);
  const before = await splitByCompleteness(copy.place, raw.refs);
  const broken = before.lacking.size + before.unknown.size > 0;
  const missing = broken ? await listMissing(copy, raw.refs) : [];
  say('fetching what GitLab has');
  const gitlab = onlySynced(
    await fetchInto(copy, before.complete, config.gitlabUrl, config.namespaces),
    config.namespaces,
  );
  const plan = await planFor(repository, { place: copy.place, old: raw.refs, gitlab, everyRef: true });
  return {
    copy,
    findings,
    raw,
    headWhole: isHeadWhole(hooks.directory),
    gitlab,
    plan,
    missing,
    coming: usefulFiles({ copy, findings, broken, plan }),
  };
}

/** Refs whose objects are missing cannot be made by git: they are written as git reads them. */
async function listMissing(copy: GoodCopy, refs: Refs): Promise<readonly Oid[]> {
  const spot = copy.spot('packed-refs');
  replaceBelow(spot, [...refs].map(([ref, oid]) => `${oid} ${ref}\n`).join(''));
  const { oids } = await findMissing(copy.place);
  removeBelow(spot);
  return oids;
}

export interface PlanPlace {
  /** Where values are looked up. */
  readonly place: GitPlace;
  readonly old: Refs;
  /** Stands in for an agreed list that cannot be read, as when a pass rebuilds it. */
  readonly gitlab: Refs;
  /** Looks at every ref, also at those that are level: a walk over everything. */
  readonly everyRef: boolean;
}

export async function planFor(repository: Repository, { place, old, gitlab, everyRef }: PlanPlace): Promise<RefPlan> {
  const { journal, config } = repository;
  const { first, live } = await lookAtPushes(repository);
  const mirror = journal.state().phase === 'mirror';
  const agreed = mirror ? agreedOr(journal, gitlab) : new Map<RefName, Oid>();
  const ended = mirror ? endedRecords(first) : new Map<RefName, EndedRecord[]>();
  const proven = [...new Set([...agreed.keys(), ...ended.keys()])].map((ref) => ({
    ref,
    values: provenValues(ended.get(ref) ?? [], agreed.get(ref) ?? null),
  }));
  const differing = proven
    .filter(({ ref, values }) => values[values.length - 1] !== (old.get(ref) ?? null))
    .flatMap(({ ref, values }) => [old.get(ref) ?? null, ...values]);
  const asked = [...(everyRef ? old.values() : []), ...differing].filter((value): value is Oid => value !== null);
  const lacking = await unreadable(place, [...new Set(asked)]);
  const contained = await containedPairs(place, old, agreed, ended);
  return planRefs({
    namespaces: config.namespaces,
    old,
    agreed,
    ended,
    live,
    unreadable: lacking,
    contains: (value, before) => contained.has(`${value} ${before}`),
  });
}

/**
 * A push that writes its records may be about any ref, and takes a moment: without a wait nothing would come back
 * beside it.
 */
async function lookAtPushes({ journal, world }: Repository): Promise<{ first: readonly Lease[]; live: LiveRefs }> {
  const look = (): { first: readonly Lease[]; live: LiveRefs } => {
    const first = journal.leases();
    return { first, live: movingRefs(first, journal.leases()) };
  };
  let seen = look();
  await waitFor(world.clock, recordsMs, 20, () => !(seen = look()).live.any);
  return seen;
}

function agreedOr(journal: Journal, gitlab: Refs): Refs {
  try {
    return journal.agreed() ?? gitlab;
  } catch {
    return gitlab;
  }
}

/** Old's value against the newest proven one, where they differ. */
async function containedPairs(
  place: GitPlace,
  old: Refs,
  agreed: Refs,
  ended: ReadonlyMap<RefName, readonly EndedRecord[]>,
): Promise<Set<string>> {
  const pairs = new Set<string>();
  for (const [ref, value] of old) {
    const newest = provenValues(ended.get(ref) ?? [], agreed.get(ref) ?? null).pop() ?? null;
    if (newest === null || newest === value) continue;
    const exit = await runGit(place, ['merge-base', '--is-ancestor', value, newest], { idleMs: 600_000 });
    if (exit.code === 0) pairs.add(`${newest} ${value}`);
  }
  return pairs;
}

interface Useful {
  readonly copy: GoodCopy;
  readonly findings: readonly Finding[];
  readonly broken: boolean;
  readonly plan: RefPlan;
}

/** What GitLab has beyond old is a pass's to bring, not a repair's. */
function usefulFiles({ copy, findings, broken, plan }: Useful): string[] {
  return findings.length > 0 || broken || plan.back.length > 0 || plan.lost.length > 0 ? newFiles(copy) : [];
}

function isHeadWhole(directory: string): boolean {
  if (readHead(directory) !== null) return true;
  try {
    return /^[0-9a-f]{40}\n?$/.test(fs.readFileSync(path.join(directory, 'HEAD'), 'latin1'));
  } catch {
    return false;
  }
}
