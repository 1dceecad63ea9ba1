/**
 * Keeps open repositories from being dropped. The engine deletes what depends on others first: everybody's access would
 * be gone before a repository could refuse. The guard depends on everything, so it is asked first and nothing is
 * touched when it refuses.
 */
import type { RepositoryStatus } from '../../../agent/contract/contract';
import { HandoverError, mistake } from '../../../agent/contract/errors';
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
  const { repositories, faults } = await session.call('status', { paths: [] });
  const open = repositories.filter(({ path, phase }) => phase !== 'old' && phase !== 'retired' && !kept.includes(path));
  if (open.length > 0) throw stillOpen(open);
  const [fault] = faults;
  if (fault !== undefined && kept.length === 0) throw new HandoverError(fault);
}

function stillOpen(open: readonly RepositoryStatus[]): HandoverError {
  const names = open.map(({ path, phase }) => `${path} is ${phase}`).join(', ');
  return mistake(
    'phase-open',
    `Cannot let go of a repository as its phase must be old or retired: ${names}. Nothing was touched.`,
    'Put it back under `repositories`; move it to retired, or back to old with `abandon: true`; then drop it. One agent folder belongs to one stack.',
  );
}
