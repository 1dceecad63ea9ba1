/** Gitaly is built only for those who ask for it: where it is not, its tests say so and are left out. */
import { gitalyPrograms } from '../lab/toolchain';

/** Options of node:test. */
export function available(): { skip?: string } {
  try {
    gitalyPrograms();
    return {};
  } catch {
    return { skip: 'Gitaly is not in the cache; scripts/setup --gitaly builds it' };
  }
}
