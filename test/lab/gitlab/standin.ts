/** How the stand-in is started, and what it tells a test that holds it. Types only. */
import type { GitlabLab } from '../contract';
import type { Protocol } from './model';

export type GitlabKind = 'plain' | 'gitaly';

export type AuditEntry =
  | {
      readonly kind: 'rest';
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly user: string | null;
    }
  | {
      readonly kind: 'connect';
      readonly project: string;
      readonly action: string;
      readonly actor: string;
      readonly refusal: string | null;
    }
  /** Let through, and not over yet: a push that is killed then may have changed its refs without a word. */
  | {
      readonly kind: 'let-through';
      readonly project: string;
      readonly ref: string;
      readonly before: string;
      readonly after: string;
      readonly actor: string;
      readonly protocol: Protocol;
    }
  | {
      readonly kind: 'change';
      readonly project: string;
      readonly ref: string;
      readonly before: string;
      readonly after: string;
      readonly actor: string;
      readonly protocol: Protocol;
      readonly refusal: string | null;
    };

/** What GitLab tells each webhook of the project that asked for its kind. */
export interface HookEvent {
  readonly kind: 'push' | 'tag_push';
  readonly project: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly user: string;
  readonly pushOptions: readonly string[];
}

/** One request to a webhook, as it went. */
export interface Delivery {
  /** When it was sent, ms since 1970. */
  readonly time: number;
  readonly url: string;
  readonly kind: HookEvent['kind'];
  readonly project: string;
  readonly ref: string;
  /** Null when nothing was answered. */
  readonly status: number | null;
  /** Why not; `lost` for one that misbehaviour kept back. */
  readonly error: string | null;
}

export interface GitlabOptions {
  /**
   * What holds the repositories and takes the pushes: git behind hooks of our own, or GitLab's own Gitaly. Without it
   * GIT_HANDOVER_LAB_GITLAB says.
   */
  readonly kind?: GitlabKind;
  /** Versions switch behaviour as FACTS of GitLab say: delayed deletion from 18.0, keys in protections from 18.10. */
  readonly version?: string;
  /** GitLab EE: push rules exist. */
  readonly enterprise?: boolean;
  /** Whose words a refused connection speaks: gitlab-sshd puts `ERROR: ` before the message. */
  readonly sshForm?: 'gitlab-sshd' | 'openssh';
  /** How long after the first push HEAD and the automatic protection appear, ms. */
  readonly afterFirstPushMs?: number;
  /** webhooks are dropped above this many changes of one kind in one push. */
  readonly pushEventHooksLimit?: number;
  /** New blobs above this refuse the push, MiB; 0 is no limit. Self-managed GitLab has 100 from 17.10 on. */
  readonly fileSizeLimitMib?: number;
  /** How long after a push its webhooks go out, ms; and how long each may take. */
  readonly webhookDelayMs?: number;
  readonly webhookTimeoutMs?: number;
  /** Local addresses that webhooks may go to: an administrator of GitLab would list them in its settings. */
  readonly localWebhooks?: readonly string[];
}

export interface GitlabStandIn extends GitlabLab {
  readonly audit: AuditEntry[];
  readonly events: HookEvent[];
  /** In the order in which they ended. */
  readonly deliveries: Delivery[];
  /** Resolves when background jobs that are due (HEAD, automatic protection, webhooks) are done. */
  settled(): Promise<void>;
  /** Resolves when the servers have gone away or come back; jobs, such as webhooks, may go on. */
  moved(): Promise<void>;
}
