/** A stand-in with people of each role and a deploy key, for tests. */
import { labFolder } from '../folder';
import { makePerson } from '../person';
import type { LabPerson } from '../person';
import { startGitlab } from './gitlab';
import { rest } from './restclient';
import type { GitlabOptions, GitlabStandIn } from './standin';

const roles = { guest: 10, reporter: 20, developer: 30, maintainer: 40 } as const;
type Role = keyof typeof roles;

interface Made {
  readonly id: number;
  readonly url: string;
  readonly path: string;
}

interface Filled extends Made {
  readonly work: string;
  readonly first: string;
}

interface Member {
  readonly person: LabPerson;
  readonly id: number;
  readonly token: string;
}

export interface Fixture {
  readonly gitlab: GitlabStandIn;
  /** One person per role in the group `team`. */
  readonly people: Readonly<Record<Role, Member>>;
  /** Pushes with the deploy key that the user `handover`, a Maintainer, has made. */
  readonly agent: LabPerson;
  readonly owner: { readonly id: number; readonly token: string };
  readonly groupId: number;
  /** Answers the new project's id and URL; the agent's key may push to it. */
  project(name: string, fields?: Record<string, unknown>): Promise<Made>;
  /** A project with `main` at one commit, and the agent's clone of it. */
  filled(name: string): Promise<Filled>;
  close(): Promise<void>;
}

/** Automatic protection is off in the group unless `protection` says otherwise. */
export async function makeFixture(options: GitlabOptions = {}, protection = 0): Promise<Fixture> {
  const folder = labFolder();
  const gitlab = await startGitlab({ afterFirstPushMs: 1, ...options });
  const servers = [{ host: '127.0.0.1', port: gitlab.sshPort, hostKeys: gitlab.hostKeys }];
  const meet = (name: string): LabPerson => makePerson({ folder: folder.path, name, servers, multiplexed: true });
  const group = await rest(gitlab, 'POST /groups', {
    name: 'team',
    path: 'team',
    default_branch_protection: protection,
  });
  const groupId = Number(group['id']);
  const people = await admitEachRole({ gitlab, groupId }, meet);
  const owner = await gitlab.addUser({ username: 'handover' });
  await rest(gitlab, `POST /groups/${groupId}/members`, { user_id: owner.id, access_level: roles.maintainer });
  const team = { gitlab, groupId, people, owner, agent: meet('agent') };
  return {
    ...team,
    project: (name, fields = {}) => makeProject(team, name, fields),
    filled: (name) => makeFilled(team, name),
    async close() {
      await gitlab.stop();
      await folder.close();
    },
  };
}

type Team = Pick<Fixture, 'gitlab' | 'groupId' | 'owner' | 'agent'>;

async function admitEachRole(
  { gitlab, groupId }: Pick<Team, 'gitlab' | 'groupId'>,
  meet: (name: string) => LabPerson,
): Promise<Fixture['people']> {
  const join = async (role: Role): Promise<Member> => {
    const person = meet(role);
    const user = await gitlab.addUser({ username: role, sshPublicKey: person.publicKey });
    await rest(gitlab, `POST /groups/${groupId}/members`, { user_id: user.id, access_level: roles[role] });
    return { person, ...user };
  };
  return {
    guest: await join('guest'),
    reporter: await join('reporter'),
    developer: await join('developer'),
    maintainer: await join('maintainer'),
  };
}

async function makeProject(
  { gitlab, groupId, owner, agent }: Team,
  name: string,
  fields: Record<string, unknown>,
): Promise<Made> {
  const made = await rest(gitlab, 'POST /projects', {
    name,
    namespace_id: groupId,
    printing_merge_request_link_enabled: false,
    ...fields,
  });
  await rest(
    gitlab,
    `POST /projects/${Number(made['id'])}/deploy_keys`,
    { title: 'agent', key: agent.publicKey, can_push: true },
    owner.token,
  );
  return { id: Number(made['id']), url: String(made['ssh_url_to_repo']), path: String(made['path_with_namespace']) };
}

async function makeFilled(team: Team, name: string): Promise<Filled> {
  const { agent, gitlab } = team;
  const made = await makeProject(team, name, {});
  const work = await agent.clone(made.url);
  const first = await agent.commit(work, 'first');
  const seen = await agent.git(work, 'push', 'origin', 'HEAD:refs/heads/main');
  if (seen.code !== 0) throw new Error(`Cannot fill ${name}: ${seen.output}`);
  await gitlab.settled();
  return { ...made, work, first };
}
