/**
 * What the agent on the old server is asked and what it answers. Pure types: the provider, the scripts and the agent
 * share them.
 *
 * One call is one process on the old server: `node <folder>/agent.cjs call <verb>`. The request is one JSON object on
 * standard input; the answer is JSON, one object a line on standard output: any number of `progress` and `warning`,
 * then exactly one `result` or `error`. Anything else on standard output, or no last line, is a fault of the
 * environment (exit code 3). Paths are absolute on the old server. Ref names travel as UTF-8 text for people; bytes
 * that are no UTF-8 show as `\xNN`.
 */
import type { AgentConfig, RepositoryConfig, WebhookConfig } from './configs';
import type { Phase } from './phase';
import type { Fault, Hello, RefDifference, RepositoryStatus, RepositoryView } from './views';

export const agentVersion = '0.1.0';

export type Line<T> =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'result'; readonly value: T }
  | { readonly kind: 'error'; readonly fault: Fault };

/** What an operator has agreed to for one move. */
export interface Consent {
  /** Move to `old` and leave GitLab's copy as it is. */
  readonly abandon: boolean;
  /** Enter `both` although writers without hooks were seen in the last seven days. */
  readonly unhookedWriters: boolean;
  /** End pushes that began before the hooks were installed. */
  readonly endOlderPushes: boolean;
}

/** What was made on old and is registered in GitLab. */
export interface Installed {
  readonly publicKey: string;
  /** What GitLab must show with each webhook; null without webhooks. Secret. */
  readonly webhookSecret: string | null;
}

/** Verb → request and result. */
export interface Verbs {
  hello: { request: Record<string, never>; result: Hello };
  /** Whether the resident could listen there. `held`: it does so already. Changes nothing. */
  listen: { request: { webhook: WebhookConfig; held: boolean }; result: { faults: Fault[] } };
  /** Asks GitLab's SSH for an answer, with these keys pinned. Changes nothing. */
  reach: { request: { gitlab: AgentConfig['gitlab'] }; result: { fault: Fault | null } };
  /** Installs configuration, key, known_hosts and timer. Doing it twice changes nothing. */
  setup: { request: { config: AgentConfig }; result: Installed & { timer: Hello['timer'] } };
  /** What is installed: null when nothing is. Used by diff. */
  installed: { request: Record<string, never>; result: (Installed & { config: AgentConfig }) | null };
  /** Takes the agent away; refused while a repository is attached. */
  remove: { request: Record<string, never>; result: Record<string, never> };
  /** Looks at repositories and at the move each is to make. Changes nothing. `to` null: no move. */
  inspect: {
    request: { repositories: { config: RepositoryConfig; to: Phase | null; consent: Consent }[] };
    result: { repositories: RepositoryView[] };
  };
  /** Installs the hooks in phase `old`; on an attached repository brings configuration, shims and hooks up to date. */
  attach: { request: { config: RepositoryConfig }; result: RepositoryView };
  /**
   * The whole change of phase. Repeating a finished one does nothing. `from`: where the caller saw it last; from
   * another phase, which somebody else chose meanwhile, it does not go. `who`, `from`: absent from a stack of before.
   */
  move: {
    request: { config: RepositoryConfig; to: Phase; consent: Consent; who?: string; from?: Phase };
    result: RepositoryView;
  };
  /** Takes the hooks away. Only in `old` and `retired`. */
  detach: { request: { path: string }; result: Record<string, never> };
  /** One pass now, whatever the timer says. */
  pass: { request: { path: string }; result: RepositoryStatus };
  /** All attached repositories, or those named. `faults`: why others could not be looked at. */
  status: { request: { paths: string[] }; result: { repositories: RepositoryStatus[]; faults: Fault[] } };
  /** Compares both sides' refs, trusting no journal. */
  verify: {
    request: { paths: string[] };
    result: {
      repositories: {
        path: string;
        project: string;
        refs: number;
        differences: RefDifference[];
        /** Other names of a branch on old, where GitLab has refs of its own: not compared. `old` is null. */
        aliased?: RefDifference[];
      }[];
      faults: Fault[];
    };
  };
  /**
   * Settles one ref in conflict or damaged; `apply` false only shows both histories. `both`: the value that does not
   * stay gets the name `name`. A stopped pass: `ref` is `refs/`, which means all of them, or one that GitLab lost, and
   * `more` are others.
   */
  resolve: {
    request: {
      path: string;
      ref: string;
      more?: string[];
      keep: 'old' | 'gitlab' | 'both';
      stays?: 'old' | 'gitlab';
      name?: string;
      reason: string;
      who: string;
      apply: boolean;
    };
    result: { text: string; applied: boolean };
  };
  /**
   * Gives back to GitLab what old lost by following it, out of the attic; old follows. `apply` false only shows both
   * histories.
   */
  giveback: {
    request: { path: string; attic: string; reason: string; who: string; apply: boolean };
    result: { text: string; applied: boolean };
  };
  /**
   * One side went back in time: brings both together again by a person's word, and goes on in `phase`; null: the one
   * that old knows. `but`: refs of which the other side's value stays. `apply` false only shows what would happen.
   */
  rejoin: {
    request: {
      path: string;
      keep: 'old' | 'gitlab';
      but: string[];
      phase: Phase | null;
      reason: string;
      who: string;
      apply: boolean;
    };
    result: { text: string; applied: boolean };
  };
  /**
   * Renames the repository away (phase `retired`), or back (phase `refuse`); `apply` false only says what would happen.
   */
  retire: {
    request: { path: string; who: string; apply: boolean };
    result: { text: string; applied: boolean; location: string };
  };
  /** `rebind`: a repository that came back from a backup is taken as the one that was attached. */
  restore: {
    request: { path: string; who: string; apply: boolean; rebind?: boolean };
    result: { text: string; applied: boolean; location: string };
  };
  /**
   * Brings back from GitLab what old lost, and keeps what was damaged; `state`: rebuilds the agent's own state in this
   * phase. `apply` false only says what would come back.
   */
  repair: {
    request: { path: string; who: string; apply: boolean; state?: { phase: Phase; config: RepositoryConfig } };
    result: { text: string; applied: boolean };
  };
}
