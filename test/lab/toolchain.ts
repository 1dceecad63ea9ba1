/** What the lab runs and where it is: made by `npm run setup`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Toolchain {
  /** Folder with `pulumi` and `pulumi-language-nodejs`: goes first on PATH. */
  readonly pulumi: string;
  /** Executable that is sshd, with what it needs to run here. */
  readonly sshd: string;
  readonly agentBundle: string;
  /** Folder of the hook shims. */
  readonly shims: string;
  readonly providerBundle: string;
  /** The project's own folder. */
  readonly project: string;
}

export class SetupMissing extends Error {
  constructor(path: string) {
    super(`Cannot use the lab as it was not set up: ${path} is missing. Run: npm run setup`);
    this.name = 'SetupMissing';
  }
}

/** `project` is another folder only in tests. */
export function tools(project = join(__dirname, '..', '..')): Toolchain {
  const dist = join(project, 'dist');
  const { pulumi, sshd } = readToolchain(join(dist, 'toolchain.json'));
  if (sshd === '') throw new SetupMissing('an sshd for the lab');
  return {
    pulumi: present(pulumi),
    sshd: present(sshd),
    agentBundle: join(dist, 'agent.cjs'),
    shims: join(dist, 'shims'),
    providerBundle: join(dist, 'provider.cjs'),
    project,
  };
}

/** The folder of Gitaly, which only those set up who ask for it. */
export function gitalyPrograms(project = join(__dirname, '..', '..')): string {
  const { gitaly } = JSON.parse(readFileSync(present(join(project, 'dist', 'toolchain.json')), 'utf8')) as Record<
    string,
    unknown
  >;
  if (typeof gitaly !== 'string' || gitaly === '')
    throw new Error('Cannot use Gitaly as it was not set up. Run: scripts/setup --gitaly');
  return present(gitaly);
}

function readToolchain(path: string): { pulumi: string; sshd: string } {
  const found: unknown = JSON.parse(readFileSync(present(path), 'utf8'));
  const { pulumi, sshd } = found as Record<string, unknown>;
  if (typeof pulumi !== 'string' || typeof sshd !== 'string') throw new SetupMissing(path);
  return { pulumi, sshd };
}

function present(path: string): string {
  if (!existsSync(path)) throw new SetupMissing(path);
  return path;
}
