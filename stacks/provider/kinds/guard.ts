/**
 * Keeps open repositories from being dropped. The engine deletes what depends on others first: everybody's access would
 * be gone before a repository could refuse. The guard depends on everything, so it is asked first and nothing is
 * touched when it refuses.
 */
import { asError } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
import { stateName } from '../../../agent/contract/statename';
import type { Verbs } from '../../../agent/contract/verbs';
import { same } from '../engine/canonical';
import type { Request, ResourceKind } from './resource';
import type { Values } from '../engine/values';

type Seen = Verbs['status']['result'];

export const guardKind: ResourceKind = {
  check: (news) => news,
  diff: async (olds, news, request) => {
    tellUnlooked(listed(olds), listed(news), await refuseOpen(listed(news), request), request);
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
  delete: async (_olds, request) => void (await refuseOpen([], request)),
};

function listed(values: Values): readonly string[] {
  return (values['repositories'] as readonly string[] | undefined) ?? [];
}

/** Asks the agent, not the state: a move may have been made while the state was lost. */
async function refuseOpen(kept: readonly string[], { session }: Request): Promise<Seen | null> {
  if (!(await session.look()).installed) return null;
  const seen = await session.call('status', { paths: [] });
  const { repositories, faults: unseen } = seen;
  const open = repositories.filter(({ path, phase }) => phase !== 'old' && phase !== 'retired' && !kept.includes(path));
  if (open.length > 0) throw faults.phaseOpen({ open });
  const [fault] = unseen;
  if (fault !== undefined && kept.length === 0) throw asError(fault);
  return seen;
}

/**
 * What is configured against what the agent looks at. A preview leaves out what its run would attach or let go of; that
 * run itself comes here last, when all of it is done.
 */
function tellUnlooked(
  before: readonly string[],
  wanted: readonly string[],
  seen: Seen | null,
  { session, say }: Request,
): void {
  if (seen === null) return;
  const { repositories, faults: unseen } = seen;
  const isKnown = (path: string): boolean =>
    repositories.some((one) => one.path === path) ||
    unseen.some(({ message }) => message.includes(path) || message.includes(stateName(path)));
  const paths = wanted.filter((path) => !isKnown(path) && (before.includes(path) || !session.previewing()));
  if (paths.length > 0) {
    const { message, next } = faults.notLookedAt({ paths }).fault;
    say('warning', `${message} ${next}`);
  }
  const others = repositories.map(({ path }) => path).filter((path) => ![...before, ...wanted].includes(path));
  if (others.length > 0)
    say(
      'warning',
      `The agent looks at ${others.join(', ')} as well, which no configuration of this stack names. Name it under \`repositories\`; what is taken out again is let go of.`,
    );
}
