/** The GitLab stand-in: REST, git over ssh, and the rules between them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { labFolder } from '../folder';
import { gitalyPrograms } from '../toolchain';
import { until } from '../processes';
import { findProject } from './access';
import { Faults } from './faults';
import { GitalyRepositories } from './gitaly/repositories';
import { GitalyService } from './gitaly/service';
import { Jobs } from './instance';
import type { Instance } from './instance';
import { usualKind } from './kind';
import { zeros } from './model';
import type { Project, User } from './model';
import { hiddenRefs, readOnlyRefs } from './refnames';
import { Repositories } from './repository';
import { accessTokenRoutes } from './rest/accesstokens';
import { deployKeyRoutes } from './rest/deploykeys';
import { groupRoutes } from './rest/groups';
import { hookRoutes } from './rest/hooks';
import { instanceRoutes } from './rest/instance';
import { storeKey } from './rest/keys';
import { memberRoutes } from './rest/members';
import { projectRoutes } from './rest/projects';
import { protectionRoutes } from './rest/protections';
import { pushRuleRoutes } from './rest/pushrules';
import { refRoutes } from './rest/refs';
import { Router } from './rest/router';
import { shareRoutes } from './rest/shares';
import { userRoutes } from './rest/users';
import type { GitlabOptions, GitlabStandIn } from './standin';
import { Servers } from './servers';
import { programs, sshUser, writeKeys } from './ssh';
import { editRef } from './webedit';
import { World } from './world';

const routes = [
  instanceRoutes,
  userRoutes,
  groupRoutes,
  memberRoutes,
  shareRoutes,
  projectRoutes,
  deployKeyRoutes,
  accessTokenRoutes,
  protectionRoutes,
  pushRuleRoutes,
  refRoutes,
  hookRoutes,
];

/** Everything lies in a temporary folder that does not outlive this process. */
export async function startGitlab(options: GitlabOptions = {}): Promise<GitlabStandIn> {
  const folder = labFolder();
  const instance = makeInstance(folder.path, options);
  const admin = instance.world.addUser({
    username: 'root',
    name: 'Administrator',
    email: 'root@gitlab.invalid',
    admin: true,
  });
  const servers = new Servers(folder.path, instance, new Router(...routes));
  const hostKeys = await servers.start();
  const { repositories, faults, addresses } = instance;
  return {
    url: addresses.url,
    sshHost: '127.0.0.1',
    sshPort: addresses.sshPort,
    sshUser,
    hostKeys,
    adminToken: admin.token,
    audit: instance.audit,
    events: instance.events,
    deliveries: instance.deliveries,
    addUser: async (user) => addUser(instance, user),
    addGroup: async (group) => addGroup(instance, group),
    repositoryPath: (project) => repositories.path(projectNamed(instance, project).id),
    refs: (project) => shownRefs(instance, projectNamed(instance, project)),
    webEdit: (project, ref, after, asUserId) =>
      webEdit(instance, { project: projectNamed(instance, project), ref, after, userId: asUserId }),
    housekeeping: (project) => repositories.housekeeping(projectNamed(instance, project).id),
    misbehave: (fault) =>
      fault.kind === 'gone'
        ? servers.goAway(fault)
        : fault.kind === 'gitaly-gone'
          ? servers.loseGitaly(fault)
          : faults.add(fault),
    async settled() {
      await servers.settled();
      await jobsDone(instance);
    },
    moved: () => servers.settled(),
    restart: () => servers.restart(),
    async stop() {
      await servers.stop();
      await folder.close();
    },
  };
}

function makeInstance(folder: string, options: GitlabOptions): Instance {
  const filled: Required<GitlabOptions> = {
    kind: usualKind(),
    version: '18.10.1',
    enterprise: false,
    sshForm: 'gitlab-sshd',
    afterFirstPushMs: 100,
    pushEventHooksLimit: 3,
    fileSizeLimitMib: 0,
    webhookDelayMs: 5,
    webhookTimeoutMs: 10_000,
    localWebhooks: [],
    ...options,
  };
  const world = new World(filled.version);
  world.settings
    .set('push_event_hooks_limit', filled.pushEventHooksLimit)
    .set('outbound_local_requests_whitelist', filled.localWebhooks);
  const secret = randomBytes(16).toString('hex');
  const gitaly = filled.kind === 'gitaly' ? new GitalyService(join(folder, 'gitaly'), gitalyPrograms(), secret) : null;
  const hooks = join(programs, 'hooks');
  return {
    world,
    gitaly,
    webEdits: new Set(),
    repositories:
      gitaly === null ? new Repositories(join(folder, 'repositories'), hooks) : new GitalyRepositories(gitaly, hooks),
    faults: new Faults(),
    jobs: new Jobs(),
    audit: [],
    events: [],
    deliveries: [],
    options: filled,
    secret,
    addresses: { url: '', sshPort: 0, sshUser },
    keysChanged: () => writeKeys(folder, world.keys.values()),
  };
}

function addUser(
  instance: Instance,
  user: { username: string; name?: string; sshPublicKey?: string; admin?: boolean },
): { id: number; token: string } {
  const { username, name = username, sshPublicKey, admin = false } = user;
  const added = instance.world.addUser({ username, name, email: `${username}@gitlab.invalid`, admin });
  if (sshPublicKey !== undefined)
    storeKey(instance, { kind: 'user', text: sshPublicKey, ownerId: added.id, title: username, expiresAt: null });
  return { id: added.id, token: added.token };
}

function addGroup(
  { world }: Instance,
  { path, name = path, members = [] }: Parameters<GitlabStandIn['addGroup']>[0],
): { id: number } {
  const group = world.addGroup({ path, name, parentId: null, visibility: 'private' });
  for (const member of members) world.setMember({ kind: 'group', id: group.id }, member.userId, member.accessLevel);
  return { id: group.id };
}

/** What people have there: neither what GitLab hides, nor the agent's own. */
async function shownRefs({ repositories }: Instance, { id }: Project): Promise<Map<string, string>> {
  const unseen = [...hiddenRefs, ...readOnlyRefs, 'refs/handover'];
  const refs = await repositories.refs(id);
  return new Map([...refs].filter(([ref]) => !unseen.some((hidden) => ref.startsWith(`${hidden}/`))));
}

/** A webhook that hangs is a job for as long as it may hang. */
function jobsDone({ jobs, options }: Instance): Promise<void> {
  return until('the background jobs of the GitLab stand-in', () => jobs.idle, 10_000 + options.webhookTimeoutMs);
}

function projectNamed({ world }: Instance, path: string): Project {
  const project = findProject(world, path);
  if (project === null) throw new Error(`Cannot find the project ${path} in the GitLab stand-in.`);
  return project;
}

async function webEdit(
  instance: Instance,
  { project, ref, after, userId }: { project: Project; ref: string; after: string | null; userId: number },
): Promise<void> {
  const user: User | undefined = instance.world.users.get(userId);
  if (user === undefined) throw new Error(`Cannot edit ${ref} as user ${userId}: no such user.`);
  const before = (await instance.repositories.value(project.id, ref)) ?? zeros;
  const refusal = await editRef(instance, { project, user, update: { ref, before, after: after ?? zeros } });
  if (refusal !== null) throw new Error(`Cannot edit ${ref} in ${project.path} as GitLab refuses it: ${refusal}`);
}
