/**
 * <state>/facts: what the shim need not ask git for, `deny`, `forbidden` or nothing. Dated like the configuration that
 * was read, so that a later change is seen as newer.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { replaceFile } from '../machine/files';
import { forbiddenSettings } from '../git/forbidden';
import { mendNetworkFolder } from '../git/networkfolder';
import type { Repository } from './open';

/** What the configuration of the account includes may change without a sign. */
const oldestMs = 10 * 60_000;

type Parts = Pick<Repository, 'state' | 'hooks' | 'world'>;

export async function writeFacts({ state, hooks, world }: Parts): Promise<void> {
  const file = path.join(state, 'facts');
  const before = dateOf(hooks.directory);
  await mendNetworkFolder({ directory: hooks.directory, networkFolder: path.join(state, 'network') });
  const deny = await world.git.denied();
  const forbidden = await forbiddenSettings(hooks.directory);
  replaceFile(file, `${deny.deletes || deny.rewinds ? 'deny' : forbidden.length > 0 ? 'forbidden' : ''}\n`);
  fs.utimesSync(file, before, before);
}

/** As every look does it: a process only where something may have changed. */
export function refreshFacts(parts: Parts): Promise<void> {
  return areCurrent(parts) ? Promise.resolve() : writeFacts(parts);
}

/**
 * By the clock on the wall, since files have no other date. One that jumps is bounded: a date ahead counts as old, and
 * whatever it hides is looked at again after ten minutes. The repository's own configuration must have the very date
 * that was read.
 */
function areCurrent({ state, hooks }: Parts): boolean {
  const facts = fs.statSync(path.join(state, 'facts'), { throwIfNoEntry: false });
  if (facts === undefined || Math.round(facts.mtimeMs) !== dateOf(hooks.directory).getTime()) return false;
  const ageMs = Date.now() - facts.ctimeMs;
  const account = [
    '/etc/gitconfig',
    path.join(os.homedir(), '.gitconfig'),
    path.join(os.homedir(), '.config/git/config'),
  ];
  return (
    ageMs >= 0 &&
    ageMs < oldestMs &&
    account.every((file) => (fs.statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0) < facts.ctimeMs)
  );
}

function dateOf(directory: string): Date {
  return new Date(Math.ceil(fs.statSync(path.join(directory, 'config')).mtimeMs));
}
