/**
 * Runs the repository's own hooks for what passes changed: one process for a repository, under a lock of its own. It is
 * started by whoever wrote something down, and goes when nothing waits.
 */
import * as path from 'node:path';
import { printable } from '../contract/printable';
import { laterHooks, runOwnHook, type HookEnd, type LaterHook, type OwnHooks } from '../git/ownhooks';
import { takeLock } from '../machine/flock';
import { toText } from '../rules/bytes';
import { ownHooksFolder } from './hooks';
import { openRepository, type Repository } from './open';
import { forgetTaken, isSomethingDue, noteHook, noteRunner, takeDue } from './ownhooks';
import { sharedFor } from './sharing';
import type { Unlock } from '../rules/ports';
import type { Update } from '../rules/values';

/** One that is about to go; a hook whose runner was killed keeps the lock for longer, and the next pass tries again. */
const lockMs = 5_000;

export async function runOwnHooks(folder: string, state: string): Promise<void> {
  // A pass that still saw us alive left its change to us: so there is a last look.
  while (isSomethingDue(state)) {
    const lock = await takeLock(path.join(state, 'own-hooks.lock'), lockMs);
    if (lock === null) return;
    try {
      noteRunner(state, true);
      await runAll(folder, state, lock);
    } finally {
      noteRunner(state, false);
      lock.release();
    }
  }
}

async function runAll(folder: string, state: string, lock: Unlock): Promise<void> {
  for (;;) {
    // Anew each time: settings change, and the repository may lie elsewhere.
    const repository = openRepository(folder, state);
    const updates = takeDue(state, repository.world.log);
    if (updates === null) return;
    if (updates.length > 0 && repository.config.hooksAfterPass) await runEach(repository, updates, lock);
    forgetTaken(state);
  }
}

async function runEach(repository: Repository, updates: readonly Update[], lock: Unlock): Promise<void> {
  for (const name of laterHooks) await runOne(repository, name, updates, lock);
}

/** One that failed is not run again for the same change, as with git. */
async function runOne(
  { hooks, state, world, agent }: Repository,
  name: LaterHook,
  updates: readonly Update[],
  lock: Unlock,
): Promise<void> {
  const place: OwnHooks = {
    directory: hooks.directory,
    ownHooks: ownHooksFolder(hooks),
    shared: sharedFor(state) !== 'nobody',
  };
  const { how, printed } = await runOwnHook(place, name, { updates, limitMs: agent.limits.leaseMs, lock });
  const words = how === 'well' ? null : wordsOf(how, printed, agent.limits.leaseMs);
  if (words !== null) world.log.write('own-hook-failed', { hook: name, words });
  noteHook(state, name, words, world.log);
}

function wordsOf(how: HookEnd['how'], printed: string, limitMs: number): string {
  const ending = how === 'late' ? `It ran for longer than ${Math.ceil(limitMs / 1000)} s and was ended.` : 'It failed.';
  const last = printable(toText(printed)).trim().slice(-500);
  return last === '' ? `${ending} It printed nothing.` : `${ending} It printed last:\n${last}`;
}
