/** A stack as its operator's commands see it: its settings, and the one setting that they change. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HandoverError } from '../agent/contract/errors';
import { faults } from '../agent/contract/faults';
import { quote } from '../agent/contract/shellword';
import type { Phase } from '../agent/contract/phase';
import { readConfig, valuesOf, type Settings } from '../stacks/config';

export interface StackPlace {
  /** The stack's name; undefined for the selected one, where there is no other. */
  readonly stack: string | undefined;
  /** The folder of Pulumi.yaml. */
  readonly project: string;
}

/** The selected stack's name where there are several: what is printed must not hang on what is selected later. */
export async function selectedOfSeveral(project: string): Promise<string | undefined> {
  const stacks = readdirSync(project).filter((name) => /^Pulumi\..+\.ya?ml$/.test(name));
  if (stacks.length < 2) return undefined;
  const { code, stdout } = await runPulumi({ stack: undefined, project }, ['stack', '--show-name']);
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

export const projectFolder = join(__dirname, '..');

export async function readStack(place: StackPlace): Promise<Settings> {
  const { code, stdout, stderr } = await runPulumi(place, ['config', '--json', '--show-secrets']);
  if (code !== 0) throw whyUnreadable(stderr) ?? faults.noStack({ words: lastWords(stderr) });
  const all = JSON.parse(stdout) as Record<string, { value?: string }>;
  return readConfig(valuesOf(Object.fromEntries(Object.entries(all).map(([key, { value }]) => [key, value ?? '']))));
}

/** By the engine's words (pkg/backend/httpstate and pkg/secrets/passphrase of Pulumi). */
export function whyUnreadable(words: string): HandoverError | null {
  if (words.includes('PULUMI_ACCESS_TOKEN must be set')) return faults.noLogin();
  if (words.includes('passphrase must be set')) return faults.noPassphrase({ wrong: false });
  return words.includes('incorrect passphrase') ? faults.noPassphrase({ wrong: true }) : null;
}

/** Without it the next `pulumi up` would move the repository back. */
export async function setPhase(place: StackPlace, key: string, phase: Phase): Promise<void> {
  const { code, stderr } = await runPulumi(place, ['config', 'set', '--path', phaseSetting(key), phase]);
  if (code !== 0) throw faults.notSet({ key, words: lastWords(stderr), command: setCommand(key, phase) });
}

/** What a person would type for it. */
export function setCommand(key: string, phase: Phase): string {
  return `pulumi config set --path ${quote(phaseSetting(key))} ${phase}`;
}

function phaseSetting(key: string): string {
  return `git-handover:repositories[${JSON.stringify(key)}].phase`;
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const pulumiMs = 120_000;

function runPulumi({ stack, project }: StackPlace, args: readonly string[]): Promise<Finished> {
  const whole = [
    ...args,
    ...(stack === undefined ? [] : ['--stack', stack]),
    '--cwd',
    project,
    '--non-interactive',
    '--color',
    'never',
  ];
  return new Promise((resolve) => {
    execFile(
      join(pulumiFolder(), 'pulumi'),
      whole,
      { timeout: pulumiMs, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
  });
}

/** Where the set-up found or built it. */
function pulumiFolder(): string {
  const { pulumi } = JSON.parse(readFileSync(join(projectFolder, 'dist', 'toolchain.json'), 'utf8')) as {
    pulumi: string;
  };
  return pulumi;
}

function lastWords(stderr: string): string {
  return stderr
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .slice(-3)
    .join(' ')
    .replace(/^error: /, '');
}
