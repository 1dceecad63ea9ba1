/** Which refs are ours to sync, and which names cannot cross. Pure. */
import { printable } from '../contract/printable';
import type { Oid, RefName, Refs, Update } from './values';

const zero = /^0+$/;

/** Parses git's form, where zeros mean absent. Throws on anything that is no sha1 id. */
export function parseOid(text: string): Oid | null {
  if (!/^[0-9a-f]{40}$/.test(text)) throw new Error(`expected 40 hex digits, got ${JSON.stringify(text)}`);
  return zero.test(text) ? null : (text as Oid);
}

export function printOid(oid: Oid | null): string {
  return oid ?? '0'.repeat(40);
}

/** Whether `parseUpdate` can read it. */
export function isUpdate(line: string): boolean {
  return /^[0-9a-f]{40} [0-9a-f]{40} [^\0- \x7f]+$/.test(line);
}

/**
 * A line `before after ref`, as git gives it to hooks. Not `\S`: a byte of a name, as the last of `à` in UTF-8, is
 * white space for JavaScript.
 */
export function parseUpdate(line: string): Update {
  const match = /^([0-9a-f]+) ([0-9a-f]+) ([^\0- \x7f]+)$/.exec(line);
  if (match === null) throw new Error(`expected "before after ref", got ${JSON.stringify(line)}`);
  const [, before = '', after = '', ref = ''] = match;
  return { before: parseOid(before), after: parseOid(after), ref: ref as RefName };
}

export function printUpdate(update: Update): string {
  return `${printOid(update.before)} ${printOid(update.after)} ${update.ref}`;
}

/** Never synced, whatever the configuration says: GitLab's own namespaces and ours. */
const reserved = [
  'refs/merge-requests/',
  'refs/keep-around/',
  'refs/environments/',
  'refs/pipelines/',
  'refs/remotes/',
  'refs/tmp/',
  'refs/handover/',
];

export function isReserved(ref: RefName): boolean {
  return reserved.some((namespace) => ref.startsWith(namespace));
}

/** Branches, tags and the listed namespaces (`refs/notes/`). */
export function isSynced(ref: RefName, namespaces: readonly string[]): boolean {
  if (isReserved(ref)) return false;
  return ['refs/heads/', 'refs/tags/', ...namespaces].some((namespace) => ref.startsWith(namespace));
}

export function onlySynced(refs: Refs, namespaces: readonly string[]): Refs {
  return new Map([...refs].filter(([ref]) => isSynced(ref, namespaces)));
}

/** Longest path of Linux: no file of a longer name can be there, on either side. */
const nameBytesMax = 4096;

/**
 * As git checks a name (check_refname_format in refs.c). receive-pack does so only after pre-receive: a client of its
 * own making can send our hooks any bytes but NUL.
 */
export function isRefName(ref: string): boolean {
  if (!ref.startsWith('refs/') || ref.length > nameBytesMax || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/.test(ref))
    return false;
  return (
    ref.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !ref.endsWith('.')
  );
}

/**
 * The first ref that these updates name again; null when there is none. git's client sends such a push to an empty
 * repository only, any other client may; git finds one answer for both ("remote failed to report status"), so that
 * whether anything was taken seems unknown.
 */
export function refTwice(updates: readonly Update[]): RefName | null {
  const seen = new Set<RefName>();
  for (const { ref } of updates) {
    if (seen.has(ref)) return ref;
    seen.add(ref);
  }
  return null;
}

/** Bytes of the arguments that `git push` gets for these updates: a lease and a refspec each. */
export function argumentBytes({ ref }: Update): number {
  return 2 * (ref.length + 60);
}

/**
 * Why GitLab would not take this name; null when it would. Sources: GitLab's branch_check.rb and tag_check.rb for hex
 * names; git's refname_match for `refs/heads/refs/…`, where a lease on one ref could be taken for another.
 */
export function nameRefusal(ref: RefName): string | null {
  if (!isUtf8(ref)) return 'its name is not UTF-8';
  if (/^refs\/(heads|tags)\/refs\//.test(ref)) return 'its name begins with refs/ once more';
  if (/^refs\/heads\/[0-9a-f]{40}($|\/|-\/)/.test(ref)) return 'GitLab refuses branches named like a commit id';
  if (/^refs\/tags\/([0-9a-f]{40}|[0-9a-f]{64})/.test(ref)) return 'GitLab refuses tags named like a commit id';
  return null;
}

export function isUtf8(bytes: string): boolean {
  const buffer = Buffer.from(bytes, 'latin1');
  return Buffer.from(buffer.toString('utf8'), 'utf8').equals(buffer);
}

/** For people and JSON: UTF-8 text; bytes that are none, and what no terminal should get, as \xNN. */
export function showRef(ref: string): string {
  if (isUtf8(ref)) return printable(Buffer.from(ref, 'latin1').toString('utf8')).replace(/\n/g, '\\x0a');
  return ref.replace(/[\x00-\x1f\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** What a person typed, as bytes. The inverse of showRef. */
export function readRef(text: string): RefName {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))) as RefName;
}

/** The name without refs/heads/ or refs/tags/. */
export function shortRef(ref: string): string {
  return showRef(ref.replace(/^refs\/(heads|tags)\//, ''));
}

/** Deletes `a` and creates `a/b` (or the other way round): legal in git one after the other, not in one atomic push. */
export function hasFolderClash(updates: readonly Update[]): boolean {
  const gone = new Set(updates.filter((update) => update.after === null).map(({ ref }) => ref));
  const made = new Set(updates.filter((update) => update.before === null).map(({ ref }) => ref));
  return [...made].some((ref) => isBelow(ref, gone)) || [...gone].some((ref) => isBelow(ref, made));
}

/** Whether one of `names` is a folder of this one. */
function isBelow(ref: RefName, names: ReadonlySet<string>): boolean {
  for (let end = ref.lastIndexOf('/'); end > 0; end = ref.lastIndexOf('/', end - 1))
    if (names.has(ref.slice(0, end))) return true;
  return false;
}

export function refsEqual(left: Refs, right: Refs): boolean {
  return left.size === right.size && [...left].every(([ref, oid]) => right.get(ref) === oid);
}

/** Every name of either side, sorted. */
export function allNames(...sides: readonly Refs[]): RefName[] {
  return [...new Set(sides.flatMap((side) => [...side.keys()]))].sort();
}

/** A ref is a file for git: where `a` is, `a/b` cannot be. Answers the one that is in the way of a name. */
export function inTheWay(refs: { keys(): Iterable<RefName> }, ref: RefName): RefName | null {
  return [...refs.keys()].find((name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`)) ?? null;
}

/** For messages: the id that a person sees. */
export function shortOid(oid: Oid | null): string {
  return oid === null ? 'absent' : printOid(oid).slice(0, 8);
}

export function setOrDelete(refs: Refs, ref: RefName, value: Oid | null): void {
  if (value === null) refs.delete(ref);
  else refs.set(ref, value);
}
