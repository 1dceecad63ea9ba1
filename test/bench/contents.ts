/**
 * What a repository holds before it is measured: made in one go, with its refs in one packed file as `git gc` leaves
 * them.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Contents {
  /** In one line of history; each writes one file. */
  readonly commits: number;
  /** Of the file of one commit; they compress badly, as they are random. */
  readonly fileBytes: number;
  /** `main` and others, each at a commit of its own where there are enough. */
  readonly refs: number;
}

export const small: Contents = { commits: 20, fileBytes: 500, refs: 10 };

/** Later commits change the files of earlier ones: a checkout must not become what is measured. */
const filesMax = 100;

/** Fills empty bare repositories; those with the same contents hold the very same objects. */
export class Filler {
  private readonly filled = new Map<string, string>();

  async fill(repository: string, contents: Contents): Promise<void> {
    const key = JSON.stringify(contents);
    const like = this.filled.get(key);
    if (like === undefined) await make(repository, contents);
    else
      for (const part of ['objects', 'packed-refs'])
        cpSync(join(like, part), join(repository, part), { recursive: true, force: true });
    this.filled.set(key, like ?? repository);
  }
}

/** Puts other contents in the place of all refs; what loose refs say goes. */
export function replaceContents(like: string, repository: string): void {
  cpSync(join(like, 'objects'), join(repository, 'objects'), { recursive: true, force: true });
  for (const folder of ['heads', 'tags']) {
    rmSync(join(repository, 'refs', folder), { recursive: true, force: true });
    mkdirSync(join(repository, 'refs', folder));
  }
  cpSync(join(like, 'packed-refs'), join(repository, 'packed-refs'));
}

async function make(repository: string, contents: Contents): Promise<void> {
  const marks = join(repository, 'bench-marks');
  const git = spawn('git', ['fast-import', '--quiet', `--export-marks=${marks}`], {
    cwd: repository,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(git, 'close');
  for (let index = 1; index <= contents.commits; index++)
    if (!git.stdin.write(commit(index, contents.fileBytes))) await once(git.stdin, 'drain');
  git.stdin.end('done\n');
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`Cannot fill ${repository} as git fast-import must take it: it ended with ${code}`);
  writeFileSync(join(repository, 'packed-refs'), packedRefs(commitsOf(marks), contents.refs));
  for (const left of [marks, join(repository, 'refs', 'heads', 'main')]) rmSync(left, { force: true });
}

function commit(index: number, fileBytes: number): Buffer {
  const text = randomBytes(Math.ceil(fileBytes * 0.75))
    .toString('base64')
    .slice(0, fileBytes);
  const head = `commit refs/heads/main\nmark :${index}\ncommitter bench <bench@lab.invalid> ${1_700_000_000 + index} +0000\ndata 5\nstep\n`;
  const file = `M 100644 inline f${index % filesMax}\ndata ${text.length}\n${text}\n`;
  return Buffer.from(`${head}${file}\n`, 'latin1');
}

/** In the order of history. */
function commitsOf(marks: string): string[] {
  const byMark = readFileSync(marks, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(1).split(' ') as [string, string]);
  return byMark.sort(([a], [b]) => Number(a) - Number(b)).map(([, oid]) => oid);
}

/** Half of them branches, half tags; sorted, as git's header promises. */
function packedRefs(commits: readonly string[], count: number): string {
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    name: `refs/${index % 2 === 0 ? 'heads/topic' : 'tags/v'}/${String(index).padStart(6, '0')}`,
    oid: commits[index % commits.length] ?? '',
  }));
  const all = [{ name: 'refs/heads/main', oid: commits.at(-1) ?? '' }, ...others].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return `# pack-refs with: peeled fully-peeled sorted \n${all.map(({ name, oid }) => `${oid} ${name}\n`).join('')}`;
}
