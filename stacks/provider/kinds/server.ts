/** The agent on the old server as a resource: its files, its configuration and its key. */
import type { AgentConfig, WebhookConfig } from '../../../agent/contract/configs';
import type { Installed, Verbs } from '../../../agent/contract/verbs';
import type { Hello } from '../../../agent/contract/views';
import { refuse } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
import { outdated, upload } from '../bundle';
import { same } from '../engine/canonical';
import type { Difference, Request, ResourceKind } from './resource';
import { unknownValue, type Values } from '../engine/values';
import { placeNode, planned } from '../node/place';
import type { Session } from '../session';

interface ServerInputs {
  readonly folder: string;
  readonly agent: AgentConfig;
  /** `server.node`: with another one, all that starts Node is written anew. Absent in the state of an older version. */
  readonly nodeSetting?: string;
  /** Short checksum of the agent's files as they are here. */
  readonly bundle: string;
}

interface ServerOutputs extends ServerInputs {
  readonly publicKey: string;
  /** Empty without webhooks; absent in the state of an older version. */
  readonly webhookSecret?: string;
  readonly git: string;
  readonly node: string;
  readonly os: string;
}

export const serverKind: ResourceKind = {
  check: (news, { session }) => ({ ...news, bundle: session.bundle.checksum }),
  diff: (olds, news, request) => diff(olds as unknown as ServerOutputs, news as unknown as ServerInputs, request),
  create: async (news, request) => ({
    id: id(request.session),
    outputs: await bring(news as unknown as ServerInputs, null, request),
  }),
  update: (olds, news, request) => bring(news as unknown as ServerInputs, olds as unknown as ServerOutputs, request),
  delete: remove,
};

function id({ settings: { server } }: Session): string {
  return `${server.user}@${server.host}:${server.port}`;
}

async function diff(olds: ServerOutputs, news: ServerInputs, { session, say }: Request): Promise<Difference> {
  if (olds.folder !== news.folder) throw faults.folderChanged({ from: String(olds.folder), to: String(news.folder) });
  refuse((await session.peek('hello', {})).refusals);
  const changed = (['agent', 'bundle', 'nodeSetting'] as const).filter((name) => !same(olds[name], news[name]));
  const drift = await drifts(olds, news, session);
  if (drift !== null && changed.length === 0) say('warning', drift);
  return { changed, drift: drift !== null || (await session.node.plan()) !== null };
}

/** Why the server is not as the state says, or null. */
async function drifts(olds: ServerOutputs, news: ServerInputs, session: Session): Promise<string | null> {
  const seen = await session.look();
  if (!seen.installed) return 'The agent is missing on the old server and will be installed again.';
  if (outdated(session.bundle, seen).length > 0)
    return "The agent's files differ on the old server and will be replaced.";
  if (await session.node.isIdle())
    return "The Node in the agent's folder is no longer used and will be removed when nothing runs on it.";
  const installed = await session.call('installed', {});
  if (installed === null)
    return "The agent's configuration or key is missing on the old server and will be made again.";
  if (installed.publicKey !== olds.publicKey) return "The agent's key on the old server is another one than before.";
  if (!same(installed.config, news.agent))
    return "The agent's configuration differs on the old server and will be written again.";
  if (secretOf(installed) === '' && news.agent.webhook !== undefined)
    return "The agent's secret for webhooks is missing on the old server and will be made again.";
  return secretOf(installed) === (olds.webhookSecret ?? '')
    ? null
    : "The agent's secret for webhooks on the old server is another one than before.";
}

async function bring(
  news: ServerInputs,
  olds: ServerOutputs | null,
  { session, say, preview }: Request,
): Promise<Values> {
  const hello = await session.peek('hello', {});
  refuse(hello.refusals);
  await reachGitlab(news.agent, session, say);
  await canListen(news.agent.webhook, olds?.agent.webhook, session);
  await session.patiently(() => bringNode(session, say, preview), say);
  if (preview) return { ...news, ...versions(hello), ...(await previewed(news, olds, session)) };
  for (const file of outdated(session.bundle, await session.look())) {
    say('note', `copying ${file.name}`);
    await session.patiently(async () => upload(await session.connection(), file, session.signal), say);
  }
  session.forget();
  say('note', 'setting up the agent');
  const made = await session.call('setup', { config: news.agent }, say);
  return {
    ...news,
    ...versions(await session.call('hello', {})),
    publicKey: made.publicKey,
    webhookSecret: secretOf(made),
  };
}

/** Said by the preview whatever else changes; once it lies there, nobody asks for it again. */
async function bringNode(session: Session, say: Request['say'], preview: boolean): Promise<void> {
  const plan = await session.node.plan();
  if (plan === null) return;
  refuse(plan.refusals);
  const connection = await session.connection();
  if (preview) return say('info', planned(connection, plan));
  say('note', `copying Node ${plan.binary.version}`);
  await placeNode(connection, plan, session.signal);
  session.forget();
}

/**
 * Another server than the pinned one would refuse every push from then on. One that is down is only told: it comes
 * back.
 */
async function reachGitlab({ gitlab }: AgentConfig, session: Session, say: Request['say']): Promise<void> {
  const { fault } = await session.peek('reach', { gitlab });
  if (fault === null) return;
  if (fault.code === 'gitlab-host-key') refuse([fault]);
  say('warning', `${fault.message} ${fault.next}`);
}

/** Asked only where the setting is new: a certificate that is gone later keeps nobody from moving a phase. */
async function canListen(
  webhook: WebhookConfig | undefined,
  before: WebhookConfig | undefined,
  session: Session,
): Promise<void> {
  if (webhook === undefined || same(webhook, before)) return;
  // What the state says may be older than what an interrupted run left there; and one address of a port keeps the
  // others from it.
  const there = await installedThere(session);
  const held = there?.config.webhook?.port === webhook.port;
  refuse((await session.peek('listen', { webhook, held })).faults);
}

/** Key and secret stay as long as the agent has them. */
async function previewed({ agent }: ServerInputs, olds: ServerOutputs | null, session: Session): Promise<Values> {
  const there = olds === null ? null : await installedThere(session);
  const secret = there === null ? '' : secretOf(there);
  const stays = secret !== '' && there?.config.webhook?.renewSecret === agent.webhook?.renewSecret;
  return {
    publicKey: there?.publicKey ?? unknownValue,
    webhookSecret: agent.webhook === undefined ? '' : stays ? secret : unknownValue,
  };
}

async function installedThere(session: Session): Promise<Verbs['installed']['result']> {
  return (await session.look()).installed ? session.call('installed', {}) : null;
}

function secretOf({ webhookSecret }: Installed): string {
  return webhookSecret ?? '';
}

function versions({ gitVersion, nodeVersion, os }: Hello): Values {
  return { git: gitVersion, node: nodeVersion, os };
}

/**
 * Repositories that were attached by an interrupted run, and are in no state, are let go of first; an open one stops
 * the agent's removal.
 */
async function remove(_olds: Values, { session, say }: Request): Promise<void> {
  if (!(await session.look()).installed) return;
  const { repositories } = await session.call('status', { paths: [] });
  for (const { path } of repositories.filter(({ phase }) => phase === 'old' || phase === 'retired'))
    await session.call('detach', { path }, say);
  say('note', 'taking the agent away');
  await session.call('remove', {});
  session.forget();
}
