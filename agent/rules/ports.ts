/** What a push that is judged and sent sees of its surroundings. */
import type { RefName, Update, World } from './world';

/** How a push ends for the pusher. */
export interface Verdict {
  readonly accept: boolean;
  readonly text: string;
  /** Its outcome is unknown: the lease stays, marked as sent. */
  readonly unknown: boolean;
}

export interface PushLease {
  /** Appends a control line; with `flush` it is on disk before anything follows. */
  note(line: string, flush: boolean): void;
  /** The push is refused: no witness stays. */
  refused(): void;
}

export interface PushContext {
  readonly world: World;
  readonly updates: readonly Update[];
  readonly lease: PushLease;
  readonly say: (name: 'stale' | 'staleUnhealed' | 'unknown' | 'unreachable' | 'declined' | 'accepted' | 'damaged', fields?: Record<string, string>) => string;
  /** Brings old level in a fresh process outside the quarantine; null when it did, else why not. */
  readonly heal: (refs: readonly RefName[]) => Promise<string | null>;
}
