/** The one file that runs git for the stand-in: bare repositories on disk, configured as Gitaly configures them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { zeros } from './model';
import type { User } from './model';
import { hiddenRefs, readOnlyRefs } from './refnames';
import { staleLocks } from './stalelocks';

const run = promisify(execFile);

export interface RefUpdate {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

export interface CommitFacts {
  readonly id: string;
  readonly timestamp: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
}

export const staleMs = 5_000;

export class Repositories {
  readonly env: NodeJS.ProcessEnv;

  constructor(
    private readonly folder: string,
    readonly hooks: string,
  ) {
    const config = join(folder, 'gitconfig');
    mkdirSync(folder, { recursive: true });
    writeFileSync(config, configText(hooks));
    this.env = {
      PATH: process.env['PATH'],
      HOME: folder,
      LANG: 'C.UTF-8',
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
    };
  }

  /** Hashed storage: the path says nothing about the project's name, so a rename moves nothing. */
  path(projectId: number): string {
    const hash = createHash('sha256').update(String(projectId)).digest('hex');
    return join(this.folder, '@hashed', hash.slice(0, 2), hash.slice(2, 4), `${hash}.git`);
  }

  relativePath(projectId: number): string {
    return relative(this.folder, this.path(projectId));
  }

  exists(projectId: number): boolean {
    return existsSync(this.path(projectId));
  }

  async create(projectId: number, defaultBranch: string): Promise<void> {
    const path = this.path(projectId);
    mkdirSync(path, { recursive: true });
    await this.git(path, ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, path]);
    rmSync(join(path, 'hooks'), { recursive: true, force: true });
  }

  async remove(projectId: number): Promise<void> {
    rmSync(this.path(projectId), { recursive: true, force: true });
  }

  async refs(projectId: number, prefix = 'refs/'): Promise<Map<string, string>> {
    const lines = await this.git(this.path(projectId), ['for-each-ref', '--format=%(objectname) %(refname)', prefix]);
    return new Map(
      lines
        .split('\n')
        .filter(Boolean)
        .map((line) => [line.slice(41), line.slice(0, 40)]),
    );
  }

  /** Null when the ref does not exist. */
  async value(projectId: number, ref: string): Promise<string | null> {
    return (await this.refs(projectId, ref)).get(ref) ?? null;
  }

  async hasBranches(projectId: number): Promise<boolean> {
    return (await this.git(this.path(projectId), ['for-each-ref', '--count=1', 'refs/heads/'])) !== '';
  }

  /** `quarantine` is where the objects of a running push are, relative to the repository. */
  async isAncestor(projectId: number, update: RefUpdate, quarantine: string | null): Promise<boolean> {
    const path = this.path(projectId);
    const env =
      quarantine === null
        ? {}
        : { GIT_OBJECT_DIRECTORY: join(path, quarantine), GIT_ALTERNATE_OBJECT_DIRECTORIES: join(path, 'objects') };
    return this.succeeds(path, ['merge-base', '--is-ancestor', update.before, update.after], env);
  }

  /** The blobs that a running push brings and that are larger than `bytesMax`. */
  async largeBlobs(projectId: number, quarantine: string, bytesMax: number): Promise<{ oid: string; bytes: number }[]> {
    const path = this.path(projectId);
    const args = [
      'cat-file',
      '--batch-all-objects',
      '--unordered',
      '--batch-check=%(objecttype) %(objectname) %(objectsize)',
    ];
    const { stdout } = await run('git', args, {
      cwd: path,
      env: { ...this.env, GIT_OBJECT_DIRECTORY: join(path, quarantine) },
      maxBuffer: 1 << 28,
    });
    const blobs = stdout
      .split('\n')
      .filter((line) => line.startsWith('blob '))
      .map((line) => line.split(' '));
    return blobs.map(([, oid = '', bytes]) => ({ oid, bytes: Number(bytes) })).filter(({ bytes }) => bytes > bytesMax);
  }

  /** The full id of a commit by any name, or null. */
  async resolve(projectId: number, name: string): Promise<string | null> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    return this.git(this.path(projectId), args).then(
      (text) => text.trim(),
      () => null,
    );
  }

  /**
   * Compare-and-set in the name of a user; an error when the ref moved meanwhile. Answers whether hooks have told the
   * internal API of it.
   */
  async update(projectId: number, { ref, before, after }: RefUpdate, _user: User): Promise<'told' | 'silent'> {
    const verb = after === zeros ? `delete ${ref}\0${before}\0` : `update ${ref}\0${after}\0${before}\0`;
    await this.git(this.path(projectId), ['update-ref', '--no-deref', '-z', '--stdin'], verb);
    return 'silent';
  }

  /**
   * The newest `countMax` commits of `after` that `notIn` does not have, the newest last; and how many there are in
   * all.
   */
  async commits(
    projectId: number,
    { after, notIn, countMax }: { after: string; notIn: string | null; countMax: number },
  ): Promise<{ total: number; newest: CommitFacts[] }> {
    const range = [after, ...(notIn === null ? [] : [`^${notIn}`]), '--'];
    const path = this.path(projectId);
    const total = Number(await this.git(path, ['rev-list', '--count', ...range]));
    const text = await this.git(path, [
      'log',
      '-z',
      '--reverse',
      `--max-count=${countMax}`,
      '--format=%H%n%aI%n%an%n%ae%n%B',
      ...range,
    ]);
    return { total, newest: text.split('\0').filter(Boolean).map(commitFacts) };
  }

  /** Null for what is no annotated tag. */
  async tagMessage(projectId: number, oid: string): Promise<string | null> {
    return this.git(this.path(projectId), ['cat-file', 'tag', oid]).then(
      (text) => text.slice(text.indexOf('\n\n') + 2).trimEnd(),
      () => null,
    );
  }

  async annotate(
    projectId: number,
    { tag, commit, message }: { tag: string; commit: string; message: string },
  ): Promise<string> {
    const text = `object ${commit}\ntype commit\ntag ${tag}\ntagger GitLab <noreply@gitlab.invalid> ${Math.floor(Date.now() / 1000)} +0000\n\n${message}\n`;
    return (await this.git(this.path(projectId), ['mktag'], text)).trim();
  }

  async setHead(projectId: number, branch: string): Promise<void> {
    await this.git(this.path(projectId), ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  }

  /** Removes locks that nobody holds any more. */
  async housekeeping(projectId: number): Promise<void> {
    for (const lock of staleLocks(this.path(projectId), staleMs)) rmSync(lock, { force: true });
  }

  async isBranchName(branch: string): Promise<boolean> {
    return this.succeeds(this.folder, ['check-ref-format', `refs/heads/${branch}`]);
  }

  private async git(cwd: string, args: readonly string[], input?: string): Promise<string> {
    const running = run('git', [...args], { cwd, env: this.env, maxBuffer: 1 << 28 });
    // A git that does not read is gone before its input is written: its exit code says how it went.
    running.child.stdin?.on('error', () => undefined).end(input ?? '');
    return (await running).stdout;
  }

  private async succeeds(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<boolean> {
    return run('git', [...args], { cwd, env: { ...this.env, ...env } }).then(
      () => true,
      () => false,
    );
  }
}

function commitFacts(text: string): CommitFacts {
  const [id = '', timestamp = '', name = '', email = '', ...message] = text.split('\n');
  return { id, timestamp, author: { name, email }, message: message.join('\n') };
}

/** What Gitaly puts on git's command line. Refs of GitLab's own are read-only; some are not even shown. */
function configText(hooks: string): string {
  const exempt = ['badTimezone', 'missingSpaceBeforeDate', 'zeroPaddedFilemode'];
  return (
    [
      '[safe]',
      'directory = *',
      '[core]',
      `hooksPath = "${hooks}"`,
      'filesRefLockTimeout = 1000',
      'packedRefsTimeout = 10000',
      '[gc]',
      'auto = 0',
      '[maintenance]',
      'auto = false',
      '[transfer]',
      'fsckObjects = true',
      ...hiddenRefs.map((ref) => `hideRefs = ${ref}`),
      '[receive]',
      'advertisePushOptions = true',
      'autogc = false',
      ...readOnlyRefs.map((ref) => `hideRefs = ${ref}`),
      '[uploadpack]',
      'allowFilter = true',
      'allowAnySHA1InWant = true',
      '[receive "fsck"]',
      ...exempt.map((id) => `${id} = ignore`),
      '[fetch "fsck"]',
      ...exempt.map((id) => `${id} = ignore`),
    ].join('\n') + '\n'
  );
}
