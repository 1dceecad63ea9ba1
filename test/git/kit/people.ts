/**
 * What people do with git on both sides. Each commit gets its name when it is made, and endings show it by that name.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Letters } from '../../lab/letters';
import { run, succeed, type Seen } from './command';

export interface People {
  readonly letters: Letters;
  /** Runs git in a folder as a person, without the machine's configuration. */
  readonly git: (cwd: string, ...args: string[]) => Promise<Seen>;
  /** As `git`, and fails the test when git fails. */
  readonly must: (cwd: string, ...args: string[]) => Promise<string>;
  /** A clone of old or of GitLab, with a user. */
  clone(from: 'old' | 'gitlab', name: string): Promise<string>;
  /** Commits a file in a clone and answers the id. The name is its message as well, where there is no other. */
  commit(clone: string, name: string, message?: string): Promise<string>;
  /** Puts a commit of this name in the place of the clone's last one, and answers the id. */
  amend(clone: string, name: string): Promise<string>;
  /** Names what git made by itself, such as a rebased commit, and answers the id. */
  readonly name: (folder: string, revision: string, name: string) => Promise<string>;
}

interface Places {
  readonly folder: string;
  readonly old: string;
  readonly gitlab: string;
  readonly env: NodeJS.ProcessEnv;
}

export function makePeople({ folder, old, gitlab, env }: Places): People {
  const letters = new Letters();
  const git: People['git'] = (cwd, ...args) => run('git', args, { cwd, env });
  const must: People['must'] = async (cwd, ...args) => succeed(await git(cwd, ...args), args);
  const name: People['name'] = async (repository, revision, given) => {
    const oid = (await must(repository, 'rev-parse', '--verify', `${revision}^{commit}`)).trim();
    letters.give(oid, given);
    return oid;
  };
  return {
    letters,
    git,
    must,
    name,
    clone: async (from, clone) => {
      await must(folder, 'clone', '--quiet', from === 'old' ? old : gitlab, clone);
      return path.join(folder, clone);
    },
    commit: async (clone, given, message = given) => {
      fs.writeFileSync(path.join(clone, `${given.replace(/\W/g, '-')}.txt`), given);
      await must(clone, 'add', '.');
      await must(clone, 'commit', '--quiet', '-m', message);
      return name(clone, 'HEAD', given);
    },
    amend: async (clone, given) => {
      await must(clone, 'commit', '--quiet', '--amend', '--allow-empty', '-m', given);
      return name(clone, 'HEAD', given);
    },
  };
}

/** The environment of a person and of the agent: nothing of the machine's own configuration. */
export function makeHome(home: string): NodeJS.ProcessEnv {
  fs.mkdirSync(home);
  fs.writeFileSync(
    path.join(home, '.gitconfig'),
    '[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[gc]\n\tauto = 0\n[protocol "file"]\n\tallow = always\n',
  );
  return {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Both repositories, and `commits` commits on old's main: S1, S2 … */
export async function makeSides(
  { must, name }: People,
  { folder, old, gitlab }: Places,
  commits: number,
): Promise<void> {
  for (const side of [old, gitlab]) {
    fs.mkdirSync(side, { recursive: true });
    await must(side, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
  }
  await must(gitlab, 'config', 'receive.advertisePushOptions', 'true');
  if (commits === 0) return;
  const work = path.join(folder, 'seed');
  fs.mkdirSync(work);
  await must(work, 'init', '--quiet', '--initial-branch=main', '.');
  for (let index = 1; index <= commits; index += 1) {
    await must(work, 'commit', '--quiet', '--allow-empty', '-m', `S${index}`);
    await name(work, 'HEAD', `S${index}`);
  }
  await must(work, 'push', '--quiet', old, 'main');
}
