/** The repository's configuration file, read and changed by git itself, and nothing but that file. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runGit, runGitConfig, type GitPlace } from './gitprocess';
import { faults } from '../contract/faults';
import { toText } from '../rules/bytes';

/** Values of a key in this file; empty when it is not set. */
export async function configValues(file: string, key: string): Promise<string[]> {
  const exit = await runGitConfig(['--file', file, '--null', '--get-all', key]);
  if (exit.code !== 0 && exit.code !== 1) throw configFailed(file, exit.stderr);
  return exit.stdout.split('\0').filter((value) => value !== '');
}

/** What this file sets, in its order; keys are lower case as git prints them, and one without a value is true. */
export async function configEntries(file: string): Promise<{ readonly key: string; readonly value: string }[]> {
  const exit = await runGitConfig(['--file', file, '--null', '--list']);
  if (exit.code !== 0) throw configFailed(file, exit.stderr);
  const entries = exit.stdout.split('\0').filter((entry) => entry !== '');
  return entries.map((entry) => {
    const [key = '', ...lines] = entry.split('\n');
    return { key, value: lines.length === 0 ? 'true' : lines.join('\n') };
  });
}

/** git would write into what a link leads to. */
export async function changeConfig(file: string, args: readonly string[]): Promise<void> {
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw faults.link({ directory: path.dirname(file), name: path.basename(file) });
  const exit = await runGitConfig(['--file', file, ...args]);
  if (exit.code !== 0) throw configFailed(file, exit.stderr);
}

/** What all of git's configurations together answer, as the account has them; empty where none says it. */
async function allConfigurations(
  place: Pick<GitPlace, 'directory' | 'folder'>,
  question: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await runGit(
    { ...place, quarantine: {} },
    ['config', '--includes', '--null', ...question],
    { idleMs: 30_000, asAccount: true },
  );
  if (code !== 0 && code !== 1) throw configFailed(`of ${place.directory}`, stderr);
  return stdout;
}

/**
 * core.hooksPath of the account's or else the system's configuration, as git expands it; empty when neither has one.
 */
export async function accountHooksPath(place: Pick<GitPlace, 'directory' | 'folder'>): Promise<string> {
  const stdout = await allConfigurations(place, ['--show-scope', '--type=path', '--get-all', 'core.hooksPath']);
  // A scope, then its value; the system's come first.
  const words = stdout.split('\0');
  const named = words.filter(
    (_value, index) => index % 2 === 1 && ['system', 'global'].includes(words[index - 1] ?? ''),
  );
  return toText(named[named.length - 1] ?? '');
}

/**
 * Patterns of hideRefs that a push meets, as all of git's configurations together say: the last that fits counts, and
 * `!` shows again.
 */
export async function hidePatterns(place: Pick<GitPlace, 'directory' | 'folder'>): Promise<string[]> {
  const stdout = await allConfigurations(place, ['--get-regexp', '^(receive|transfer)\\.hiderefs$']);
  return stdout
    .split('\0')
    .map((entry) => entry.slice(entry.indexOf('\n') + 1))
    .filter((value) => value !== '');
}

/** Hooks that any of git's configurations names for this event (git 2.54), whoever wrote it. */
export async function configuredHooks(place: Pick<GitPlace, 'directory' | 'folder'>): Promise<ConfiguredHook[]> {
  const stdout = await allConfigurations(place, ['--get-regexp', '^hook\\..*\\.event$']);
  const entries = stdout.split('\0').filter((entry) => entry !== '');
  return entries.map((entry) => {
    const [key = '', event = ''] = entry.split('\n');
    return { name: key.slice('hook.'.length, -'.event'.length), event };
  });
}

export interface ConfiguredHook {
  readonly name: string;
  readonly event: string;
}

function configFailed(file: string, words: string): Error {
  return faults.configFailed({ file, words });
}
