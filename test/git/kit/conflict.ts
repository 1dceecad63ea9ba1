/** A conflict as people make one. */
import type { Pair } from './pair';

/** In `mirror`, somebody wrote B to closed GitLab while old moved to A. Answers old's value and GitLab's. */
export async function makeConflict(pair: Pair): Promise<{ old: string; gitlab: string }> {
  await pair.move('mirror');
  const stranger = await pair.clone('gitlab', 'stranger');
  const gitlab = await pair.commit(stranger, 'B', 'web edit');
  await pair.must(stranger, 'push', '--quiet', 'origin', 'main');
  const clone = await pair.clone('old', 'ada');
  const old = await pair.commit(clone, 'A', 'work');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  return { old, gitlab };
}
