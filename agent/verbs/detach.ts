/** The verb `detach`: a repository is let go of, and what it has at GitLab with it. */
import { detach as letGo } from '../install/attach';
import { dropFence } from '../sync/dropfence';

/** Answers what people must know of what stays. */
export function detach(folder: string, path: string): Promise<string[]> {
  return letGo(folder, path, async (world, lock) => {
    const { fence } = world.journal.state();
    const left = fence === null ? null : await dropFence({ world, lock }, fence);
    return left === null ? [] : [left];
  });
}
