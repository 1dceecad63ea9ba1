/**
 * Links on the way of a ref. git follows those above a ref's file, writes into whatever a log leads to, also where logs
 * are switched off, and changes the packed-refs that a link names: who may write into a repository could let the agent
 * change the refs of another one, or a file of its own account. Looked at right before git is asked.
 */
import * as fs from 'node:fs';
import { faults } from '../contract/faults';
import type { RefName, Update } from '../rules/values';

/** The first link on the way of a ref, as its place below the repository; null: there is none. */
export function linkedRefs(directory: string): (ref: RefName) => string | null {
  const seen = new Map<string, string | null>();
  const linkAt = (name: string): string | null => {
    const known = seen.get(name);
    if (known !== undefined) return known;
    const above = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    const found = (above === '' ? null : linkAt(above)) ?? (isLink(place(directory, name)) ? name : null);
    seen.set(name, found);
    return found;
  };
  const logAt = (name: string): string | null => (isLink(place(directory, name)) ? name : null);
  const always = linkAt('packed-refs') ?? linkAt('logs') ?? logAt('logs/HEAD');
  return (ref) => {
    const folder = ref.slice(0, Math.max(0, ref.lastIndexOf('/')));
    return always ?? (folder === '' ? null : (linkAt(folder) ?? linkAt(`logs/${folder}`))) ?? logAt(`logs/${ref}`);
  };
}

/** Throws for a ref that has one. */
export function requireNoLink(directory: string, ref: RefName): void {
  const name = linkedRefs(directory)(ref);
  if (name !== null) throw faults.link({ directory, name: Buffer.from(name, 'latin1').toString() });
}

/** Those that git may change, and why not the others. */
export function splitByLinks<T extends Update>(
  directory: string,
  updates: readonly T[],
): { readonly open: readonly T[]; readonly linked: ReadonlyMap<RefName, string> } {
  const linkOf = linkedRefs(directory);
  const linked = new Map(
    updates.flatMap(({ ref }) => {
      const name = linkOf(ref);
      return name === null ? [] : [[ref, linkWords(name)] as const];
    }),
  );
  return { open: updates.filter(({ ref }) => !linked.has(ref)), linked };
}

function linkWords(name: string): string {
  const shown = Buffer.from(name, 'latin1').toString();
  return `its ${shown} is a symbolic link, and other repositories may share what it leads to. Remove the link`;
}

function isLink(file: Buffer): boolean {
  return lookAt(file)?.isSymbolicLink() === true;
}

/** Undefined also where a name above it is a file, or it is too long for one: git cannot write there either. */
function lookAt(file: Buffer): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function place(directory: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')]);
}
