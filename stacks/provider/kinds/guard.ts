/**
 * Keeps open repositories from being dropped. The engine deletes what depends on others first: everybody's access would
 * be gone before a repository could refuse. The guard depends on everything, so it is asked first and nothing is
 * touched when it refuses.
 */
import { asError } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
import { same } from '../engine/canonical';
import type { Request, ResourceKind } from './resource';
import type { Values } from '../engine/values';

export const guardKind: ResourceKind = {
  check: (news) => news,
  diff: async (olds, news, request) => {
    await refuseOpen(listed(news), request);
    return { changed: same(olds['repositories'], news['repositories']) ? [] : ['repositories'], drift: false };
  },
  create: async (news, request) => {
    await refuseOpen(listed(news), request);
    return { id: 'guard', outputs: news };
  },
  update: async (_olds, news, request) => {
    await refuseOpen(listed(news), request);
    return news;
  },
  delete: (_olds, request) => refuseOpen([], request),
};

function listed(values: Values): readonly string[] {
  return (values['repositories'] as readonly string[] | undefined) ?? [];
}

/** Asks the agent, not the state: a move may have been made while the state was lost. */
async function refuseOpen(kept: readonly string[], { session }: Request): Promise<void> {
  if (!(await session.look()).installed) return;
  const { repositories, faults: unseen } = await session.call('status', { paths: [] });
  const open = repositories.filter(({ path, phase }) => phase !== 'old' && phase !== 'retired' && !kept.includes(path));
  if (open.length > 0) throw faults.phaseOpen({ open });
  const [fault] = unseen;
  if (fault !== undefined && kept.length === 0) throw asError(fault);
}
