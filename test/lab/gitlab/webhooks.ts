/**
 * Sends what webhooks are told, as GitLab's background jobs do: later, in any order, once for each ref, and never
 * again.
 */
import { randomUUID } from 'node:crypto';
import type { Instance } from './instance';
import { isAllowedTarget } from './localrequests';
import type { Project, User, WebHook } from './model';
import { post } from './post';
import { branchName, matchesPattern } from './refnames';
import type { HookEvent } from './standin';
import { versionAtLeast } from './world';
import { webhookBody } from './webhookbody';

interface Told {
  readonly project: Project;
  /** Who pushed; of a deploy key its owner. */
  readonly user: User;
  readonly events: readonly HookEvent[];
}

export function sendWebhooks(instance: Instance, { project, user, events }: Told): void {
  const { jobs, options, world } = instance;
  if (!world.hooks.some((hook) => hook.projectId === project.id)) return;
  for (const event of events) {
    jobs.later(options.webhookDelayMs, async () => {
      const hooks = world.hooks.filter((hook) => hook.projectId === project.id && wants(hook, event));
      if (hooks.length === 0) return;
      const body = JSON.stringify(await webhookBody(instance, { project, user, event }));
      for (const hook of hooks) schedule(instance, hook, event, body);
    });
  }
}

function wants({ settings }: WebHook, { kind, ref }: HookEvent): boolean {
  if (kind === 'tag_push') return settings.get('tag_push_events') === true;
  const filter = settings.get('push_events_branch_filter');
  const filtered =
    typeof filter === 'string' && filter !== '' && settings.get('branch_filter_strategy') !== 'all_branches';
  return settings.get('push_events') === true && (!filtered || matchesPattern(filter, branchName(ref) ?? ''));
}

/** One that is sent twice has the same ids both times. Address and token are those of the time of sending. */
function schedule(instance: Instance, hook: WebHook, event: HookEvent, body: string): void {
  const ids: Ids = { event: randomUUID(), key: randomUUID() };
  const delaysMs = instance.faults.webhookDelaysMs();
  if (delaysMs === null) record(instance, hook, event, { time: Date.now(), status: null, error: 'lost' });
  for (const delayMs of delaysMs ?? []) {
    instance.jobs.later(delayMs, async (signal) => {
      if (!instance.world.hooks.includes(hook)) return;
      const time = Date.now();
      const headers = headersOf(instance, hook, event, ids);
      record(instance, hook, event, { time, ...(await deliver(instance, hook, { headers, body, signal })) });
    });
  }
}

async function deliver(
  { world, options }: Instance,
  hook: WebHook,
  request: { headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<{ status: number | null; error: string | null }> {
  const url = new URL(hook.url);
  if (!isAllowedTarget(world.settings, url))
    return { status: null, error: 'URL is blocked: Requests to the local network are not allowed' };
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(options.webhookTimeoutMs)]);
  const verify = hook.settings.get('enable_ssl_verification') !== false;
  return post(url, { ...request, signal, verify }).then(
    (status) => ({ status, error: null }),
    (thrown: unknown) => ({ status: null, error: String(thrown) }),
  );
}

interface Ids {
  readonly event: string;
  readonly key: string;
}

function headersOf(
  { world, addresses }: Instance,
  { token }: WebHook,
  { kind }: HookEvent,
  { event, key }: Ids,
): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${world.version}`,
    'X-Gitlab-Event': kind === 'push' ? 'Push Hook' : 'Tag Push Hook',
    'X-Gitlab-Instance': addresses.url,
    'X-Gitlab-Event-UUID': event,
    'X-Gitlab-Webhook-UUID': randomUUID(),
    ...(versionAtLeast(world.version, 17, 4) ? { 'Idempotency-Key': key } : {}),
    ...(versionAtLeast(world.version, 19, 0)
      ? { 'webhook-id': key, 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }
      : {}),
    ...(token === null ? {} : { 'X-Gitlab-Token': token }),
  };
}

function record(
  { deliveries }: Instance,
  { url }: WebHook,
  { kind, project, ref }: HookEvent,
  outcome: { time: number; status: number | null; error: string | null },
): void {
  deliveries.push({ url, kind, project, ref, ...outcome });
}
