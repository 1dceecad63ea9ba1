/**
 * Whether git would run the hooks of a repository. Git skips those that it may not execute, and those that it is told
 * to look for elsewhere, without a word: then it alone takes pushes, and a following pass undoes them. What a pass
 * cannot mend is remembered here until one finds the hooks running again.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { tellHookless, type WhyHookless } from '../contract/hookfaults';
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import { hooksFolder, whyNotStarted } from '../git/hookprobe';
import { isOthers } from '../git/ownhooks';
import { statBelow } from '../machine/below';
import { readSealed, writeSealed } from '../machine/files';
import { noexecMount } from '../machine/mounts';
import { hooksPath, installedHooks, installHooks, mendHooks, unwrittenFile, type HookPlace } from './hooks';
import { proofFolder } from './sharing';
import { toBytes, toText } from '../rules/bytes';
import type { Hookless, HooksSeen, Log } from '../rules/ports';

/** <state>/hookless. One of before, or that cannot be read, counts as none: hooks are asked about again. */
interface Known {
  /** What was there when it was asked. */
  readonly seen: string;
  readonly found: (Hookless & { readonly since: string }) | null;
}

/** What every pass does. Costs no process where the hooks ran before and nothing changed. */
export async function lookAfterHooks(place: HookPlace, log: Log): Promise<HooksSeen> {
  const { mended, failure } = await mendHooks(place).then(
    (done) => ({ mended: done, failure: null }),
    (error: unknown) => ({ mended: [], failure: { error } }),
  );
  const found = failure === null ? await askAgain(place) : whyUnmended(place, failure.error);
  if (failure !== null && found === null) throw failure.error;
  if (found === 'unknown') return { mended, hookless: knownHookless(place) };
  if (remember(place, found)) log.write('hookless', { words: found?.words ?? null });
  return { mended, hookless: found };
}

/** Installs them, or says what keeps them from being installed. */
export async function requireInstalled(place: HookPlace): Promise<void> {
  try {
    await installHooks(place);
  } catch (error) {
    const found = isSystemError(error) ? whyUnmended(place, error) : null;
    throw found === null ? error : faults.hookless({ what: `use ${place.directory}`, ...found });
  }
}

/** As a pass left it. */
export function knownHookless({ state }: Pick<HookPlace, 'state'>): Known['found'] {
  return read(state)?.found ?? null;
}

/** Asked now, with what the environment of the one who asks tells git (sshd may give it to every login). */
export async function whyHookless(place: HookPlace): Promise<Hookless | null> {
  const why = await ask(place, gitConfigOf(process.env));
  return why === null || why === 'unknown' ? null : tellHookless(why);
}

/** `unknown` on a server that is too busy to say: then the next pass asks. */
async function askAgain(place: HookPlace): Promise<Hookless | 'unknown' | null> {
  const closed = whyClosed(place);
  if (closed !== null) return tellHookless(closed);
  const known = read(place.state);
  if (known !== null && known.found === null && known.seen === picture(place)) return null;
  const why = await ask(place, {});
  return why === null || why === 'unknown' ? why : tellHookless(why);
}

/** Cheap and often enough: what git itself asks the kernel before it runs a hook (access(2) with X_OK). */
function whyClosed(place: HookPlace): WhyHookless | null {
  for (const file of installedHooks(place)) {
    try {
      fs.accessSync(file, fs.constants.X_OK);
    } catch (error) {
      const mount = noexecMount(realOf(file));
      return mount === null ? { kind: 'closed', file, words: wordsOf(error) } : { kind: 'noexec', file, mount };
    }
  }
  return null;
}

async function ask(place: HookPlace, env: Readonly<Record<string, string>>): Promise<WhyHookless | 'unknown' | null> {
  const closed = whyClosed(place);
  if (closed !== null) return closed;
  const { directory } = place;
  const found = await hooksFolder(place, env);
  if (found === null) return 'unknown';
  if (realOf(found) !== realOf(path.join(directory, hooksPath))) return { kind: 'elsewhere', directory, found };
  const [file = ''] = installedHooks(place);
  // What others could put in its place is not started, only asked for (whyClosed).
  if (isOthers(realOf(directory) ?? directory)) return null;
  const words = await whyNotStarted(file, directory);
  if (words === undefined) return 'unknown';
  return words === null ? null : { kind: 'not-started', file, words };
}

/** Null for a failure that says nothing of the hooks, such as a lock that somebody keeps. */
function whyUnmended(place: HookPlace, error: unknown): Hookless | null {
  const fault = asFault(error);
  if (fault.code === 'other-master') return { words: fault.message, next: fault.next };
  const link = fault.code === 'link' ? linkAmong(place) : null;
  if (link !== null) return tellHookless({ kind: 'link', directory: place.directory, name: link });
  const file = isSystemError(error) || fault.code === 'config-failed' ? unwrittenFile(place) : null;
  return file === null ? null : tellHookless({ kind: 'unmendable', file, words: wordsOf(error) });
}

/** Behind it nothing is ours to write. */
function linkAmong({ directory }: HookPlace): string | null {
  const names = ['config', 'git-handover', hooksPath, proofFolder];
  return names.find((name) => statBelow({ root: directory, name })?.isSymbolicLink()) ?? null;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One of the same words keeps its date. True when it is another one than before. */
function remember(place: HookPlace, found: Hookless | null): boolean {
  const before = read(place.state);
  const isNew = before?.found?.words !== found?.words;
  const since = isNew ? undefined : before?.found?.since;
  const next: Known = {
    seen: picture(place),
    found: found === null ? null : { ...found, since: since ?? new Date().toISOString() },
  };
  if (JSON.stringify(before) !== JSON.stringify(next)) writeSealed(fileOf(place.state), toBytes(JSON.stringify(next)));
  return isNew;
}

function read(state: string): Known | null {
  try {
    const body = readSealed(fileOf(state));
    return body === null ? null : (JSON.parse(toText(body)) as Known);
  } catch {
    return null;
  }
}

function fileOf(state: string): string {
  return path.join(state, 'hookless');
}

/** Whatever may change where git finds the hooks and how it starts them. */
function picture(place: HookPlace): string {
  const { directory } = place;
  const files = [
    ...['config', 'config.worktree', 'git-handover', hooksPath].map((name) => path.join(directory, name)),
    ...installedHooks(place),
    '/bin/sh',
    '/etc/gitconfig',
    ...['.gitconfig', '.config/git/config'].map((name) => path.join(os.homedir(), name)),
  ];
  return files.map(dated).join(' ');
}

/** Of a folder its rights alone: what comes and goes in it is none of ours. */
function dated(file: string): string {
  try {
    const stat = fs.statSync(file);
    const { dev, ino, mode, uid, ctimeMs } = stat;
    return [dev, ino, mode, uid, ...(stat.isDirectory() ? [] : [ctimeMs])].join('.');
  } catch {
    return '-';
  }
}

function gitConfigOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      /^GIT_CONFIG_(COUNT|PARAMETERS|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)$/.test(name) && value !== undefined
        ? [[name, value] as const]
        : [],
    ),
  );
}

function realOf(place: string): string {
  try {
    return fs.realpathSync(place);
  } catch {
    return place;
  }
}
