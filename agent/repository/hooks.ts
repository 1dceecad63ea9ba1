/**
 * The hooks in a repository. git is told to look for them in <repository>/git-handover/hooks (core.hooksPath, relative,
 * so that a renamed repository keeps refusing); the repository's own hooks folder stays as it is. A missing folder or a
 * lost execute bit makes git skip hooks without a word, so every pass of the open phases looks.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { makeFolderBelow, readBelow, removeAllBelow, replaceBelow, statBelow } from '../machine/below';
import { readIfThere, readRegular, readSealed, replaceFile, writeSealed } from '../machine/files';
import { toBytes, toText } from '../rules/bytes';
import { underLock } from '../machine/flock';
import { accountHooksPath, changeConfig, configEntries, configValues } from '../git/repoconfig';
import { refuseOtherMaster } from './master';
import { areHooksReachable, openHookFolders } from './reachable';
import { isProofFolderOpen, openProofFolder } from './sharing';

export const hooksPath = 'git-handover/hooks';
const lockMs = 30_000;
const always = ['pre-receive', 'post-receive'];
/**
 * Hooks that an own hook of the same name needs. `push-to-checkout` is left out: its mere presence disables
 * updateInstead.
 */
const forwarded = ['post-update', 'reference-transaction', 'proc-receive', 'pre-auto-gc'];

export interface HookPlace {
  readonly directory: string;
  /** The state folder of this repository. */
  readonly state: string;
  /** The agent's folder: its shims/ hold what is installed. */
  readonly folder: string;
}

/**
 * The repository's own hooks folder, absolute: a former core.hooksPath, else the account's or the system's, else
 * hooks/.
 */
export function ownHooksFolder(place: HookPlace): string {
  return path.resolve(place.directory, expandHooksPath(formerHooksPath(place) || written(place, 'account-hooks-path')));
}

/** As git expands it; relative to the repository. */
export function expandHooksPath(named: string): string {
  if (named === '') return 'hooks';
  return named.startsWith('~/') ? path.join(os.homedir(), named.slice(2)) : named;
}

function formerHooksPath(place: HookPlace): string {
  return written(place, 'former-hooks-path');
}

function written({ state }: HookPlace, name: string): string {
  return toText(readIfThere(path.join(state, name))?.replace(/\n$/, '') ?? '');
}

/**
 * Our setting in the repository hides one that a server has for all of its repositories: checks that hang on it must go
 * on.
 */
async function rememberAccountPath(place: HookPlace): Promise<void> {
  const present = await accountHooksPath(place);
  if (present !== written(place, 'account-hooks-path'))
    replaceFile(path.join(place.state, 'account-hooks-path'), toBytes(`${present}\n`));
}

/**
 * One at a time: a pass mends what `pulumi up` installs at this moment, and the second one would remember the first
 * one's settings as the former ones.
 */
function alone<T>({ state }: HookPlace, work: () => Promise<T>): Promise<T> {
  return underLock(path.join(state, 'hooks.lock'), lockMs, work);
}

/** Installs hooks and configuration; doing it again mends what is missing. Answers what it changed. */
export function installHooks(place: HookPlace): Promise<string[]> {
  return alone(place, () => install(place));
}

async function install(place: HookPlace): Promise<string[]> {
  refuseOtherMaster(`install the hooks of ${place.directory}`, place);
  await rememberAccountPath(place);
  const mended = await installConfig(place);
  makeFolderBelow({ root: place.directory, name: hooksPath }, 0o755);
  mended.push(...installFiles(place));
  openHookFolders(place.directory, place.state);
  openProofFolder(place.directory, place.state);
  return mended;
}

/** What every pass does: a look that costs no process, and only what is missing is mended. */
export function mendHooks(place: HookPlace): Promise<string[]> {
  return hooksInPlace(place) ? Promise.resolve([]) : installHooks(place);
}

/** True when git would call every hook of ours, as we wrote it. */
export function hooksInPlace(place: HookPlace): boolean {
  const config = readRegular(path.join(place.directory, 'config')) ?? '';
  return (
    isOnlySetting(config) &&
    wantedFiles(place).every((file) => isWritten(place, file)) &&
    areHooksReachable(place.directory, place.state) &&
    isProofFolderOpen(place.directory, place.state)
  );
}

/** Those that git calls: what it may not execute it skips. */
export function installedHooks(place: HookPlace): string[] {
  return hookNames(ownHooksFolder(place)).map(({ name }) => path.join(place.directory, hooksPath, name));
}

/** The first file that is not as it must be: what could not be mended. */
export function unwrittenFile(place: HookPlace): string | null {
  const file = path.join(place.directory, 'config');
  if (!isOnlySetting(readRegular(file) ?? '')) return file;
  const missing = wantedFiles(place).find((wanted) => !isWritten(place, wanted));
  return missing === undefined ? null : path.join(place.directory, missing.name);
}

/**
 * As git wrote it, and nowhere else: a comment sets nothing, and of two settings the later one counts. Anything else is
 * asked of git.
 */
function isOnlySetting(config: string): boolean {
  const [line = '', ...others] = config.split('\n').filter((text) => /hookspath/i.test(text));
  return others.length === 0 && /^\s*hookspath = /i.test(line) && line.endsWith(` = ${hooksPath}`);
}

interface WantedFile {
  /** Below the repository. */
  readonly name: string;
  readonly content: string;
  readonly mode: number;
}

function wantedFiles(place: HookPlace): WantedFile[] {
  const own = ownHooksFolder(place);
  const shim = (name: string): string => fs.readFileSync(path.join(place.folder, 'shims', name), 'latin1');
  return [
    {
      name: 'git-handover/where',
      content: toBytes(`${place.state}\n${own}\n`),
      mode: 0o644,
    },
    ...hookNames(own).map(({ name, from }) => ({
      name: `${hooksPath}/${name}`,
      content: shim(from),
      mode: 0o755,
    })),
  ];
}

/** Under which names our shims stand, beside these hooks of the repository's own. */
function hookNames(own: string): { readonly name: string; readonly from: string }[] {
  const has = (name: string): boolean => fs.existsSync(path.join(own, name));
  return [
    ...always.map((name) => ({ name, from: name })),
    ...(has('update') ? [{ name: 'update', from: 'update' }] : []),
    ...forwarded.filter(has).map((name) => ({ name, from: 'forward' })),
  ];
}

function isWritten({ directory }: HookPlace, { name, content, mode }: WantedFile): boolean {
  const spot = { root: directory, name };
  const stat = statBelow(spot);
  return stat !== null && (stat.mode & 0o777) === mode && readBelow(spot) === content;
}

function installFiles(place: HookPlace): string[] {
  const missing = wantedFiles(place).filter((file) => !isWritten(place, file));
  for (const { name, content, mode } of missing) replaceBelow({ root: place.directory, name }, content, mode);
  return missing.map(({ name }) => name);
}

async function installConfig(place: HookPlace): Promise<string[]> {
  const file = path.join(place.directory, 'config');
  const entries = await configEntries(file);
  const present = entries.filter(({ key }) => key === 'core.hookspath').pop()?.value;
  const hidden = entries.some(({ key, value }) => key === 'transfer.hiderefs' && value === 'refs/handover');
  if (present === hooksPath && hidden) return [];
  if (!fs.existsSync(path.join(place.state, 'config-before')))
    rememberConfig(place, file, present === hooksPath ? '' : (present ?? ''));
  if (present !== hooksPath) await changeConfig(file, ['--replace-all', 'core.hooksPath', hooksPath]);
  if (!hidden) await changeConfig(file, ['--add', 'transfer.hideRefs', 'refs/handover']);
  writeSealed(path.join(place.state, 'config-after'), digest(file));
  return ['config'];
}

/** The bytes of before, so that taking the hooks away leaves the repository as it was. */
function rememberConfig(place: HookPlace, file: string, former: string): void {
  replaceFile(path.join(place.state, 'former-hooks-path'), `${former}\n`);
  writeSealed(path.join(place.state, 'config-before'), fs.readFileSync(file).toString('base64'));
}

function digest(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

/**
 * Takes the hooks away. The configuration gets its old bytes back, or, when somebody changed it meanwhile, only our two
 * values go.
 */
export function removeHooks(place: HookPlace): Promise<void> {
  return alone(place, () => remove(place));
}

async function remove(place: HookPlace): Promise<void> {
  const file = path.join(place.directory, 'config');
  const before = readWhole(path.join(place.state, 'config-before'));
  const untouched = readWhole(path.join(place.state, 'config-after'))?.trim() === digest(file);
  if (before !== null && untouched) putBack(place, Buffer.from(before, 'base64'));
  else await unsetConfig(place, file);
  removeAllBelow({ root: place.directory, name: 'git-handover' });
}

/** Cut short or altered: then only our two values go. */
function readWhole(file: string): string | null {
  try {
    return readSealed(file);
  } catch {
    return null;
  }
}

function putBack({ directory }: HookPlace, bytes: Buffer): void {
  const spot = { root: directory, name: 'config' };
  replaceBelow(spot, bytes.toString('latin1'), (statBelow(spot)?.mode ?? 0o644) & 0o777);
}

async function unsetConfig(place: HookPlace, file: string): Promise<void> {
  const former = formerHooksPath(place);
  const [present] = await configValues(file, 'core.hooksPath');
  if (present === hooksPath)
    await changeConfig(
      file,
      former === '' ? ['--unset-all', 'core.hooksPath'] : ['--replace-all', 'core.hooksPath', former],
    );
  if ((await configValues(file, 'transfer.hideRefs')).includes('refs/handover'))
    await changeConfig(file, ['--unset', 'transfer.hideRefs', '^refs/handover$']);
}
