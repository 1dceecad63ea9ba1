/**
 * What a repository's own configuration may not say. Git applies url.*.insteadOf and remote.<url>.* even to a URL that
 * is written out, so a push would go elsewhere and be acknowledged all the same; an include may set anything, also
 * another core.hooksPath; a file `commondir` beside it leads to another configuration, and to other refs. Such settings
 * may come later, so every call to GitLab asks, not only the preview.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Fault } from '../contract/views';
import { asError } from '../contract/errors';
import { faults } from '../contract/faults';
import { readRegular } from '../machine/files';
import { configEntries } from './repoconfig';

/**
 * Words without which none of them can be there; the shim's pattern says the same. Git needs no line of its own for a
 * section.
 */
const suspicious = /\[(url|include|extensions)|\[hook[^a-z0-9-]|\[remote[^\n]*[:\\]|promisor|partialclone/i;

/** One fault for each such setting. Costs no process where the file holds none of the words. */
export async function forbiddenSettings(directory: string): Promise<Fault[]> {
  const file = path.join(directory, 'config');
  const text = readRegular(file);
  const led = isLed(directory) ? [faults.commonDir({ directory }).fault] : [];
  if (text !== null && !suspicious.test(text)) return led;
  return [...led, ...(await configEntries(file)).flatMap(({ key }) => faultOf(directory, file, key) ?? [])];
}

/** Throws the first of them. */
export async function requireOwnPath(directory: string): Promise<void> {
  const [first] = await forbiddenSettings(directory);
  if (first !== undefined) throw asError(first);
}

/** Whatever it is: git obeys a link as well. */
function isLed(directory: string): boolean {
  return fs.lstatSync(path.join(directory, 'commondir'), { throwIfNoEntry: false }) !== undefined;
}

function faultOf(directory: string, file: string, key: string): Fault | null {
  if (/^(url|include|includeif)\./.test(key) || /^remote\.[^.]*:/.test(key))
    return faults.configRedirects({ directory, file, key }).fault;
  if (key.startsWith('hook.')) return faults.configHook({ directory, file, key }).fault;
  if (/^remote\..*\.(promisor|partialclonefilter)$/.test(key)) return faults.partial({ directory, key }).fault;
  if (!key.startsWith('extensions.') || key === 'extensions.preciousobjects') return null;
  return faults.extension({ directory, key }).fault;
}
