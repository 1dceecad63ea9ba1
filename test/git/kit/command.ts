/** Commands of a test, with everything that they printed. */
import { execFile, spawn } from 'node:child_process';

export interface Seen {
  readonly code: number;
  readonly output: string;
}

/** Runs a command and answers everything that it printed, in order. */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; input?: string },
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const child =
      options.input === undefined
        ? execFile(program, [...args], { cwd: options.cwd, env: options.env, maxBuffer: 1 << 28 })
        : spawn(program, [...args], { cwd: options.cwd, env: options.env });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer | string) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer | string) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

export function succeed(seen: Seen, args: readonly string[]): string {
  if (seen.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${seen.code}:\n${seen.output}`);
  return seen.output;
}
