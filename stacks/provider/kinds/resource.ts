/** What the engine asks of one kind of resource, in plain values. */
import type { Session } from '../session';
import type { Say } from '../engine/say';
import type { Values } from '../engine/values';

export interface Difference {
  /** Paths of properties that changed; empty with `drift` when something else did. */
  readonly changed: readonly string[];
  /** The old server is not as it should be, though the configuration did not change. */
  readonly drift: boolean;
  /** The resource, and what depends on it, goes before a new one is made. */
  readonly replaces?: boolean;
}

export interface Request {
  readonly session: Session;
  readonly say: Say;
  readonly preview: boolean;
}

export interface ResourceKind {
  /** Inputs as the state keeps them. */
  check(news: Values, request: Pick<Request, 'session'>): Values;
  diff(olds: Values, news: Values, request: Request): Promise<Difference>;
  create(news: Values, request: Request): Promise<{ id: string; outputs: Values }>;
  update(olds: Values, news: Values, request: Request): Promise<Values>;
  delete(olds: Values, request: Request): Promise<void>;
}
