/** Commands of the server that are not git: one door, with a deadline on each. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface CommandExit {
  /** Exit status; null when it could not be started or was killed at the deadline. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandCall {
  readonly input?: string;
  readonly withinMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Never throws: a command that is not there ends with null. */
export type Run = (program: string, args: readonly string[], call?: CommandCall) => Promise<CommandExit>;

const outputMax = 16 * 1024 * 1024;

export const runCommand: Run = (program, args, call = {}) =>
  new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', ...call.env };
    const options = {
      cwd: '/',
      env,
      timeout: call.withinMs ?? 30_000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: outputMax,
      encoding: 'latin1' as const,
    };
    const child = execFile(program, [...args], options, (error, stdout, stderr) =>
      resolve({ code: exitCode(error), stdout, stderr: stderr || (error?.message ?? '') }),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.from(call.input ?? '', 'latin1'));
  });

function exitCode(error: (Error & { code?: unknown }) | null): number | null {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : null;
}

/** True when the program is on PATH. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '/usr/bin:/bin').split(':').some((folder) => isExecutable(path.join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
