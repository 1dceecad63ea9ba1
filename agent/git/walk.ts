/** Which objects that the refs need are not there: what no file by itself can tell. */
import { runGit, type GitPlace } from './gitprocess';
import type { Unlock } from '../rules/ports';
import type { Oid, RefName, Refs } from '../rules/values';

/** git says nothing while it walks, so this bounds the whole walk, ms. */
const walkMs = 6 * 3600_000;

/** Files that git derives from others could hide what is missing. */
const plain = ['-c', 'core.commitGraph=false', '-c', 'core.multiPackIndex=false'];

export interface Missing {
  readonly oids: readonly Oid[];
  /** Something is missing or unreadable; with no ids git could not say what. */
  readonly broken: boolean;
  readonly words: string;
}

/** Walks from every ref. Only when something is missing a second, longer walk lists it. */
export async function findMissing(place: GitPlace): Promise<Missing> {
  const quick = await runGit(place, [...plain, 'rev-list', '--objects', '--quiet', '--all'], { idleMs: walkMs });
  if (quick.code === 0) return { oids: [], broken: false, words: '' };
  const long = await runGit(
    place,
    [...plain, 'fsck', '--connectivity-only', '--no-dangling', '--no-reflogs', '--no-progress'],
    { idleMs: walkMs },
  );
  const named = [
    ...`${long.stdout}\n${long.stderr}`.matchAll(/^(?:missing \w+|error: \S+: invalid sha1 pointer) ([0-9a-f]{40})$/gm),
  ].map((match) => match[1] as Oid);
  const words =
    quick.stderr.split('\n').find((line) => /^(fatal|error): /.test(line)) ?? 'git could not walk the history';
  return { oids: await stillMissing(place, [...new Set(named)]), broken: true, words };
}

/** What came or went while git walked is no damage. */
async function stillMissing(place: GitPlace, oids: readonly Oid[]): Promise<Oid[]> {
  if (oids.length === 0) return [];
  const { stdout } = await runGit(place, [...plain, 'cat-file', '--batch-check'], {
    input: oids.map((oid) => `${oid}\n`).join(''),
    idleMs: walkMs,
  });
  return stdout
    .split('\n')
    .filter((line) => line.endsWith(' missing'))
    .map((line) => line.slice(0, 40) as Oid);
}

/** True when everything below these tips can be found. */
export async function isComplete(place: GitPlace, tips: readonly Oid[], lock: Unlock | null = null): Promise<boolean> {
  if (tips.length === 0) return true;
  const exit = await runGit(place, [...plain, 'rev-list', '--objects', '--quiet', '--stdin'], {
    input: tips.map((oid) => `${oid}\n`).join(''),
    idleMs: walkMs,
    lock,
  });
  return exit.code === 0;
}

/**
 * Walks of the background scan in one search. Where all refs lack the same, halving would walk as often as there are
 * refs.
 */
const scanWalksMax = 60;

export interface Split {
  readonly complete: Refs;
  readonly lacking: Refs;
  /** Too many to look at each. */
  readonly unknown: Refs;
}

/** Which refs lack objects, by halving. */
export async function splitByCompleteness(place: GitPlace, refs: Refs, walksMax = scanWalksMax): Promise<Split> {
  const split = {
    complete: new Map<RefName, Oid>(),
    lacking: new Map<RefName, Oid>(),
    unknown: new Map<RefName, Oid>(),
  };
  const open: (readonly (readonly [RefName, Oid])[])[] = refs.size === 0 ? [] : [[...refs]];
  for (let walks = 0; open.length > 0; walks += 1) {
    const part = open.shift() ?? [];
    const into =
      walks >= walksMax
        ? split.unknown
        : (await isComplete(
              place,
              part.map(([, oid]) => oid),
            ))
          ? split.complete
          : split.lacking;
    if (into === split.lacking && part.length > 1)
      open.push(part.slice(0, part.length >> 1), part.slice(part.length >> 1));
    else part.forEach(([ref, oid]) => into.set(ref, oid));
  }
  return split;
}
