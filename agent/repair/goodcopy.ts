/**
 * A throw-away repository beside the damaged one that holds only what can be read: links to its good files, what was
 * saved of bad packs, and, once fetched, what GitLab has. Git negotiates with what it believes to have, so the damaged
 * repository itself must not ask: this one names only refs below which everything is there. Nothing in the repository
 * changes while it is made.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { borrowedFolders } from '../git/borrowers';
import { gitlabWords } from '../rules/gitanswers';
import { runGit, type GitPlace } from '../git/gitprocess';
import type { Finding } from '../objects/objectcheck';
import { listObjectFiles, looseObjects } from '../objects/objectfiles';
import { readPackIndex, type PackIndex } from '../objects/packindex';
import { salvagePack } from '../objects/salvage';
import { splitByCompleteness } from '../git/walk';
import { toBytes } from '../rules/bytes';
import { makeFolderBelow, removeAllBelow, removeBelow, replaceBelow, symlinkBelow, type Spot } from '../machine/below';
import { readRegular } from '../machine/files';
import type { Oid, RefName, Refs } from '../rules/values';

export interface GoodCopy {
  readonly place: GitPlace;
  readonly objects: string;
  /** Where something lies in it. */
  readonly spot: (name: string) => Spot;
}

const gitMs = 3600_000;

/** In the repository, so that what it holds can be renamed into its place. */
const copyFolder = 'git-handover/repair';

export function dropGoodCopy(directory: string): void {
  removeAllBelow({ root: directory, name: copyFolder });
}

export async function makeGoodCopy(place: GitPlace, findings: readonly Finding[]): Promise<GoodCopy> {
  const directory = path.join(place.directory, copyFolder);
  const spot = (name: string): Spot => ({ root: place.directory, name: `${copyFolder}/${name}` });
  dropGoodCopy(place.directory);
  makeFolderBelow(spot('.'));
  const copy: GoodCopy = { place: { ...place, directory }, objects: path.join(directory, 'objects'), spot };
  const made = await runGit(copy.place, ['init', '--quiet', '--bare', '--template='], { idleMs: gitMs });
  if (made.code !== 0) throw faults.noRepairFolder({ directory, words: made.stderr });
  const from = path.join(place.directory, 'objects');
  linkBorrowed(from, copy);
  linkLoose(from, copy, findings);
  for (const name of listObjectFiles(from).packs) await takePack({ copy, from, name, findings });
  return copy;
}

/** Borrowed objects stay borrowed. */
function linkBorrowed(from: string, copy: GoodCopy): void {
  const folders = borrowedFolders(from);
  const away = folders.find((folder) => !fs.existsSync(folder));
  if (away !== undefined) throw faults.borrowedAway({ away });
  if (folders.length > 0) replaceBelow(copy.spot('objects/info/alternates'), toBytes(`${folders.join('\n')}\n`));
}

/** Folders are made anew: a link to a folder would let git write into the repository itself. */
function linkLoose(from: string, copy: GoodCopy, findings: readonly Finding[]): void {
  const bad = new Set(findings.map(({ name }) => name));
  for (const folder of listObjectFiles(from).looseFolders) {
    makeFolderBelow(copy.spot(`objects/${folder}`));
    for (const name of looseObjects(from, folder).filter((candidate) => !bad.has(candidate)))
      symlinkBelow(copy.spot(`objects/${name}`), path.join(from, name));
  }
}

interface PackPlace {
  readonly copy: GoodCopy;
  readonly from: string;
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** A good pack is linked, with its index or a new one; of a bad one what can still be read is taken out. */
async function takePack(place: PackPlace): Promise<void> {
  const [pack, idx] = [fileOf(place, 'pack'), fileOf(place, 'idx')];
  if (!fs.existsSync(pack.source)) return;
  const index = goodIndex(idx.source);
  if (!isBadPack(place)) return linkPack(place.copy, pack, index === null ? null : idx);
  if (index !== null && index.count > 0 && index.crc(0) !== null) return salvage(place.copy, pack.source, index);
  symlinkBelow(pack.spot, pack.source);
  return unpack(place.copy, pack);
}

interface PackFile {
  readonly source: string;
  readonly spot: Spot;
  readonly target: string;
}

function fileOf({ copy, from, name }: PackPlace, ending: 'pack' | 'idx'): PackFile {
  const file = path.join('pack', `${name}.${ending}`);
  return { source: path.join(from, file), spot: copy.spot(`objects/${file}`), target: path.join(copy.objects, file) };
}

/** One whose index is gone is a finding too, and says nothing of the pack itself. */
function isBadPack(place: PackPlace): boolean {
  const name = `pack/${place.name}.pack`;
  const isFound = place.findings.some((finding) => finding.kind === 'pack' && finding.name === name);
  return isFound && fs.existsSync(fileOf(place, 'idx').source);
}

/** `idx` null: it has none that can be read, and git makes one. */
async function linkPack(copy: GoodCopy, pack: PackFile, idx: PackFile | null): Promise<void> {
  symlinkBelow(pack.spot, pack.source);
  if (idx !== null) return symlinkBelow(idx.spot, idx.source);
  const made = await runGit(copy.place, ['index-pack', pack.target], { idleMs: gitMs });
  if (made.code !== 0) await unpack(copy, pack);
}

function goodIndex(file: string): PackIndex | null {
  try {
    return readPackIndex(file);
  } catch {
    return null;
  }
}

async function salvage(copy: GoodCopy, file: string, index: PackIndex): Promise<void> {
  // The end of a pack's name tells it from all others; this one is made of another one's objects.
  const name = `pack/${path.basename(file, '.pack').slice(0, -2)}${Date.now().toString(16)}.pack`;
  const target = path.join(copy.objects, name);
  if ((await salvagePack(file, index, target)) === 0) return;
  const made = await runGit(copy.place, ['index-pack', target], { idleMs: gitMs });
  if (made.code !== 0) removeBelow(copy.spot(`objects/${name}`));
}

/** Larger packs are not held in memory, bytes. */
const unpackMax = 500e6;

/** Without an index git reads a pack from its beginning, as far as it can be read. */
async function unpack(copy: GoodCopy, { source, spot }: PackFile): Promise<void> {
  const input = fs.statSync(source).size <= unpackMax ? readRegular(source) : null;
  if (input !== null) await runGit(copy.place, ['unpack-objects', '-r', '-q'], { idleMs: gitMs, input });
  removeBelow(spot);
}

/** Fetches what GitLab has. Only refs below which everything is there are named as known. Answers GitLab's refs. */
export async function fetchInto(
  copy: GoodCopy,
  known: Refs,
  url: string,
  namespaces: readonly string[],
): Promise<Refs> {
  const have = [...known.values()].map((oid, index) => `create refs/have/${index} ${oid}\n`).join('');
  await runGit(copy.place, ['update-ref', '--stdin'], { idleMs: gitMs, input: have });
  const specs = ['refs/heads/', 'refs/tags/', ...namespaces].map(
    (namespace) => `+${namespace}*:refs/gitlab/${namespace.slice('refs/'.length)}*`,
  );
  // Packs, whatever their number of objects: loose ones would be many.
  const settings = ['-c', 'fetch.unpackLimit=1', '-c', 'transfer.unpackLimit=1'];
  const exit = await runGit(
    copy.place,
    [
      ...settings,
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--',
      url,
      ...specs,
    ],
    { idleMs: gitMs, stranger: true },
  );
  if (exit.code !== 0)
    throw faults.repairFetchFailed({ words: gitlabWords(exit.stderr) || exit.stderr.trim().slice(-300) });
  const listed = await runGit(copy.place, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/gitlab'], {
    idleMs: gitMs,
  });
  return new Map(
    listed.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [`refs/${line.slice(41 + 'refs/gitlab/'.length)}` as RefName, line.slice(0, 40) as Oid]),
  );
}

/** A person waits for this one. */
const walksMax = 2_000;

/** Which of these values cannot be read down to the last object. */
export async function unreadable(place: GitPlace, values: readonly Oid[]): Promise<Set<Oid>> {
  const split = await splitByCompleteness(
    place,
    new Map(values.map((oid) => [oid as string as RefName, oid])),
    walksMax,
  );
  return new Set([...split.lacking.values(), ...split.unknown.values()]);
}

/**
 * What stands below objects/ in the copy and is no link: it is new. Packs before their indexes, since git looks for the
 * index.
 */
export function newFiles({ objects }: GoodCopy): string[] {
  const { looseFolders } = listObjectFiles(objects);
  const loose = looseFolders.flatMap((folder) => looseObjects(objects, folder));
  const packs = fs
    .readdirSync(path.join(objects, 'pack'))
    .filter((name) => /^pack-.+\.(?:pack|idx|rev)$/.test(name))
    .map((name) => `pack/${name}`);
  const order = (name: string): number => (name.endsWith('.idx') ? 1 : 0);
  return [...loose, ...packs]
    .filter((name) => fs.lstatSync(path.join(objects, name)).isFile())
    .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
}
