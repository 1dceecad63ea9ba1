/**
 * Real git between two bare repositories, over ssh as the agent sends. One sshd serves all stories; each has two
 * repositories of its own, whose objects are loose files that can be brought and lost.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openGit } from '../../agent/git/git';
import { readRawRefs } from '../../agent/git/rawrefs';
import type { Git } from '../../agent/rules/ports';
import type { Oid, RefName, Refs } from '../../agent/rules/values';
import { startPair, type Pair } from '../git/kit/pair';
import { commits, letters, type GitSetUp, type Letter, type Side } from './git';

export interface RealGits {
  open(): GitSetUp;
  close(): Promise<void>;
}

/** Passes GitLab's refs on and nothing that comes after them: the push lands, and its answer is lost. */
const losesAnswer = `
const child = require('node:child_process').spawn('git', ['receive-pack', process.argv[2]], { stdio: ['inherit', 'pipe', 'inherit'] });
let seen = Buffer.alloc(0), at = 0, isOver = false, isLost = false;
child.stdout.on('data', (chunk) => {
  if (isOver) return void (isLost = true);
  seen = Buffer.concat([seen, chunk]);
  for (; !isOver && seen.length >= at + 4; ) {
    const size = parseInt(seen.toString('latin1', at, at + 4), 16);
    if (size > 0 && seen.length < at + size) return;
    isOver = size === 0;
    at += Math.max(size, 4);
  }
  if (isOver) process.stdout.write(seen.subarray(0, at));
});
child.on('close', (code) => process.exit(isLost ? 1 : code));
`;

const preReceive = `#!/bin/sh
[ ! -e lost-before ] || kill -9 $PPID
while read -r before after ref; do
  case $after$ref in 0000000000*refs/heads/main) echo no >&2; exit 1 ;; esac
  [ "$ref" != "$(cat declines 2>/dev/null)" ] || exit 1
done
`;

export async function startRealGits(): Promise<RealGits> {
  const pair = await startPair({ commits: 0 });
  const at = (name: string): string => path.join(pair.folder, name);
  fs.writeFileSync(at('losesanswer.cjs'), losesAnswer);
  const program = `${process.execPath} ${at('losesanswer.cjs')}`;
  fs.writeFileSync(
    at('serve.sh'),
    `set -- $SSH_ORIGINAL_COMMAND\nrepository=$(echo "$2" | tr -d "'")\n[ ! -e "$repository/gone" ] || exit 1\ncase $1 in git-receive-pack) [ ! -e "$repository/lost-after" ] || exec ${program} "$repository" ;; esac\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  const keys = fs.readFileSync(at('authorized_keys'), 'utf8');
  fs.writeFileSync(at('authorized_keys'), `command="sh ${at('serve.sh')}" ${keys}`);
  // The warm connection was let in without the command.
  await pair.sshd.killSessions();
  await pair.agent('tick');
  const template = makeTemplate(at('template.git'), at('home'));
  let stories = 0;
  return {
    open: () => {
      stories += 1;
      return openStory(pair, template, at(`story-${stories}`));
    },
    close: () => pair.close(),
  };
}

interface Template {
  readonly directory: string;
  readonly home: string;
  readonly oids: ReadonlyMap<Letter, Oid>;
}

/** Has all commits, and no refs. */
function makeTemplate(directory: string, home: string): Template {
  git(home, path.dirname(directory), ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  const tree = git(home, directory, ['mktree']);
  const oids = new Map<Letter, Oid>();
  for (const letter of letters) {
    const parents = commits[letter].flatMap((parent: Letter) => ['-p', oids.get(parent) ?? '']);
    oids.set(letter, git(home, directory, ['commit-tree', tree, ...parents, '-m', letter]) as Oid);
  }
  return { directory, home, oids };
}

function git(home: string, cwd: string, args: readonly string[]): string {
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
    input: '',
    encoding: 'latin1',
    stdio: ['pipe', 'pipe', 'ignore'],
  }).trim();
}

function openStory(pair: Pair, template: Template, folder: string): GitSetUp {
  const directories: Record<Side, string> = {
    old: path.join(folder, 'old.git'),
    gitlab: path.join(folder, 'gitlab.git'),
  };
  Object.values(directories).forEach((directory) => makeBare(template, directory));
  fs.writeFileSync(path.join(directories.gitlab, 'hooks/pre-receive'), preReceive, { mode: 0o755 });
  git(template.home, directories.gitlab, ['config', 'receive.advertisePushOptions', 'true']);
  const oid = (letter: Letter): Oid => template.oids.get(letter) ?? ('' as Oid);
  const bring = (side: Side, letter: Letter): void => {
    for (const one of below(letter)) copyObject(template.directory, directories[side], oid(one));
  };
  const mark = (name: string, content: string | null): void => {
    const file = path.join(directories.gitlab, name);
    if (content === null) fs.rmSync(file, { force: true });
    else fs.writeFileSync(file, content);
  };
  return {
    git: realGit(pair, folder, directories),
    run: (work) => work(),
    oid,
    set: async (side, ref, to) => {
      if (to !== null) bring(side, to);
      writeRef(directories[side], ref, to === null ? null : oid(to));
    },
    refs: async (side) => readRefs(directories[side]),
    head: async () => fs.readFileSync(path.join(directories.old, 'HEAD'), 'utf8').trim().slice(5) as RefName,
    alias: async (ref) => fs.writeFileSync(path.join(directories.old, ref), 'ref: refs/heads/main\n'),
    bring: async (letter) => bring('old', letter),
    lose: async (letter) => fs.rmSync(objectFile(directories.old, oid(letter)), { force: true }),
    lock: async (side, ref, isLocked) => lockRef(path.join(directories[side], `${ref}.lock`), isLocked),
    gitlabGone: async (isGone) => mark('gone', isGone ? '' : null),
    declines: async (ref) => mark('declines', ref),
    loseAnswers: async (when) => {
      mark('lost-before', when === 'before' ? '' : null);
      mark('lost-after', when === 'after' ? '' : null);
    },
    close: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

function realGit(pair: Pair, folder: string, directories: Readonly<Record<Side, string>>): Git {
  return openGit({
    directory: directories.old,
    folder: pair.agentFolder,
    quarantine: {},
    url: pair.config.gitlabUrl.replace(pair.gitlab, directories.gitlab),
    ciSkip: true,
    askMs: 60_000,
    silentMs: 60_000,
    ownHooks: path.join(folder, 'hooks'),
    shared: false,
    asideFolder: path.join(folder, 'aside'),
    sendFolder: path.join(folder, 'sending'),
  });
}

/** As `git init` makes it, with the empty tree of all commits. */
function makeBare({ directory: template, home }: Template, directory: string): void {
  for (const name of ['refs/heads', 'refs/tags', 'objects', 'hooks'])
    fs.mkdirSync(path.join(directory, name), { recursive: true });
  for (const name of ['HEAD', 'config']) fs.copyFileSync(path.join(template, name), path.join(directory, name));
  copyObject(template, directory, git(home, template, ['mktree']) as Oid);
}

function objectFile(directory: string, oid: Oid): string {
  return path.join(directory, 'objects', oid.slice(0, 2), oid.slice(2));
}

function copyObject(from: string, to: string, oid: Oid): void {
  const file = objectFile(to, oid);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!fs.existsSync(file)) fs.copyFileSync(objectFile(from, oid), file);
}

/** A commit and all below it. */
function below(letter: Letter): Letter[] {
  return [letter, ...commits[letter].flatMap((parent: Letter) => below(parent))];
}

/** By its file, as somebody who asks no lock. */
function writeRef(directory: string, ref: RefName, oid: Oid | null): void {
  const file = path.join(directory, ref);
  fs.rmSync(file, { recursive: true, force: true });
  if (oid === null) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${oid}\n`);
}

function readRefs(directory: string): Refs {
  return readRawRefs(directory).refs;
}

function lockRef(file: string, isLocked: boolean): void {
  if (isLocked) fs.writeFileSync(file, '');
  else fs.rmSync(file, { force: true });
}
