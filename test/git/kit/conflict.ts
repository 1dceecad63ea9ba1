/** A conflict as people make one. */
import type { Pair } from './pair';

/** In `mirror`, somebody wrote to closed GitLab while old moved too. Answers old's value and GitLab's. */
export async function makeConflict(pair: Pair): Promise<{ old: string; gitlab: string }> {
  await pair.move('mirror');
  const stranger = await pair.clone('gitlab', 'stranger');
  const gitlab = await pair.commit(stranger, 'web edit');
  await pair.must(stranger, 'push', '--quiet', 'origin', 'main');
  const clone = await pair.clone('old', 'ada');
  const old = await pair.commit(clone, 'work');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  return { old, gitlab };
}
