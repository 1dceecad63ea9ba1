/** What GitLab tells webhooks about one push. Pure. */
import { zeros } from './model';
import { branchName, tagName } from './refnames';
import type { RefUpdate } from './repository';
import type { HookEvent } from './standin';

/**
 * Above `limit` changes of one kind (created, updated, removed), counted for branches and tags apart, that kind sends
 * nothing.
 */
export function webhooksOf(
  updates: readonly RefUpdate[],
  limit: number,
  push: Pick<HookEvent, 'project' | 'user' | 'pushOptions'>,
): HookEvent[] {
  const groups = new Map<string, RefUpdate[]>();
  for (const update of updates) {
    const kind = kindOf(update);
    if (kind !== null) groups.set(kind, [...(groups.get(kind) ?? []), update]);
  }
  const sent = [...groups.values()].filter((group) => group.length <= limit).flat();
  return sent.map((update) => ({ ...push, ...update, kind: branchName(update.ref) === null ? 'tag_push' : 'push' }));
}

function kindOf({ ref, before, after }: RefUpdate): string | null {
  const type = branchName(ref) !== null ? 'branch' : tagName(ref) !== null ? 'tag' : null;
  const change = before === zeros ? 'created' : after === zeros ? 'removed' : 'updated';
  return type === null ? null : `${type} ${change}`;
}
