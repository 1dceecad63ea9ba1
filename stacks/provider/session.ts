/**
 * What one run of the provider shares: the connection, the look at the agent's files, the views of repositories,
 * GitLab.
 */
import type { RepositoryConfig } from '../../agent/contract/configs';
import type { Consent, Verbs } from '../../agent/contract/verbs';
import type { RepositoryView } from '../../agent/contract/views';
import { asFault, refuseEach } from '../../agent/contract/errors';
import type { Phase } from '../../agent/contract/phase';
import { type Bundle, look, type Look, outdated } from './bundle';
import { callAgent, type CallOptions } from './call';
import { canonical } from './engine/canonical';
import { type GitlabReader, openGitlab } from './gitlab/gitlab';
import { type NodeOnOld, openNode } from './node/node';
import { connect, type Connection } from './ssh/ssh';
import type { ServerSettings } from './ssh/address';
import type { Say } from './engine/say';

export interface SessionSettings {
  readonly server: ServerSettings;
  readonly gitlabUrl: string;
  readonly token: string;
  readonly keyToken: string | null;
  readonly longestPushSeconds: number;
  /**
   * Protections that the stack itself makes once a repository is refuse or retired, and takes away before it goes back.
   */
  readonly protections: { readonly branches: readonly string[]; readonly tags: readonly string[] };
}

export interface Question {
  readonly config: RepositoryConfig;
  readonly to: Phase | null;
  readonly consent: Consent;
}

export interface Session {
  readonly settings: SessionSettings;
  readonly bundle: Bundle;
  readonly gitlab: GitlabReader;
  /** Aborted by Ctrl-C, and when the engine is gone. */
  readonly signal: AbortSignal;
  connection(): Promise<Connection>;
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
  /** Looks at all repositories in one call; `view` then answers from it. */
  survey(questions: readonly Question[], preview: boolean): Promise<void>;
  /**
   * False once the program said that this is no preview. Then a difference refuses nothing, since its error would end
   * the whole run: the step itself refuses, and the other repositories go on with `--continue-on-error`.
   */
  previewing(): boolean;
  view(question: Question): Promise<RepositoryView>;
  /** Of the agent's key; null while there is none. Asked once in a run, and again after `forget`. */
  publicKey(): Promise<string | null>;
  close(): void;
}

/** Questions that come within this time share one call. */
const collectMs = 5;
/** Time for the old server to hear that its commands end, before the connection goes. */
const farewellMs = 1000;
/** One call stays well within its deadline. */
const questionsMax = 500;

/** `scripts`: the folder of this project's own. */
export function openSession(settings: SessionSettings, bundle: Bundle, scripts: string): Session {
  const stop = new AbortController();
  const { signal } = stop;
  const pooled = pool(settings.server);
  let seen: Promise<Look> | null = null;
  let key: Promise<string | null> | null = null;
  let previewing = true;
  const lookOnce = (): Promise<Look> => (seen ??= pooled.get().then((connection) => look(connection, signal)));
  const node = openNode({ scripts, signal, connection: pooled.get, seen: async () => (await lookOnce()).node });
  const ask = async <V extends keyof Verbs>(verb: V, request: Verbs[V]['request'], more: CallOptions = {}) =>
    callAgent(await pooled.get(), verb, request, { signal, node: await node.words(), ...more });
  const carry: Session['peek'] = (verb, request) => ask(verb, request, { carried: bundle.agent });
  const peek: Session['peek'] = async (verb, request) => {
    if (!(await lookOnce()).installed) return carry(verb, request);
    return ask(verb, request).catch((error: unknown) =>
      asFault(error).code === 'unknown-verb' ? carry(verb, request) : Promise.reject(error),
    );
  };
  const views = viewCache(async (questions) => inspect(peek, questions, outdated(bundle, await lookOnce())));
  return {
    settings,
    bundle,
    signal,
    gitlab: openGitlab({ url: settings.gitlabUrl, token: settings.token, signal }, settings.keyToken),
    connection: pooled.get,
    look: lookOnce,
    node,
    forget: () => {
      seen = null;
      key = null;
      node.forget();
    },
    call: (verb, request, say) => ask(verb, canonical(request), telling(say)),
    peek,
    survey: async (questions, preview) => {
      previewing = preview;
      const seen = await Promise.all(questions.map(views));
      if (preview) refuseTogether(seen.filter(({ phase }, index) => phase !== questions[index]?.to));
    },
    publicKey: () => (key ??= lookOnce().then((there) => keyOf(there, () => ask('installed', {})))),
    previewing: () => previewing,
    view: views,
    close: () => {
      stop.abort();
      setTimeout(pooled.close, farewellMs).unref();
    },
  };
}

async function inspect(
  peek: Session['peek'],
  questions: readonly Question[],
  changed: ReturnType<typeof outdated>,
): Promise<RepositoryView[]> {
  const shimsOutdated = changed.some(({ name }) => name.startsWith('shims/'));
  const { repositories } = await peek('inspect', { repositories: [...questions] });
  // Hooks are copies of the shims: new shims reach a repository when it is attached again.
  return repositories.map((view) => ({ ...view, current: view.current && !shimsOutdated }));
}

async function keyOf({ installed }: Look, ask: () => Promise<Verbs['installed']['result']>): Promise<string | null> {
  return installed ? ((await ask())?.publicKey ?? null) : null;
}

function telling(say: Say | undefined): { onLine?: (line: { kind: 'progress' | 'warning'; text: string }) => void } {
  return say === undefined ? {} : { onLine: ({ kind, text }) => say(kind === 'progress' ? 'note' : 'warning', text) };
}

/** One connection for everybody; a lost one is opened again by whoever needs it next. */
function pool(server: ServerSettings): { get: () => Promise<Connection>; close: () => void } {
  let open: Promise<Connection> | null = null;
  const get = async (): Promise<Connection> => {
    const connection = await (open ??= connect(server));
    if (connection.isOpen()) return connection;
    open = null;
    return get();
  };
  return {
    get: () =>
      get().catch((trouble: unknown) => {
        open = null;
        throw trouble;
      }),
    close: () =>
      void open?.then(
        (connection) => connection.close(),
        () => undefined,
      ),
  };
}

interface Waiting {
  readonly question: Question;
  readonly resolve: (view: RepositoryView) => void;
  readonly reject: (trouble: unknown) => void;
}

/** Answers each question once in a run, and asks for many in one call. */
function viewCache(
  ask: (questions: readonly Question[]) => Promise<readonly RepositoryView[]>,
): (question: Question) => Promise<RepositoryView> {
  const known = new Map<string, Promise<RepositoryView>>();
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (let from = 0; from < batch.length; from += questionsMax)
      void answer(batch.slice(from, from + questionsMax), ask);
  };
  return (question) => {
    const key = JSON.stringify(canonical(question));
    const before = known.get(key);
    if (before !== undefined) return before;
    const view = new Promise<RepositoryView>((resolve, reject) => {
      if (waiting.length === 0) setTimeout(flush, collectMs);
      waiting.push({ question: canonical(question), resolve, reject });
    });
    known.set(key, view);
    return view;
  };
}

async function answer(
  batch: readonly Waiting[],
  ask: (questions: readonly Question[]) => Promise<readonly RepositoryView[]>,
): Promise<void> {
  try {
    const views = await ask(batch.map(({ question }) => question));
    batch.forEach(({ resolve, reject }, index) => {
      const view = views[index];
      if (view === undefined) reject(new Error('The agent answered fewer repositories than were asked about.'));
      else resolve(view);
    });
  } catch (trouble) {
    for (const { reject } of batch) reject(trouble);
  }
}

/** A preview ends at the first error of a resource: when several repositories are refused, all are told before. */
function refuseTogether(views: readonly RepositoryView[]): void {
  const refused = views.filter(({ refusals }) => refusals.length > 0);
  if (refused.length > 1) refuseEach(refused.flatMap(({ refusals }) => refusals));
}
