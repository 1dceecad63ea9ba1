/** Webhooks of a project. */
import { isAllowedTarget } from '../localrequests';
import { level } from '../model';
import type { WebHook } from '../model';
import { removeWhere } from '../world';
import type { Fields } from './fields';
import { created, gone, ok, paged } from './router';
import { notFound, Refusal } from './refusal';
import type { Answer, Call, Routes } from './router';
import { project } from './scope';

const flags = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'issues_events',
  'confidential_issues_events',
  'note_events',
  'confidential_note_events',
  'job_events',
  'pipeline_events',
  'wiki_page_events',
  'deployment_events',
  'releases_events',
  'enable_ssl_verification',
];
const texts = ['name', 'description', 'push_events_branch_filter', 'branch_filter_strategy'];

export const hookRoutes: Routes = {
  'GET projects/:/hooks': (call) => {
    const { id } = project(call, level.maintainer);
    return paged(call, call.instance.world.hooks.filter((hook) => hook.projectId === id).map(body));
  },
  'POST projects/:/hooks': add,
  'GET projects/:/hooks/:': (call) => ok(body(hookOf(call))),
  'PUT projects/:/hooks/:': (call) => {
    const hook = hookOf(call);
    const url = allowedUrl(call, call.fields.text('url') ?? hook.url);
    // Whoever changes the address alone must not be sent the token.
    if (url !== hook.url) hook.token = null;
    hook.url = url;
    keep(hook, call.fields);
    return ok(body(hook));
  },
  'DELETE projects/:/hooks/:': (call) => {
    const hook = hookOf(call);
    removeWhere(call.instance.world.hooks, (each) => each === hook);
    return gone();
  },
};

function add(call: Call): Answer {
  const { id: projectId } = project(call, level.maintainer);
  const { world } = call.instance;
  const settings = new Map<string, unknown>([
    ...flags.map((name): [string, boolean] => [name, ['push_events', 'enable_ssl_verification'].includes(name)]),
  ]);
  const hook: WebHook = {
    id: world.nextId(),
    projectId,
    url: allowedUrl(call, call.fields.needText('url')),
    token: null,
    settings,
    createdAt: new Date().toISOString(),
  };
  keep(hook, call.fields);
  world.hooks.push(hook);
  return created(body(hook));
}

function keep(hook: WebHook, fields: Fields): void {
  if (fields.has('token')) hook.token = fields.text('token') ?? null;
  for (const name of flags) hook.settings.set(name, fields.flag(name) ?? hook.settings.get(name));
  for (const name of texts.filter((each) => fields.has(each))) hook.settings.set(name, fields.text(name) ?? '');
}

/** Local addresses are refused when the hook is saved, unless the instance allows them. */
function allowedUrl({ instance: { world } }: Call, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || !isAllowedTarget(world.settings, url))
    throw new Refusal(422, { error: 'Invalid url given' });
  return text;
}

function hookOf(call: Call): WebHook {
  const { id } = project(call, level.maintainer);
  const hook = call.instance.world.hooks.find((each) => each.projectId === id && each.id === Number(call.params[1]));
  if (hook === undefined) throw notFound();
  return hook;
}

function body(hook: WebHook): Record<string, unknown> {
  return {
    id: hook.id,
    url: hook.url,
    project_id: hook.projectId,
    created_at: hook.createdAt,
    ...Object.fromEntries(hook.settings),
    alert_status: 'executable',
    disabled_until: null,
    url_variables: [],
    custom_headers: [],
  };
}
