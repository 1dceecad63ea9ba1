/** The old server as one run asks it: one connection, one look at the agent's files, calls of the agent. */
import { asFault } from '../../agent/contract/errors';
import type { Verbs } from '../../agent/contract/verbs';
import { look, type Look } from './bundle';
import { callAgent, type CallOptions } from './call';
import type { Say } from './engine/say';
import { type NodeOnOld, openNode } from './node/node';
import type { NodeSeen } from './node/seen';
import { patiently } from './waiting/patience';
import type { ServerSettings } from './ssh/address';
import { pool } from './ssh/pool';
import type { Connection } from './ssh/ssh';

export interface Old {
  connection(): Promise<Connection>;
  /** Does it again while it fails for a moment, as all below do by themselves: for work that can be repeated whole. */
  patiently<T>(work: () => Promise<T>, say?: Say): Promise<T>;
  /** What runs the agent there. */
  readonly node: NodeOnOld;
  /** Seen once in a run, and again after `forget`. */
  look(): Promise<Look>;
  /** The agent's files were changed. */
  forget(): void;
  call<V extends keyof Verbs>(verb: V, request: Verbs[V]['request'], say?: Say): Promise<Verbs[V]['result']>;
  /**
   * As `call`, but brings the agent along where none is installed, or one that does not know the verb yet: for looking
   * before anything is there.
   */
  peek<V extends keyof Verbs>(verb: V, request: Verbs[V]['request']): Promise<Verbs[V]['result']>;
  close(): void;
}

export interface OldOptions {
  /** The agent's bundle. */
  readonly carried: Buffer;
  /** The folder of this project's own scripts. */
  readonly scripts: string;
  readonly signal: AbortSignal;
  /** Of what is waited for, where no resource asks. */
  readonly say: Say;
}

interface Asking extends CallOptions {
  /** Hears the agent's progress, and what is waited for. */
  readonly tell?: Say | undefined;
}

export function openOld(server: ServerSettings, { carried, scripts, signal, say }: OldOptions): Old {
  const pooled = pool(server);
  let seen: Promise<Look> | null = null;
  const again: Old['patiently'] = (work, tell = say) => patiently(work, { signal, say: (text) => tell('note', text) });
  const lookOnce = (): Promise<Look> =>
    (seen ??= again(async () => look(await pooled.get(), signal)).catch((trouble: unknown) => {
      seen = null;
      throw trouble;
    }));
  const seenNode = async (): Promise<NodeSeen> => (await lookOnce()).node;
  const tell = (text: string): void => say('note', text);
  const node = openNode({ scripts, signal, tell, connection: pooled.get, seen: seenNode });
  const ask = <V extends keyof Verbs>(verb: V, request: Verbs[V]['request'], { tell, ...more }: Asking = {}) =>
    again(async () => {
      const options = { signal, node: await node.words(), ...telling(tell), ...more };
      return callAgent(await pooled.get(), verb, request, options);
    }, tell);
  const carry: Old['peek'] = (verb, request) => ask(verb, request, { carried });
  return {
    connection: pooled.get,
    patiently: again,
    node,
    look: lookOnce,
    forget: () => {
      seen = null;
      node.forget();
    },
    call: (verb, request, tell) => ask(verb, request, { tell }),
    peek: async (verb, request) => {
      if (!(await lookOnce()).installed) return carry(verb, request);
      return ask(verb, request).catch((error: unknown) =>
        asFault(error).code === 'unknown-verb' ? carry(verb, request) : Promise.reject(error),
      );
    },
    close: pooled.close,
  };
}

function telling(say: Say | undefined): { onLine?: (line: { kind: 'progress' | 'warning'; text: string }) => void } {
  return say === undefined ? {} : { onLine: ({ kind, text }) => say(kind === 'progress' ? 'note' : 'warning', text) };
}
