/** What every change of refs goes through, over git or in the web: the rules before, the events after. */
import { projectPath } from './access';
import { webhooksOf } from './events';
import { defaultProtectionOf } from './instance';
import type { Instance } from './instance';
import { level, zeros } from './model';
import type { Actor, Change, Project, Protocol } from './model';
import { branchName, matchesPattern } from './refnames';
import type { RefUpdate } from './repository';
import { inPreReceive, isProtectedBranch, isProtectionOff } from './rules';
import type { Access } from './rules';
import { sendWebhooks } from './webhooks';
import { largeBlobs } from './words';

export interface Push {
  readonly project: Project;
  readonly actor: Actor;
  readonly protocol: Protocol;
  readonly updates: readonly RefUpdate[];
  /** Relative to the repository; null when the push brings no objects. */
  readonly quarantine: string | null;
}

/** Null when allowed, else the first rule that is violated. */
export async function refusalOf(instance: Instance, push: Push): Promise<string | null> {
  const { project, actor, protocol, updates } = push;
  const { world, repositories, addresses } = instance;
  const empty = !project.hasBranches && !(await repositories.hasBranches(project.id));
  const access: Access = {
    directory: world.gitView(),
    project,
    actor,
    protocol,
    empty,
    defaultProtection: defaultProtectionOf(world, project),
    url: addresses.url,
  };
  const changes = await Promise.all(
    updates.map((update) => asChange(instance, access, { update, quarantine: push.quarantine })),
  );
  const refusal =
    inPreReceive(access, changes) ??
    (await sizeRefusal(instance, push)) ??
    instance.faults.declined(
      projectPath(world, project),
      updates.map((update) => update.ref),
    );
  if (refusal !== null) record(instance, push, { kind: 'change', refusal });
  else record(instance, push, { kind: 'let-through' });
  return refusal;
}

/** After refs have changed: default branch, automatic protection, webhooks. */
export function pushed(instance: Instance, push: Push, pushOptions: readonly string[]): void {
  const { project, actor, updates } = push;
  record(instance, push, { kind: 'change', refusal: null });
  const first =
    !project.hasBranches && updates.some((update) => branchName(update.ref) !== null && update.after !== zeros);
  if (first) {
    project.hasBranches = true;
    instance.jobs.later(instance.options.afterFirstPushMs, () => afterFirstPush(instance, project));
  }
  const limit = Number(instance.world.settings.get('push_event_hooks_limit') ?? instance.options.pushEventHooksLimit);
  const events = webhooksOf(updates, limit, {
    project: projectPath(instance.world, project),
    user: actor.user.username,
    pushOptions,
  });
  instance.events.push(...events);
  sendWebhooks(instance, { project, user: actor.user, events });
}

async function sizeRefusal({ options, repositories }: Instance, { project, quarantine }: Push): Promise<string | null> {
  if (options.fileSizeLimitMib === 0 || quarantine === null) return null;
  const large = await repositories.largeBlobs(project.id, quarantine, options.fileSizeLimitMib * 2 ** 20);
  return large.length === 0 ? null : largeBlobs(options.fileSizeLimitMib, large);
}

/** Only a change of a protected branch needs to know whether it is forced: it costs a git process. */
async function asChange(
  { repositories }: Instance,
  access: Access,
  { update, quarantine }: { update: RefUpdate; quarantine: string | null },
): Promise<Change> {
  const branch = branchName(update.ref);
  const rewrite =
    branch !== null &&
    !access.empty &&
    update.before !== zeros &&
    update.after !== zeros &&
    isProtectedBranch(access, branch);
  return { ...update, forced: rewrite && !(await repositories.isAncestor(access.project.id, update, quarantine)) };
}

function record(
  { audit, world }: Instance,
  { project, actor, protocol, updates }: Push,
  how: { kind: 'let-through' } | { kind: 'change'; refusal: string | null },
): void {
  const name = actor.key?.kind === 'deploy' ? `key-${actor.key.id}` : actor.user.username;
  for (const { ref, before, after } of updates)
    audit.push({ ...how, project: projectPath(world, project), ref, before, after, actor: name, protocol });
}

/**
 * HEAD's target if it exists, else main, else master, else the first branch; then the group's rule for it, unless one
 * matches.
 */
async function afterFirstPush({ world, repositories }: Instance, project: Project): Promise<void> {
  const branches = [...(await repositories.refs(project.id, 'refs/heads/')).keys()].flatMap(
    (ref) => branchName(ref) ?? [],
  );
  const branch = [project.defaultBranch, 'main', 'master'].find((name) => branches.includes(name)) ?? branches[0];
  if (branch === undefined || !world.projects.has(project.id)) return;
  project.defaultBranch = branch;
  await repositories.setHead(project.id, branch);
  const protection = defaultProtectionOf(world, project);
  const ruled = world.protectedBranches.some(
    (rule) => rule.projectId === project.id && matchesPattern(rule.name, branch),
  );
  if (ruled || isProtectionOff(protection)) return;
  const rows = (levels: readonly number[]): { id: number; accessLevel: number; deployKeyId: null }[] =>
    (levels.length === 0 ? [level.none] : levels).map((accessLevel) => ({
      id: world.nextId(),
      accessLevel,
      deployKeyId: null,
    }));
  const { allowedToPush, allowedToMerge, allowForcePush } = protection;
  world.protectedBranches.push({
    id: world.nextId(),
    projectId: project.id,
    name: branch,
    push: rows(allowedToPush),
    merge: rows(allowedToMerge),
    allowForcePush,
  });
}
