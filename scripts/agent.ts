/** The agent on the old server, as a command calls it: an sshd that restarts is waited for, as `pulumi up` waits. */
import type { Verbs } from '../agent/contract/verbs';
import { allPrintable } from '../agent/contract/printable';
import { callAgent } from '../stacks/provider/call';
import { pool } from '../stacks/provider/ssh/pool';
import type { ServerSettings } from '../stacks/provider/ssh/address';
import { patiently } from '../stacks/provider/waiting/patience';

export interface Agent {
  /** Throws where there is no way to the server. */
  readonly reach: () => Promise<void>;
  readonly call: <V extends keyof Verbs>(verb: V, request: Verbs[V]['request']) => Promise<Verbs[V]['result']>;
  readonly close: () => void;
}

/** Who looks wants to know soon: with the longest wait for a connection, half a minute at most. */
const withinMs = 10_000;

/** They only look: what broke off is done again as a whole. */
const looking: ReadonlySet<keyof Verbs> = new Set(['status', 'verify']);

/** `tell` hears what the agent says, and what is waited for. */
export function openAgent(server: ServerSettings, tell: (text: string) => void): Agent {
  const pooled = pool(server);
  const { signal } = new AbortController();
  const say = whenNew(tell);
  const wait = <T>(work: () => Promise<T>): Promise<T> => patiently(work, { signal, say, withinMs });
  const reach: Agent['reach'] = async () => void (await wait(pooled.get));
  return {
    reach,
    call: async (verb, request) => {
      const once = async (): Promise<Verbs[typeof verb]['result']> =>
        callAgent(await pooled.get(), verb, request, ({ text }) => tell(text));
      if (looking.has(verb)) return allPrintable(await wait(once));
      await reach();
      return allPrintable(await once());
    },
    close: pooled.close,
  };
}

/** Each try fails in the same words, and so do calls side by side. */
function whenNew(tell: (text: string) => void): (text: string) => void {
  let last = '';
  return (text) => {
    if (text !== last) tell(text);
    last = text;
  };
}
