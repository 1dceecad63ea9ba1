/**
 * Carries a repair out, under the repository's lock. What is good comes in before what is bad goes, and nothing is ever
 * deleted.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { linkBelow, makeFolderBelow, moveBelow, replaceBelow, statBelow, type Spot } from '../machine/below';
import { flushFolder, namesIn } from '../machine/files';
import { spotIn } from '../git/spots';
import { runGit } from '../git/gitprocess';
import { planFor, type Survey } from './survey';
import { atticTime } from '../sync/attic';
import { passUnder } from '../sync/pass';
import { readRawRefs, replacePackedRefs } from '../git/rawrefs';
import type { RefPlan } from '../rules/refplan';
import { printOid, showRef } from '../rules/refs';
import type { Repository } from '../repository/open';
import type { Unlock } from '../rules/ports';
import type { RefName } from '../rules/values';

/**
 * Everything that is taken out of a repository stays in it, on the same disk: <repository>/git-handover-damaged/<time>.
 */
export function asideFolder(directory: string, time: string): string {
  return path.join(directory, 'git-handover-damaged', atticTime(time));
}

export interface Applied {
  readonly aside: string;
  readonly plan: RefPlan;
  /** Refs that changed while they were brought back. */
  readonly failed: readonly RefName[];
}

export async function applyRepair(repository: Repository, survey: Survey, lock: Unlock): Promise<Applied> {
  const { hooks, world, journal } = repository;
  const folder = asideFolder(hooks.directory, world.clock.wall());
  const aside = { root: hooks.directory, name: path.relative(hooks.directory, folder) };
  keepRefs(hooks.directory, aside);
  bringIn(hooks.directory, aside, survey);
  takeOut(hooks.directory, aside, survey);
  await repairSkeleton(repository, survey);
  // Git knows the empty tree by heart and never asks for it; only fsck misses it.
  await runGit({ ...hooks, quarantine: {} }, ['hash-object', '-t', 'tree', '-w', '--stdin'], { idleMs: 60_000 });
  for (const ref of readRawRefs(hooks.directory).broken) moveRef(hooks.directory, ref, aside);
  // Again, since people push meanwhile; and here, since what the copy held has been brought in.
  const plan = await planFor(repository, {
    place: { ...hooks, quarantine: {} },
    old: readRawRefs(hooks.directory).refs,
    gitlab: survey.gitlab,
    everyRef: false,
  });
  const failed = await world.git.setRefs(plan.back, lock);
  await passUnder(world, lock, journal.state().phase);
  return { aside: folder, plan, failed: [...failed.keys()] };
}

/** Second names: the refs stay readable all the time, and git replaces these files, it does not write into them. */
function keepRefs(directory: string, aside: Spot): void {
  makeFolderBelow(aside, 0o700);
  for (const name of ['packed-refs', 'HEAD', 'config']) {
    const spot = { root: directory, name };
    if (statBelow(spot) !== null) linkBelow(spot, below(aside, name));
  }
  replaceBelow(
    below(aside, 'refs'),
    [...readRawRefs(directory).refs].map(([ref, oid]) => `${printOid(oid)} ${ref}\n`).join(''),
  );
}

function below({ root, name }: Spot, inner: string): Spot {
  return { root, name: `${name}/${inner}` };
}

/** With the folder that it is to be in. */
function make(spot: Spot): Spot {
  makeFolderBelow({ ...spot, name: spot.name.slice(0, spot.name.lastIndexOf('/')) });
  return spot;
}

function bringIn(directory: string, aside: Spot, { copy, coming }: Survey): void {
  const objects = path.join(directory, 'objects');
  const stamp = Date.now().toString(16);
  const taken = new Set(
    coming
      .filter((name) => name.endsWith('.pack'))
      .map((name) => name.slice(0, -'.pack'.length))
      .filter((stem) => ['pack', 'idx'].some((ending) => fs.existsSync(path.join(objects, `${stem}.${ending}`)))),
  );
  for (const name of coming) {
    const stem = name.replace(/\.[a-z]+$/, '');
    // A pack of the same bytes as a damaged one, or as one that is gone, has the same name.
    const target = taken.has(stem) ? `${stem.slice(0, -stamp.length)}${stamp}${name.slice(stem.length)}` : name;
    replaceKeeping(
      copy.spot(`objects/${name}`),
      spotIn(directory, `objects/${target}`),
      below(aside, `objects/${target}`),
    );
  }
  if (coming.length > 0) flushFolder(path.join(objects, 'pack'));
}

/** One rename: whoever reads meanwhile finds the bad file or the good one. */
function replaceKeeping(source: Spot, target: Spot, aside: Spot): void {
  if (statBelow(make(target)) !== null) linkBelow(target, make(aside));
  moveBelow(source, target);
}

function takeOut(directory: string, aside: Spot, { copy, findings }: Survey): void {
  const objects = path.join(directory, 'objects');
  const bad = findings.filter(({ kind }) => kind !== 'missing');
  const names = bad.flatMap(({ kind, name }) =>
    kind === 'pack'
      ? packFiles(objects, copy.objects, name)
      : kind === 'derived' && isIndexOfGoodPack(copy.objects, name)
        ? []
        : [name],
  );
  // They name objects by the pack that they were in, or commits that may be gone; git makes them again.
  const derived =
    bad.length === 0
      ? []
      : [
          ...namesIn(path.join(objects, 'pack'))
            .filter((name) => name.startsWith('multi-pack-index'))
            .map((name) => `pack/${name}`),
          'info/commit-graph',
          'info/commit-graphs',
        ];
  for (const name of new Set([...names, ...derived]))
    moveOut(spotIn(directory, `objects/${name}`), below(aside, `objects/${name}`));
}

/** All files of a bad pack, its index first. One that is linked in the copy is good: only its index was bad. */
function packFiles(objects: string, copied: string, name: string): string[] {
  const stem = name.slice('pack/'.length, -'.pack'.length);
  if (namesIn(path.join(copied, 'pack')).includes(`${stem}.pack`)) return [];
  return namesIn(path.join(objects, 'pack'))
    .filter((file) => file.startsWith(`${stem}.`))
    .sort((a, b) => Number(b.endsWith('.idx')) - Number(a.endsWith('.idx')))
    .map((file) => `pack/${file}`);
}

/** It was made anew, and has taken the bad one's place. */
function isIndexOfGoodPack(copied: string, name: string): boolean {
  return (
    name.endsWith('.idx') && namesIn(path.join(copied, 'pack')).includes(path.basename(name).replace(/\.idx$/, '.pack'))
  );
}

/** What a good file has replaced is kept already. */
function moveOut(from: Spot, to: Spot): void {
  if (statBelow(to) === null && statBelow(from) !== null) moveBelow(from, make(to));
}

function moveRef(directory: string, ref: RefName, aside: Spot): void {
  const from = { root: directory, name: ref };
  if (statBelow(from) !== null) moveBelow(from, make(below(aside, `refs-unreadable/${encodeURIComponent(ref)}`)));
}

/** Without HEAD, refs/ and a readable packed-refs git finds no repository at all. */
async function repairSkeleton(
  { hooks: { directory }, world }: Repository,
  { headWhole, raw, gitlab }: Survey,
): Promise<void> {
  makeFolderBelow({ root: directory, name: 'refs/heads' });
  if (!headWhole) {
    const asked = await world.git.gitlabSide().then(
      ({ head }) => head,
      () => null,
    );
    const head =
      asked ?? [...raw.refs.keys(), ...gitlab.keys()].find((ref) => ref.startsWith('refs/heads/')) ?? 'refs/heads/main';
    replaceBelow({ root: directory, name: 'HEAD' }, `ref: ${head}\n`);
  }
  if (raw.badLines.length === 0) return;
  const now = readRawRefs(directory);
  if (now.badLines.length > 0 && !replacePackedRefs(directory, now.packedWhole)) throw faults.refsLocked({ directory });
}

/** Nothing that a ref of ours needs is missing any more. */
export async function checkRepaired({ hooks }: Repository): Promise<boolean> {
  const args = ['-c', 'core.commitGraph=false', 'rev-list', '--objects', '--quiet', '--all'];
  return (await runGit({ ...hooks, quarantine: {} }, args, { idleMs: 3600_000 })).code === 0;
}

export function showRefs(refs: readonly RefName[]): string {
  return refs.map(showRef).join(', ');
}
