/** A Pulumi program with one resource of each type that the stacks use. */

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx1Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0MDEy';
const USER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx1Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0MDEz';

export interface Wanted {
  readonly level: string;
  readonly canPush: boolean;
  readonly description: string;
}

export function everything({ level, canPush, description }: Wanted): string {
  return `
import * as gitlab from '@pulumi/gitlab';
import * as pulumi from '@pulumi/pulumi';
const first = { deleteBeforeReplace: true };
const open = { allowForcePush: true, allowedToPushes: ['developer'], allowedToMerges: ['developer'] };
const group = new gitlab.Group('group', { path: 'team', name: 'team', defaultBranchProtectionDefaults: open });
const people = new gitlab.Group('people', { path: 'people', name: 'people' });
const ann = new gitlab.User('ann', { username: 'ann', name: 'Ann', email: 'ann@example.invalid', password: 'correct horse' });
const [groupId, peopleId, annId] = [group.id.apply(Number), people.id.apply(Number), ann.id.apply(Number)];
const app = new gitlab.Project('app', { name: 'app', namespaceId: groupId, description: '${description}', printingMergeRequestLinkEnabled: false });
const other = new gitlab.Project('other', { path: 'other', namespaceId: groupId });
const project = app.id;
const key = new gitlab.DeployKey('key', { project, title: 'agent', key: '${KEY} agent\\n', canPush: ${canPush} }, first);
new gitlab.DeployKeyEnable('enabled', { project: other.id, keyId: key.deployKeyId.apply(String), canPush: true });
new gitlab.ProjectShareGroup('share', { project, groupId: peopleId, groupAccess: '${level}' }, first);
new gitlab.GroupShareGroup('read', { groupId: group.id, shareGroupId: peopleId, groupAccess: 'reporter' });
new gitlab.ProjectMembership('member', { project, userId: annId, accessLevel: '${level}' });
new gitlab.GroupMembership('person', { groupId: peopleId, userId: annId, accessLevel: 'developer' });
new gitlab.BranchProtection('branches', { project, branch: 'release/1.*', pushAccessLevel: '${level}' }, first);
new gitlab.TagProtection('tags', { project, tag: 'v*' });
new gitlab.UserSshKey('laptop', { userId: annId, title: 'laptop', key: '${USER_KEY} ann@laptop' });
const second = new gitlab.Provider('second', { baseUrl: new pulumi.Config('gitlab').require('baseUrl'), token: process.env.TRIAL_TOKEN, earlyAuthCheck: false });
export const me = gitlab.getCurrentUserOutput({ provider: second }).username;
export const version = gitlab.getMetadataOutput().version;
export const path = gitlab.getProjectOutput({ id: project }).pathWithNamespace;
`;
}
