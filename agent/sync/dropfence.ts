/** The end of a fence: who leaves a repository alone takes its mark away at GitLab, or says that it stays. */
import { asFault } from '../contract/errors';
import { fenceRef, shownFence } from '../rules/fence';
import type { Unlock, World } from '../rules/ports';
import type { Fence } from '../rules/values';

interface UnderLock {
  readonly world: World;
  readonly lock: Unlock;
}

/**
 * In `old`, and where the repository is let go of, nothing hangs on it. Answers what people must know: null when GitLab
 * has it no more. Another value than ours is another living attachment's (a copy of this server), and stays.
 */
export async function dropFence({ world, lock }: UnderLock, fence: Fence): Promise<string | null> {
  world.fence.setCopy(null);
  const words = await takenAway({ world, lock }, fence).catch((thrown: unknown) =>
    asFault(thrown).message.replace(/\.$/, ''),
  );
  if (words === null) return null;
  world.log.write('fence-left', { words });
  const { path, peopleUrl } = world.config;
  return `${path}: its mark stays at GitLab (${words}), and a later first copy stops at it. Where no other server is attached to the project, take it away: \`git push ${peopleUrl} :${fenceRef(fence)}\`.`;
}

/** By compare-and-set on what GitLab shows: a move of the fence may have been cut off. Null: it is gone. */
async function takenAway({ world, lock }: UnderLock, fence: Fence): Promise<string | null> {
  const shown = shownFence(fence, (await world.git.gitlabSide()).refs);
  if (shown === null) return null;
  if (shown !== fence.last && shown !== fence.next?.oid) return 'it has another value than this server gave it';
  const answer = await world.git.pushFence({ ref: fenceRef(fence), before: shown, after: null }, lock);
  return answer.kind === 'ok' ? null : answer.words.trim();
}
