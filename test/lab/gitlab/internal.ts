/**
 * The internal API that the git side asks: the forced command and the hooks, the plain kind's or Gitaly's. Field names
 * are GitLab's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { GitlabFault } from '../contract';
import { findProject, projectPath } from './access';
import { storageName } from './gitaly/service';
import { webUrl } from './instance';
import type { Instance } from './instance';
import { zeros } from './model';
import type { Actor, Project } from './model';
import { pushed, refusalOf } from './pushes';
import type { Push } from './pushes';
import { branchName, hiddenRefs } from './refnames';
import { atConnect } from './rules';
import * as words from './words';
import { actorOf, projectOf, pushOf, type Parameters } from './internalparameters';

/** Parameters of the query and, where the body is JSON, of the body. */

/** `lines` is what light callers get as plain text; everything else goes out as JSON. */
export interface InternalAnswer {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
  /** Of HTTP; light callers always get 200. */
  readonly status?: number;
}

/** Null for a call that does not exist. `body` is the list of changes when it came as plain text. */
export async function answerInternal(
  instance: Instance,
  call: string,
  parameters: Parameters,
  body: string,
): Promise<InternalAnswer | null> {
  const changes = parameters.get('changes') ?? body;
  const fault = changes === '_any' ? null : instance.faults.internal(call);
  if (fault !== null) return failed(fault);
  switch (call) {
    case 'allowed':
      return changes === '_any' ? connect(instance, parameters) : preReceive(instance, parameters, changes);
    case 'pre_receive':
      return { lines: ['yes'], json: { reference_counter_increased: true } };
    case 'post_receive':
      await wait(instance.faults.delayMs('post-receive', projectOf(instance, parameters)));
      return postReceive(instance, parameters, changes);
    case 'discover':
      return discover(instance, parameters);
    case 'console':
      return { lines: words.connectBox(body, instance.options.sshForm).trimEnd().split('\n'), json: { message: body } };
    case 'check':
      return { lines: ['yes'], json: { api_version: 'v4', gitlab_version: instance.options.version, redis: true } };
    default:
      return null;
  }
}

/** The lines are what Gitaly makes of such an answer. */
function failed({ call, status, message }: Extract<GitlabFault, { kind: 'internal-api' }>): InternalAnswer {
  return {
    lines: ['no', words.internalFailure(call, message ?? '')],
    json: message === null ? {} : { message },
    status,
  };
}

interface Connection {
  readonly actor: Actor;
  readonly project: Project;
  readonly action: 'git-receive-pack' | 'git-upload-pack';
  /** What the client asked for in GIT_PROTOCOL. */
  readonly gitProtocol: string;
}

async function connect(instance: Instance, parameters: Parameters): Promise<InternalAnswer> {
  const { world, repositories, faults } = instance;
  const named = (parameters.get('project') ?? '').replace(/^\//, '').replace(/\.git$/, '');
  const action = parameters.get('action') === 'git-receive-pack' ? 'git-receive-pack' : 'git-upload-pack';
  const actor = actorOf(instance, parameters);
  const project = /^\d+$/.test(named) ? null : findProject(world, named);
  await wait(faults.delayMs('connect', named) + (action === 'git-upload-pack' ? faults.delayMs('answer', named) : 0));
  if (actor === null) return refused(words.notFound, instance);
  const refusal =
    (action === 'git-receive-pack' ? faults.noAccess(named) : null) ??
    atConnect(world.gitView(), actor, project, action);
  instance.audit.push({ kind: 'connect', project: named, action, actor: actor.user.username, refusal });
  if (refusal !== null || project === null) return refused(refusal ?? words.notFound, instance);
  if (!repositories.exists(project.id)) return refused(words.noRepository, instance);
  return connected(instance, { actor, project, action, gitProtocol: parameters.get('git_protocol') ?? '' });
}

/** Keeps no process alive that has nothing else to do. */
async function wait(delayMs: number): Promise<void> {
  await delay(delayMs, undefined, { ref: false });
}

function connected(instance: Instance, connection: Connection): InternalAnswer {
  const { actor, project, action } = connection;
  const path = projectPath(instance.world, project);
  const glId = actor.key?.kind === 'deploy' ? `key-${actor.key.id}` : `user-${actor.user.id}`;
  const options = gitOptions(instance);
  const fault = action === 'git-receive-pack' ? answerFault(instance, path) : '';
  return {
    lines: [
      'yes',
      glId,
      `project-${project.id}`,
      actor.user.username,
      instance.repositories.path(project.id),
      fault,
      sizeLimit(instance),
      ...gitalyLines(instance, connection, glId),
    ],
    json: {
      status: true,
      gl_repository: `project-${project.id}`,
      gl_project_path: path,
      gl_id: glId,
      gl_username: actor.user.username,
      git_config_options: options,
      gl_console_messages: [],
    },
  };
}

/** Where Gitaly is, and what gitaly-ssh shall ask of it, as JSON. Nothing for the plain kind. */
function gitalyLines(instance: Instance, { actor, project, action, gitProtocol }: Connection, glId: string): string[] {
  const { gitaly, repositories } = instance;
  if (gitaly === null) return [];
  const glRepository = `project-${project.id}`;
  const repository = {
    storage_name: storageName,
    relative_path: repositories.relativePath(project.id),
    gl_repository: glRepository,
    gl_project_path: projectPath(instance.world, project),
  };
  const request = { repository, git_protocol: gitProtocol };
  if (action === 'git-upload-pack')
    return [gitaly.address, JSON.stringify({ ...request, git_config_options: hiddenFromFetches })];
  return [
    gitaly.address,
    JSON.stringify({
      ...request,
      git_config_options: gitOptions(instance),
      gl_id: glId,
      gl_repository: glRepository,
      gl_username: actor.user.username,
    }),
  ];
}

/**
 * gitaly-ssh is made for one Gitaly that fetches from another, and shows all refs: what GitLab hides is hidden again.
 */
const hiddenFromFetches = hiddenRefs.map((ref) => `uploadpack.hideRefs=${ref}`);

function gitOptions(instance: Instance): string[] {
  const limit = sizeLimit(instance);
  return limit === '' ? [] : [`receive.maxInputSize=${limit}`];
}

function answerFault({ faults }: Instance, path: string): string {
  if (faults.losesAnswer(path)) return 'lose';
  const delayMs = faults.delayMs('answer', path);
  return delayMs === 0 ? '' : `delay:${delayMs}`;
}

/** Of a pack, in bytes, or empty. */
function sizeLimit({ world }: Instance): string {
  const limitMib = Number(world.settings.get('receive_max_input_size') ?? 0);
  return limitMib > 0 ? String(limitMib * 2 ** 20) : '';
}

function refused(message: string, { options }: Instance): InternalAnswer {
  return {
    lines: ['no', ...words.connectBox(message, options.sshForm).replace(/\n$/, '').split('\n')],
    json: { status: false, message },
  };
}

async function preReceive(instance: Instance, parameters: Parameters, changes: string): Promise<InternalAnswer> {
  const push = pushOf(instance, parameters, changes);
  if (push === null)
    return { lines: ['no', `GitLab: ${words.notFound}`], json: { status: false, message: words.notFound } };
  await wait(instance.faults.delayMs('pre-receive', projectPath(instance.world, push.project)));
  const message = await refusalOf(instance, push);
  if (message === null) return { lines: ['yes'], json: { status: true } };
  return {
    lines: ['no', ...words.preReceiveText(message).replace(/\n$/, '').split('\n')],
    json: { status: false, message },
  };
}

function postReceive(instance: Instance, parameters: Parameters, body: string): InternalAnswer {
  const lines = body.split('\n');
  const inBody = lines.filter((line) => line.startsWith('option ')).map((line) => line.slice('option '.length));
  const options = parameters.get('push_options')?.split('\n').filter(Boolean) ?? inBody;
  const told = pushOf(instance, parameters, lines.filter((line) => !line.startsWith('option ')).join('\n'));
  const push = told !== null && isWebEdit(instance, told) ? { ...told, protocol: 'web' as const } : told;
  if (push === null) return { lines: ['yes'], json: { reference_counter_decreased: true, messages: [] } };
  const links = push.project.hasBranches ? mergeRequestLinks(instance, push) : [];
  pushed(instance, push, options);
  const text = links.flatMap((message) => words.postReceiveText(message).replace(/\n$/, '').split('\n'));
  return {
    lines: ['yes', ...text],
    json: { reference_counter_decreased: true, messages: links.map((message) => ({ type: 'basic', message })) },
  };
}

function isWebEdit({ webEdits }: Instance, { updates }: Push): boolean {
  const [update] = updates;
  return [...webEdits].some(
    ({ ref, before, after }) => update?.ref === ref && update.before === before && update.after === after,
  );
}

function mergeRequestLinks(instance: Instance, { project, updates }: Push): string[] {
  if (project.settings.get('printing_merge_request_link_enabled') === false) return [];
  const branches = updates.filter((update) => update.after !== zeros).flatMap((update) => branchName(update.ref) ?? []);
  const linked = branches.filter((branch) => branch !== project.defaultBranch);
  return linked.map((branch) =>
    words.mergeRequestLink(
      branch,
      `${webUrl(instance, project)}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${encodeURIComponent(branch)}`,
    ),
  );
}

function discover(instance: Instance, parameters: Parameters): InternalAnswer {
  const actor = actorOf(instance, parameters);
  const json = actor === null ? {} : { id: actor.user.id, name: actor.user.name, username: actor.user.username };
  return { lines: [`Welcome to GitLab, ${actor === null ? 'Anonymous' : `@${actor.user.username}`}!`], json };
}
