/** A list of refs that is longer than whoever asked for it can work with. */
import { faults } from '../contract/faults';
import type { GitExit } from '../rules/gitanswers';
import { megabytesFor } from '../rules/large';
import type { GitSettings } from './gitsettings';

/** Throws `too-many-refs` where there is more of it than was kept. */
export function requireWhole(
  { directory, listBytes }: GitSettings,
  side: 'old' | 'GitLab',
  { cut, timedOut }: GitExit,
): void {
  if (cut === undefined || listBytes === undefined) return;
  const { lines, bytes } = cut;
  throw faults.tooManyRefs({
    path: directory,
    side,
    refs: lines,
    isAll: !timedOut,
    bytes,
    mostBytes: listBytes,
    enough: megabytesFor(bytes),
  });
}
