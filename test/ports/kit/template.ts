/** The commits of stories as loose objects, and bare repositories to which they are brought, and lost, one by one. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readRawRefs } from '../../../agent/git/rawrefs';
import type { Oid, RefName, Refs } from '../../../agent/rules/values';
import { commits, letters, refusedLetter, type Letter } from '../git';

export interface Template {
  readonly directory: string;
  readonly home: string;
  readonly oids: ReadonlyMap<Letter, Oid>;
  /** Of all commits. */
  readonly tree: Oid;
}

/** Has all commits, and no refs. */
export function makeTemplate(directory: string, home: string): Template {
  git(home, path.dirname(directory), ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  const tree = git(home, directory, ['mktree']) as Oid;
  const oids = new Map<Letter, Oid>();
  for (const letter of letters) {
    const parents = commits[letter].flatMap((parent: Letter) => ['-p', oids.get(parent) ?? '']);
    const oid = git(home, directory, ['commit-tree', tree, ...parents, '-m', letter]);
    oids.set(letter, (letter === refusedLetter ? spoilTimezone(home, directory, oid) : oid) as Oid);
  }
  return { directory, home, oids, tree };
}

/** The same commit, with a time zone that git does not take from others where it checks what it is given. */
function spoilTimezone(home: string, directory: string, oid: string): string {
  const text = git(home, directory, ['cat-file', 'commit', oid]).replaceAll(' +0000\n', ' +000000\n');
  return git(home, directory, ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], `${text}\n`);
}

export function git(home: string, cwd: string, args: readonly string[], input = ''): string {
  const person = ['AUTHOR', 'COMMITTER'].map((who) => [
    [`GIT_${who}_NAME`, 'Ada'],
    [`GIT_${who}_EMAIL`, 'ada@example.org'],
    [`GIT_${who}_DATE`, '2026-01-01T00:00:00Z'],
  ]);
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    ...(Object.fromEntries(person.flat()) as Record<string, string>),
  };
  return execFileSync('git', [...args], {
    cwd,
    env,
    input,
    encoding: 'latin1',
    stdio: ['pipe', 'pipe', 'ignore'],
  }).trim();
}

/** As `git init` makes it, with the empty tree of all commits. */
export function makeBare(template: Template, directory: string): void {
  fs.mkdirSync(path.join(directory, 'hooks'), { recursive: true });
  fs.copyFileSync(path.join(template.directory, 'config'), path.join(directory, 'config'));
  empty(template, directory);
}

/** No refs, and no object but the empty tree; hooks and configuration stay. */
export function empty(template: Template, directory: string): void {
  for (const name of ['refs', 'objects', 'packed-refs'])
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  for (const name of ['refs/heads', 'refs/tags', 'objects'])
    fs.mkdirSync(path.join(directory, name), { recursive: true });
  fs.copyFileSync(path.join(template.directory, 'HEAD'), path.join(directory, 'HEAD'));
  copyObject(template.directory, directory, template.tree);
}

export function oidOf({ oids }: Template, letter: Letter): Oid {
  return oids.get(letter) ?? ('' as Oid);
}

/** A commit and all below it. */
export function bring(template: Template, directory: string, letter: Letter): void {
  for (const one of below(letter)) copyObject(template.directory, directory, oidOf(template, one));
}

export function lose(template: Template, directory: string, letter: Letter): void {
  fs.rmSync(objectFile(directory, oidOf(template, letter)), { force: true });
}

/** By files, as somebody who asks no lock. The objects come along. */
export function setRef(template: Template, directory: string, ref: RefName, to: Letter | null): void {
  const file = path.join(directory, ref);
  if (to === null) {
    // Below a name that is a file there is none, and a folder of others is not its.
    if (fs.existsSync(file) && fs.statSync(file).isFile()) fs.rmSync(file);
    return;
  }
  bring(template, directory, to);
  fs.rmSync(file, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${oidOf(template, to)}\n`);
}

export function readRefs(directory: string): Refs {
  return readRawRefs(directory).refs;
}

function below(letter: Letter): Letter[] {
  return [letter, ...commits[letter].flatMap((parent: Letter) => below(parent))];
}

function objectFile(directory: string, oid: Oid): string {
  return path.join(directory, 'objects', oid.slice(0, 2), oid.slice(2));
}

function copyObject(from: string, to: string, oid: Oid): void {
  const file = objectFile(to, oid);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!fs.existsSync(file)) fs.copyFileSync(objectFile(from, oid), file);
}
