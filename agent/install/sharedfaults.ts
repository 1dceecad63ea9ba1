/**
 * Why a repository that several accounts push to cannot be attached: what its owner or an administrator must change.
 * Changes nothing.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryConfig } from '../contract/configs';
import type { Fault } from '../contract/views';
import { faults } from '../contract/faults';
import { readIfThere } from '../machine/files';
import { expandHooksPath } from '../repository/hooks';
import { isOthers, ownHook } from '../git/ownhooks';
import { accountHooksPath, configValues } from '../git/repoconfig';
import { sharingOf } from '../repository/sharing';

/**
 * `folder` is the agent's. One that is not shared must belong to the agent's account: nobody else could use the key.
 */
export async function ownerFaults(folder: string, directory: string): Promise<Fault[]> {
  const uid = process.getuid?.() ?? 0;
  const { uid: owner, gid } = fs.statSync(directory);
  if ((await sharingOf(directory)) !== 'nobody')
    return [
      ...groupFaults(directory, uid, gid),
      ...folderFaults(directory),
      ...reachFaults(folder, directory, gid),
      ...mountFaults(directory, readIfThere('/proc/self/mounts') ?? ''),
    ];
  if (owner === uid || uid === 0) return [];
  return [faults.foreignOwner({ directory, uid, owner }).fault];
}

/** The agent appends to leases that others made, and writes refs and objects. */
function groupFaults(directory: string, uid: number, gid: number): Fault[] {
  const groups = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  if (uid === 0 || groups.includes(gid)) return [];
  return [faults.notInGroup({ directory, gid, groups }).fault];
}

function folderFaults(directory: string): Fault[] {
  const found: Fault[] = [];
  const wrong = (bits: number): string[] =>
    ['.', 'objects', 'refs'].filter(
      (name) => ((fs.statSync(path.join(directory, name), { throwIfNoEntry: false })?.mode ?? bits) & bits) !== bits,
    );
  const [closed, loose] = [wrong(0o070), wrong(0o2000)];
  if (closed.length > 0) found.push(faults.notGroupWritable({ directory, closed }).fault);
  if (loose.length > 0) found.push(faults.noSetgid({ directory, loose }).fault);
  return found;
}

/** Hooks of other accounts start Node and read the state. */
function reachFaults(folder: string, directory: string, gid: number): Fault[] {
  // A preview before the first `pulumi up` runs from a folder that goes again.
  const own = fs.existsSync(path.join(folder, 'config.json')) ? above(folder) : [];
  const closed = [...new Set([...own, ...above(fs.realpathSync(process.execPath))])].filter(
    (place) => !letsThrough(place, gid),
  );
  if (closed.length === 0) return [];
  return [faults.unreachableFolder({ directory, folder, closed }).fault];
}

function above(place: string): string[] {
  const parent = path.dirname(place);
  return parent === place ? [place] : [...above(parent), parent];
}

function letsThrough(place: string, gid: number): boolean {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  return stat === undefined || (stat.mode & 0o001) !== 0 || (stat.gid === gid && (stat.mode & 0o010) !== 0);
}

/** Hooks that `hooksAfterPass` would have the agent run, and that it does not, as others could have written them. */
export async function hookWarnings(
  { path: directory, hooksAfterPass }: RepositoryConfig,
  ownHooks: string,
): Promise<string[]> {
  if (!hooksAfterPass || !fs.existsSync(path.join(directory, 'config')) || (await sharingOf(directory)) === 'nobody')
    return [];
  const hooks = ['post-receive', 'post-update']
    .map((name) => ownHook({ ownHooks }, name))
    .filter((file): file is string => file !== null);
  const others = hooks.filter((file) => isOthers(path.resolve(file)));
  return others.map(
    (file) =>
      `${directory}: ${file} is not run for what comes from GitLab, as other accounts can write it or a folder above it. Put the hooks in a folder that only root or the agent's account can write (core.hooksPath), or set \`hooksAfterPass: false\``,
  );
}

/** Where a repository that is not attached has its hooks. */
export async function unattachedHooks(folder: string, directory: string): Promise<string> {
  const own = await configValues(path.join(directory, 'config'), 'core.hooksPath');
  const named = own[own.length - 1] ?? (await accountHooksPath({ directory, folder }));
  return path.resolve(directory, expandHooksPath(named));
}

/** Running pushes of others would look dead, and be forgotten while they run. `mounts` as in /proc/self/mounts. */
export function mountFaults(directory: string, mounts: string): Fault[] {
  const options = /^\S+ \/proc proc (\S+)/m.exec(mounts)?.[1] ?? '';
  const hidden = /(?:^|,)(hidepid=(?!0\b|off\b)\w+)/.exec(options)?.[1];
  if (hidden === undefined) return [];
  return [faults.hidepid({ directory, hidden }).fault];
}
