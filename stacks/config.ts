/** The one reader of the configuration: plain values in, checked settings or one report of all mistakes out. Pure. */
import type { AgentConfig, WebhookConfig } from '../agent/contract/configs';
import { faults } from '../agent/contract/faults';
import { type Mistake, mistakesOf, sentence } from './settings/mistakes';
import { type RepositorySettings, resolveRepositories, sshHost } from './settings/repositories';
import { schema, type Written } from './settings/schema';

export type { RepositorySettings } from './settings/repositories';

export interface Settings {
  readonly server: Written['server'];
  readonly gitlab: Written['gitlab'];
  readonly people: Written['people'];
  readonly protections: Written['protections'];
  readonly agent: AgentConfig;
  /** How GitLab reaches old; null without webhooks. */
  readonly webhook: { readonly url: string; readonly verifyCertificate: boolean } | null;
  /** Sorted by key, so that the order of resources is stable. */
  readonly repositories: readonly RepositorySettings[];
  /** Full paths of the groups below `gitlab.group` that the stack makes, outer ones first. */
  readonly subgroups: readonly string[];
}

/** Reads what stands below `git-handover:`. Throws one mistake that lists them all. */
export function readConfig(values: unknown): Settings {
  const parsed = schema.safeParse(values);
  if (!parsed.success) throw report(mistakesOf(parsed.error, values));
  const mistakes: Mistake[] = [];
  const repositories = resolveRepositories(parsed.data, mistakes);
  mistakes.push(...peopleTwice(parsed.data));
  if (mistakes.length > 0) throw report(mistakes);
  return settings(parsed.data, repositories);
}

/** What `pulumi.runtime.allConfig()` knows, as plain values: structured settings travel as JSON texts. */
export function valuesOf(all: Readonly<Record<string, string>>): Record<string, unknown> {
  const prefix = 'git-handover:';
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), plain(text)]));
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function report(mistakes: readonly Mistake[]): Error {
  return faults.configuration({ mistakes: mistakes.map(sentence) });
}

function peopleTwice({ people }: Written): Mistake[] {
  const named = {
    groups: people.groups.map((one) => one.path ?? one.id),
    users: people.users.map((one) => one.username ?? one.id),
  };
  return (['groups', 'users'] as const).flatMap((kind) =>
    named[kind].flatMap((name, index) =>
      named[kind].indexOf(name) === index
        ? []
        : [{ path: ['people', kind, index], message: `expected each only once: ${String(name)} is named twice` }],
    ),
  );
}

function settings(written: Written, repositories: readonly RepositorySettings[]): Settings {
  const { server, gitlab, people, protections } = written;
  const { webhook = null } = written.agent;
  return {
    server,
    gitlab,
    people,
    protections,
    repositories,
    agent: agentConfig(written),
    webhook,
    subgroups: subgroups(written, repositories),
  };
}

function agentConfig(written: Written): AgentConfig {
  const { agent, gitlab } = written;
  return {
    version: 1,
    gitlab: {
      sshHost: sshHost(written),
      sshPort: gitlab.sshPort,
      sshUser: gitlab.sshUser,
      hostKeys: gitlab.sshHostKeys,
    },
    queueDelayMs: agent.queueDelaySeconds * 1000,
    timer: agent.timer,
    limits: {
      holdMs: agent.holdSeconds * 1000,
      leaseMs: agent.leaseSeconds * 1000,
      longestGitlabPushMs: written.longestPushSeconds * 1000,
      connectMs: agent.connectSeconds * 1000,
      lookMs: agent.lookSeconds * 1000,
      breakerShare: agent.breakerShare,
      breakerRefs: agent.breakerRefs,
      refsPerPush: agent.refsPerPush,
      ...(agent.fence ? { fence: true } : {}),
      lagMs: agent.lagSeconds * 1000,
      mirrorAfterRestart: agent.mirrorAfterRestart,
    },
    scanHours: agent.scanHours,
    scanMegabytesPerSecond: agent.scanMegabytesPerSecond,
    passMegabytes: agent.passMegabytes,
    texts: Object.fromEntries(Object.entries(agent.texts).filter(([, text]) => text !== undefined)),
    ...(agent.webhook === undefined ? {} : { webhook: webhookConfig(agent.webhook) }),
  };
}

function webhookConfig({
  listen,
  certificate,
  key,
  allow,
  renewSecret,
}: NonNullable<Written['agent']['webhook']>): WebhookConfig {
  return {
    ...listen,
    tls: certificate === undefined || key === undefined ? null : { certificate, key },
    allow,
    ...(renewSecret === undefined ? {} : { renewSecret }),
  };
}

function subgroups({ gitlab: { group } }: Written, repositories: readonly RepositorySettings[]): string[] {
  const existing = new Set(group.existingSubgroups.map((path) => `${group.path}/${path}`));
  const wanted = new Set(
    repositories.flatMap(({ namespace }) => ancestors(namespace).filter((path) => path.length > group.path.length)),
  );
  return [...wanted]
    .filter((path) => !existing.has(path))
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
