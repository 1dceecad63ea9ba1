/** Gitaly is built only for those who ask for it: where it is not, its tests say so and are left out. */
import { test } from 'node:test';
import { gitalyPrograms } from '../lab/toolchain';

/** Calls `suite` where there is a Gitaly; else one skipped test says why there is none. */
export function withGitaly(suite: () => void): void {
  try {
    gitalyPrograms();
  } catch (error) {
    test('pushes to Gitaly', { skip: error instanceof Error ? error.message : String(error) }, () => undefined);
    return;
  }
  suite();
}
