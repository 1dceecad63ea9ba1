/**
 * People who keep pushing to both servers: commits, new branches, forced pushes, deletions, tags, and races on one
 * branch.
 */
import { join } from 'node:path';
import type { LabPerson } from '../person';
import { pushedFrom, type Acknowledged } from './ledger';

/** What a refusal must say so that it counts as one with instructions. */
const instructions = [
  /git remote set-url origin \S+/,
  /fetched|git pull|git fetch|fetch first/,
  /Push again/i,
  /not allowed to push code/i,
  /unknown/,
];

export interface Tally {
  readonly acknowledged: Acknowledged[];
  /** Refusals by the servers, each with what it said. */
  readonly refused: string[];
  /** Refusals without a word on what to do. */
  readonly mute: string[];
  readonly unknown: Acknowledged[];
  /** How long each push took, ms. */
  readonly waits: number[];
}

export interface Pusher {
  readonly person: LabPerson;
  readonly tally: Tally;
  /** Where this person pushes now. */
  server: 'old' | 'gitlab';
  clone: string;
  /** What was last said to this person that the story should tell. */
  heard: string;
  /** One thing that people do, chosen by the number. */
  act(step: number): Promise<void>;
}

export function emptyTally(): Tally {
  return { acknowledged: [], refused: [], mute: [], unknown: [], waits: [] };
}

interface Attempt {
  readonly ref: string;
  readonly after: string | null;
  readonly args: readonly string[];
  /** For deletions, which do not print what was deleted. */
  readonly known?: string | null;
}

export function makePusher(person: LabPerson, server: 'old' | 'gitlab', clone: string, tally: Tally): Pusher {
  const pusher: Pusher = { person, tally, server, clone, heard: '', act: (step) => act(pusher, step) };
  return pusher;
}

/**
 * A round of eight: mostly commits on an own branch, and in each round a race, a forced push, a branch that comes and
 * goes, a tag.
 */
async function act(pusher: Pusher, step: number): Promise<void> {
  const kinds = [ownCommit, race, ownCommit, branchComes, rewrite, branchGoes, tag, ownCommit];
  await (kinds[step % kinds.length] ?? ownCommit)(pusher, step);
}

async function ownCommit(pusher: Pusher, step: number): Promise<void> {
  const { person, clone } = pusher;
  await person.git(clone, 'checkout', '--quiet', '-B', person.name);
  const after = await person.commit(clone, `${person.name} ${step}`);
  await push(pusher, {
    ref: `refs/heads/${person.name}`,
    after,
    args: [`${after}:refs/heads/${person.name}`, '--force'],
  });
}

async function rewrite(pusher: Pusher, step: number): Promise<void> {
  const { person, clone } = pusher;
  await person.git(clone, 'checkout', '--quiet', '-B', person.name);
  await person.git(clone, 'commit', '--quiet', '--amend', '--allow-empty', '-m', `${person.name} rewritten ${step}`);
  const after = (await person.git(clone, 'rev-parse', 'HEAD')).output.trim();
  await push(pusher, {
    ref: `refs/heads/${person.name}`,
    after,
    args: [`${after}:refs/heads/${person.name}`, '--force'],
  });
}

/** Everybody pushes to this branch; who loses fetches, puts theirs on top and tries again. */
async function race(pusher: Pusher, step: number): Promise<void> {
  const { person, clone } = pusher;
  await person.git(clone, 'fetch', '--quiet', 'origin', '+refs/heads/race:refs/remotes/origin/race');
  await person.git(clone, 'checkout', '--quiet', '--detach', 'origin/race');
  const after = await person.commit(clone, `${person.name} races ${step}`);
  await push(pusher, { ref: 'refs/heads/race', after, args: [`${after}:refs/heads/race`] });
}

async function branchComes(pusher: Pusher, step: number): Promise<void> {
  const ref = `refs/heads/topic/${pusher.person.name}`;
  const after = (
    await pusher.person.git(pusher.clone, 'commit-tree', '-m', `topic ${step}`, 'HEAD^{tree}')
  ).output.trim();
  await push(pusher, { ref, after, args: [`${after}:${ref}`, '--force'] });
}

async function branchGoes(pusher: Pusher): Promise<void> {
  const ref = `refs/heads/topic/${pusher.person.name}`;
  const known = ownValue(pusher, ref);
  if (known === null) return;
  await push(pusher, { ref, after: null, known, args: [`:${ref}`, `--force-with-lease=${ref}:${known}`] });
}

async function tag(pusher: Pusher, step: number): Promise<void> {
  const ref = `refs/tags/${pusher.person.name}-${step}`;
  const after = (await pusher.person.git(pusher.clone, 'rev-parse', 'HEAD')).output.trim();
  await push(pusher, { ref, after, args: [`${after}:${ref}`] });
}

/** The last value that this person was told ok for; only for refs that nobody else pushes. */
function ownValue({ tally }: Pusher, ref: string): string | null {
  const mine = tally.acknowledged.filter((edge) => edge.ref === ref);
  return mine[mine.length - 1]?.after ?? null;
}

async function push(pusher: Pusher, attempt: Attempt): Promise<void> {
  const { person, clone, tally, server } = pusher;
  const [spec = '', ...options] = attempt.args;
  const seen = await person.git(clone, '-c', 'core.abbrev=40', 'push', '--porcelain', ...options, 'origin', spec);
  const before = attempt.known ?? pushedFrom(seen.output, attempt.ref)?.before ?? null;
  const edge = { who: person.name, server, ref: attempt.ref, before, after: attempt.after };
  if (seen.code === 0) {
    tally.waits.push(seen.ms);
    if (!/\t\[up to date\]|^=/m.test(seen.output)) tally.acknowledged.push(edge);
    return;
  }
  await refused(pusher, edge, seen.output);
}

async function refused(pusher: Pusher, edge: Acknowledged, output: string): Promise<void> {
  const { tally } = pusher;
  const said = output
    .split('\n')
    .filter((line) => line.startsWith('remote: ') || line.startsWith('!'))
    .join('\n');
  pusher.heard = said;
  if (/is unknown/.test(output)) tally.unknown.push(edge);
  // Lost to somebody else on the same server: git's own words, and people know what to do.
  if (/\[rejected\] \((fetch first|non-fast-forward|stale info)\)|cannot lock ref/.test(output)) return;
  (instructions.some((pattern) => pattern.test(output)) ? tally.refused : tally.mute).push(output);
  const [, url] = /git remote set-url origin (\S+)/.exec(output) ?? [];
  if (url !== undefined && pusher.server === 'old') await followAdvice(pusher, url);
}

/** Does what the refusal said, word for word. */
async function followAdvice(pusher: Pusher, url: string): Promise<void> {
  await pusher.person.git(pusher.clone, 'remote', 'set-url', 'origin', url);
  pusher.server = 'gitlab';
}

export function cloneFolder(person: LabPerson, name: string): string {
  return join(person.env['HOME'] ?? '/', name);
}
