/** The one way to what is agreed: what a deletion took away is written down first. */
import { withDeletions, type Passed } from '../rules/deletions';
import type { World } from '../rules/ports';

/** Killed between the two writes, the next pass writes both again. */
export function noteAgreed({ journal }: World, passed: Passed): void {
  const deleted = withDeletions(() => journal.deleted(), passed);
  if (deleted !== null) journal.writeDeleted(deleted);
  journal.writeAgreed(passed.after);
}
