/** Gitaly is built only for those who ask for it: for the others its tests say that it is missing, and are left out. */
import { test } from 'node:test';
import { usualKind } from '../lab/gitlab/kind';
import { gitalyPrograms } from '../lab/toolchain';

/**
 * Calls `suite` where there is a Gitaly; else one skipped test says why there is none, or throws where Gitaly was asked
 * for.
 */
export function withGitaly(suite: () => void): void {
  try {
    gitalyPrograms();
  } catch (error) {
    if (usualKind() === 'gitaly') throw error;
    test('pushes to Gitaly', { skip: error instanceof Error ? error.message : String(error) }, () => undefined);
    return;
  }
  suite();
}
