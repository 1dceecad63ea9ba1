/**
 * What a dying disk does to the repository on old. Refs that were lost are facts; objects come back with the heal, as
 * from a backup.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../history/history';
import { done, Fault, type Ground, type Heal } from './fault';

const objectMs = 3_000;
/** Time for whoever reads the ref meanwhile. */
const refMs = 1_500;
export const place = 'the repository of old';

export function damage(ground: Ground): Fault[] {
  const bad = (name: string, holdMs: number, strike: () => Heal | null): Fault =>
    new Fault(name, holdMs, () => (ground.mayDamage() ? strike() : null), place);
  return [
    bad('corrupt object', objectMs, () =>
      breakObject(ground, (bytes) => Buffer.from(bytes.map((byte, index) => (index > 3 ? byte ^ 0x5a : byte)))),
    ),
    bad('truncated object', objectMs, () => breakObject(ground, (bytes) => bytes.subarray(0, bytes.length >> 1))),
    bad('lost packed-refs', refMs, () => losePackedRefs(ground)),
    bad('zero-length ref', refMs, () => emptyRef(ground)),
    bad('ref rewound without a hook', refMs, () => rewind(ground)),
    bad('ref deleted without a hook', refMs, () => remove(ground)),
  ];
}

function git(repository: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Null where git says no: the ref moved meanwhile, or is not what is needed. */
function tryGit(repository: string, ...args: string[]): string | null {
  try {
    return git(repository, ...args).trim();
  } catch {
    return null;
  }
}

function someRef({ oldRepository, random }: Ground, pattern = 'refs/heads'): { ref: string; value: Oid } | null {
  const lines = (tryGit(oldRepository, 'for-each-ref', '--format=%(refname) %(objectname)', pattern) ?? '')
    .split('\n')
    .filter((line) => line !== '');
  const [first, ...others] = lines;
  if (first === undefined) return null;
  const [ref = '', value = ''] = random.pick([first, ...others]).split(' ');
  return { ref, value };
}

function breakObject(ground: Ground, harm: (bytes: Buffer) => Buffer): Heal | null {
  const found = someRef(ground);
  const file =
    found === null ? '' : join(ground.oldRepository, 'objects', found.value.slice(0, 2), found.value.slice(2));
  if (found === null || !existsSync(file)) return null;
  const whole = readFileSync(file);
  const harmed = harm(whole);
  replace(file, harmed);
  ground.recorder.rot('old');
  return () => {
    if (!existsSync(file) || readFileSync(file).equals(harmed)) replace(file, whole);
  };
}

function replace(file: string, bytes: Buffer): void {
  writeFileSync(`${file}.chaos`, bytes);
  renameSync(`${file}.chaos`, file);
}

/** Refs of a packed-refs whose lines a bad block took: more would only keep the operator busy. */
const linesMax = 4;

/**
 * Never the attic: what is nowhere else cannot be asked for again. Under git's own lock, so that nobody puts the file
 * back.
 */
function losePackedRefs(ground: Ground): Heal | null {
  const { oldRepository, recorder } = ground;
  const [file, lock] = [join(oldRepository, 'packed-refs'), join(oldRepository, 'packed-refs.lock')];
  if (tryGit(oldRepository, 'pack-refs', '--all') === null || !create(lock)) return null;
  const lines = readFileSync(file, 'latin1').split('\n');
  const lost = someLines(ground, lines);
  replace(file, Buffer.from(lines.filter((line) => !lost.includes(line)).join('\n'), 'latin1'));
  const gone = lost
    .map((line) => ({ ref: line.slice(41), before: line.slice(0, 40), after: null }))
    .filter(({ ref }) => !existsSync(join(oldRepository, ref)));
  for (const update of gone) recorder.damage('old', update);
  rmSync(lock);
  return gone.length > 0 ? done : null;
}

/** Some that stand together. Lines of peeled tags belong to nobody here: people push light tags. */
function someLines({ random }: Ground, lines: readonly string[]): string[] {
  const refs = lines.filter((line) => /^[0-9a-f]{40} refs\/(?:heads|tags)\//.test(line));
  const from = random.whole(0, Math.max(0, refs.length - linesMax));
  return refs.slice(from, from + linesMax);
}

/** False when it is there already. */
function create(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch {
    return false;
  }
}

function emptyRef(ground: Ground): Heal | null {
  const found = someRef(ground);
  const file = found === null ? '' : join(ground.oldRepository, found.ref);
  if (found === null || !existsSync(file)) return null;
  replace(file, Buffer.alloc(0));
  ground.recorder.damage('old', { ref: found.ref, before: found.value, after: null });
  return done;
}

function rewind(ground: Ground): Heal | null {
  const found = someRef(ground);
  const parent =
    found === null ? null : tryGit(ground.oldRepository, 'rev-parse', '--verify', '--quiet', `${found.value}^`);
  if (
    found === null ||
    parent === null ||
    tryGit(ground.oldRepository, 'update-ref', found.ref, parent, found.value) === null
  )
    return null;
  ground.recorder.damage('old', { ref: found.ref, before: found.value, after: parent });
  return done;
}

function remove(ground: Ground): Heal | null {
  const found = someRef(ground);
  if (found === null || tryGit(ground.oldRepository, 'update-ref', '-d', found.ref, found.value) === null) return null;
  ground.recorder.damage('old', { ref: found.ref, before: found.value, after: null });
  return done;
}
