/** Git in the repository itself: its refs, its objects, its settings. */
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { printable } from '../contract/printable';
import { makeFolderBelow, moveBelow, replaceBelow, statBelow, type Spot } from '../machine/below';
import { readRegular } from '../machine/files';
import { toText } from '../rules/bytes';
import type { GitExit } from '../rules/gitanswers';
import type { Git } from '../rules/ports';
import { changeRefs, findUnsettable } from '../rules/refchange';
import type { Oid, OldSide, RefName, Update } from '../rules/values';
import { runGit, type GitCall } from './gitprocess';
import { forward } from './forward';
import { requireWhole } from './longlist';
import type { GitSettings } from './gitsettings';
import { requireNoLink, splitByLinks } from './linkedrefs';
import { isSealedOff, isSymbolicRef } from './rawrefs';
import { commitsBeyond, uncontained } from './uncontained';

const localMs = 10 * 60_000;

export function oldDoor(settings: GitSettings): Omit<Git, 'gitlabSide' | 'push' | 'pushFence' | 'fetch'> {
  const git: Run = (args, call = {}) => runGit(settings, args, { idleMs: localMs, ...call });
  const succeeds: Succeeds = async (args, oids) => (await git(args, { input: linesOf(oids) })).code === 0;
  const isAncestor: Git['isAncestor'] = (ancestor, descendant) =>
    succeeds(['merge-base', '--is-ancestor', ancestor, descendant], []);
  const missing: Git['missing'] = async (oids) =>
    readMissing(must(await git(['cat-file', '--batch-check'], { input: linesOf(oids) }), 'look for objects'));
  return {
    oldSide: async () =>
      readOldSide(
        settings,
        await git(['for-each-ref', '--format=%(objectname) %(symref) %(refname)'], { isList: true }),
      ),
    symbolicAmong: async (refs) => new Set(refs.filter((ref) => isSymbolicRef(settings.directory, ref))),
    setRefs: (updates, lock) => setRefs(settings, updates, (input) => git(updateWords, { input, lock })),
    unsettable: (updates) => unsettable(settings, updates),
    setHead: async (branch) => {
      requireNoLink(settings.directory, 'HEAD' as RefName);
      must(await git(['symbolic-ref', 'HEAD', branch], { long: true }), 'set HEAD');
    },
    isAncestor,
    forward: (moves) => forward({ git, missing, isAncestor }, moves),
    isRelated: (one, other) => succeeds(['merge-base', one, other], []),
    uncontained: (values, tips) => uncontained(git, values, tips),
    missing,
    connected: (tips) => succeeds([...walkWords, '--not', '--all'], tips),
    complete: (tips) => succeeds(['-c', 'core.commitGraph=false', ...walkWords], tips),
    denied: async () => readDenied(await git(deniedWords, { asAccount: true })),
    moveAside: (ref) => moveAside(settings, git, ref),
    history: async (tip, not, lines) =>
      printable(toText((await git([...historyWords, `-n${lines}`, tip, ...notBelow(not), '--'])).stdout)),
    commitsBeyond: (tip, others, lines) => commitsBeyond(git, [tip, ...others.map((other) => `^${other}`)], lines),
  };
}

type Run = (args: readonly string[], call?: Partial<GitCall>) => Promise<GitExit>;
type Succeeds = (args: readonly string[], oids: readonly Oid[]) => Promise<boolean>;

const updateWords = ['update-ref', '--no-deref', '--stdin', '-z'];
const walkWords = ['rev-list', '--objects', '--quiet', '--stdin'];
const deniedWords = ['config', '--type=bool', '--get-regexp', '^receive\\.deny(deletes|nonfastforwards)$'];
const historyWords = ['log', '--oneline', '--no-decorate'];

function notBelow(oid: Oid | null): string[] {
  return oid === null ? [] : [`^${oid}`];
}

function linesOf(oids: readonly Oid[]): string {
  return oids.map((oid) => `${oid}\n`).join('');
}

function must(exit: GitExit, what: string): GitExit {
  if (exit.code === 0) return exit;
  throw faults.gitFailed({ what, exit: exit.code, words: printable(toText(exit.stderr.trim().slice(-500))) });
}

function readOldSide(settings: GitSettings, exit: GitExit): OldSide {
  requireWhole(settings, 'old', exit);
  must(exit, 'list the refs of old');
  const lines = exit.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  const refs = new Map(lines.filter(([, target]) => target === '').map(([oid, , ref]) => [ref as RefName, oid as Oid]));
  const broken = [...exit.stderr.matchAll(/^warning: ignoring broken ref ([^\0- \x7f]+)$/gm)].map(
    (match) => match[1] as RefName,
  );
  return { refs, broken, head: readHead(settings.directory) };
}

/** The branch that HEAD names; null when it is detached or unreadable. */
export function readHead(directory: string): RefName | null {
  try {
    const match = /^ref: (refs\/heads\/[^\0- \x7f]+)\n?$/.exec(readRegular(path.join(directory, 'HEAD')) ?? '');
    return match === null ? null : (match[1] as RefName);
  } catch {
    return null;
  }
}

async function setRefs(
  { directory }: GitSettings,
  updates: readonly Update[],
  run: (input: string) => Promise<GitExit>,
): Promise<Map<RefName, string>> {
  const { open, linked } = splitByLinks(directory, updates);
  return new Map([...linked, ...(await changeRefs(open, run))]);
}

/** Not as a hook: inside a quarantine git changes no ref, and does not try to either. */
async function unsettable(settings: GitSettings, updates: readonly Update[]): ReturnType<Git['unsettable']> {
  const sealed = updates.find(({ ref }) => isSealedOff(settings.directory, ref));
  if (sealed !== undefined) return { ref: sealed.ref, words: 'its file may not be replaced' };
  const [linked] = splitByLinks(settings.directory, updates).linked;
  if (linked !== undefined) return { ref: linked[0], words: linked[1] };
  return findUnsettable(updates, (input) =>
    runGit({ ...settings, quarantine: {} }, updateWords, { input, idleMs: localMs }),
  );
}

function readMissing(exit: GitExit): Set<Oid> {
  return new Set(
    exit.stdout
      .split('\n')
      .filter((line) => line.endsWith(' missing'))
      .map((line) => line.slice(0, 40) as Oid),
  );
}

/** Of each setting the last one counts. */
function readDenied({ stdout }: GitExit): { deletes: boolean; rewinds: boolean } {
  const last = (key: string): boolean =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${key} `))
      .pop()
      ?.endsWith(' true') ?? false;
  return { deletes: last('receive.denydeletes'), rewinds: last('receive.denynonfastforwards') };
}

async function moveAside(settings: GitSettings, git: Run, ref: RefName): Promise<void> {
  requireNoLink(settings.directory, ref);
  if (moveFileAside(settings, ref)) return;
  const listed = await git(['for-each-ref', '--format=%(objectname)', ref], { long: true });
  replaceBelow(asideSpot(settings, ref), must(listed, 'read a packed ref').stdout);
  await git(['update-ref', '--no-deref', '-d', ref], { long: true });
}

/** True when the ref was a loose file. */
function moveFileAside(settings: GitSettings, ref: RefName): boolean {
  const spot = { root: settings.directory, name: ref };
  const stat = statBelow(spot);
  if (stat === null || stat.isDirectory()) return false;
  moveBelow(spot, asideSpot(settings, ref));
  return true;
}

function asideSpot({ asideFolder }: GitSettings, ref: RefName): Spot {
  const spot = { root: path.dirname(asideFolder), name: path.basename(asideFolder) };
  makeFolderBelow(spot);
  return { ...spot, name: `${spot.name}/${Date.now()}-${encodeURIComponent(ref).slice(-200)}` };
}
