/**
 * What one run of the provider shares: the connection, the look at the agent's files, the views of repositories,
 * GitLab.
 */
import type { RepositoryConfig } from '../../agent/contract/configs';
import type { Consent, Verbs } from '../../agent/contract/verbs';
import type { RepositoryView } from '../../agent/contract/views';
import { refuseEach } from '../../agent/contract/errors';
import type { Phase } from '../../agent/contract/phase';
import { type Bundle, type Look, outdated } from './bundle';
import { canonical } from './engine/canonical';
import { type GitlabReader, openGitlab } from './gitlab/gitlab';
import { type Old, openOld } from './old';
import type { ServerSettings } from './ssh/address';
import type { Say } from './engine/say';

export interface SessionSettings {
  readonly server: ServerSettings;
  readonly gitlabUrl: string;
  /** Where GitLab was before, when somebody said so. */
  readonly gitlabMovedFrom?: string;
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

export interface Session extends Old {
  readonly settings: SessionSettings;
  readonly bundle: Bundle;
  readonly gitlab: GitlabReader;
  /** Aborted by Ctrl-C, and when the engine is gone. */
  readonly signal: AbortSignal;
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
}

/** Questions that come within this time share one call. */
const collectMs = 5;
/** Time for the old server to hear that its commands end, before the connection goes. */
const farewellMs = 1000;
/** One call stays well within its deadline. */
const questionsMax = 500;

/** `scripts`: the folder of this project's own. `say`: what is about no resource of its own. */
export function openSession(
  settings: SessionSettings,
  bundle: Bundle,
  scripts: string,
  say: Say = () => undefined,
): Session {
  const stop = new AbortController();
  const { signal } = stop;
  const old = openOld(settings.server, { carried: bundle.agent, scripts, signal, say });
  let key: Promise<string | null> | null = null;
  let previewing = true;
  const views = viewCache(async (questions) => inspect(old, questions, outdated(bundle, await old.look())));
  return {
    ...old,
    settings,
    bundle,
    signal,
    gitlab: openGitlab(
      { url: settings.gitlabUrl, token: settings.token, signal, say: (text) => say('note', text) },
      settings.keyToken,
    ),
    forget: () => {
      key = null;
      old.forget();
    },
    call: (verb, request, tell) => old.call(verb, canonical(request), tell),
    survey: async (questions, preview) => {
      previewing = preview;
      const seen = await Promise.all(questions.map(views));
      if (preview) refuseTogether(seen.filter(({ phase }, index) => phase !== questions[index]?.to));
    },
    publicKey: () => (key ??= old.look().then((there) => keyOf(there, () => old.call('installed', {})))),
    previewing: () => previewing,
    view: views,
    close: () => {
      stop.abort();
      setTimeout(() => old.close(), farewellMs).unref();
    },
  };
}

async function inspect(
  old: Old,
  questions: readonly Question[],
  changed: ReturnType<typeof outdated>,
): Promise<RepositoryView[]> {
  const shimsOutdated = changed.some(({ name }) => name.startsWith('shims/'));
  const { repositories } = await old.peek('inspect', { repositories: [...questions] });
  // Hooks are copies of the shims: new shims reach a repository when it is attached again.
  return repositories.map((view) => ({ ...view, current: view.current && !shimsOutdated }));
}

async function keyOf({ installed }: Look, ask: () => Promise<Verbs['installed']['result']>): Promise<string | null> {
  return installed ? ((await ask())?.publicKey ?? null) : null;
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
