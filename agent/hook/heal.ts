/**
 * Bringing old level for a pusher who is told to fetch: by a process of its own, since inside the quarantine no ref can
 * change.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { environmentWithoutGit } from '../machine/processes';
import type { PushContext } from '../rules/ports';
import { asFault } from '../contract/errors';
import { healRefs } from '../sync/pass';
import { isParked } from '../repository/large';
import { openRepository } from '../repository/open';
import type { RefName } from '../rules/values';

/** It goes on by itself; the pusher's connection must not stay open for it. */
function letGo(child: ChildProcess): void {
  child.unref();
  child.stdin?.destroy();
  child.stderr?.destroy();
}

/**
 * Heals by a fresh process without the quarantine's variables: inside it, refs cannot change and fetched objects would
 * vanish.
 */
export function healBy(command: readonly string[], withinMs: number): PushContext['heal'] {
  return (refs) =>
    new Promise((resolve) => {
      const env = environmentWithoutGit();
      const [program = '', ...args] = command;
      const child = spawn(program, args, { env, cwd: '/', stdio: ['pipe', 'ignore', 'pipe'], detached: true });
      let words = '';
      const timer = setTimeout(() => {
        letGo(child);
        resolve('it takes longer than it should.');
      }, withinMs);
      child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString('utf8')));
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve(code === 0 ? null : words.trim() || `the pass ended with ${code}.`);
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(Buffer.from(refs.join('\n'), 'latin1'));
    });
}

/** Longest wait of a refused pusher for old to be brought level, ms. */
export const healMs = 10_000;

/** The fresh process outside the quarantine. Answers words on failure. */
export async function heal(folder: string, state: string, refs: readonly RefName[]): Promise<string | null> {
  try {
    if (isParked(folder, state)) return 'it has more refs than this server can look at.';
    return await healRefs(openRepository(folder, state).world, refs, healMs);
  } catch (error) {
    return asFault(error).message;
  }
}
