/**
 * Stands between a repository that copies refs and the protections of its project. The engine deletes what is no longer
 * declared at the very end, but protections must be gone before refs are copied again: the gate is replaced when
 * copying begins or ends, and what depends on it is deleted with it, first.
 */
import { same } from '../engine/canonical';
import type { ResourceKind } from './resource';

export const gateKind: ResourceKind = {
  check: (news) => news,
  diff: async (olds, news) => ({
    changed: ['copying', 'project'].filter((name) => !same(olds[name], news[name])),
    drift: false,
    replaces: olds['copying'] !== news['copying'],
  }),
  create: async (news) => ({ id: String(news['path']), outputs: news }),
  update: async (_olds, news) => news,
  delete: async () => undefined,
};
