/** Every resource type that the stand-in serves. */
import type { Kind } from '../kind';
import { deployKey, deployKeyEnable } from './deployKeys';
import { group } from './group';
import { groupMembership, projectMembership } from './members';
import { project } from './project';
import { projectHook } from './projectHook';
import { branchProtection, tagProtection } from './protections';
import { groupShareGroup, projectShareGroup } from './shares';
import { user, userSshKey } from './users';

const kinds: Readonly<Record<string, Kind>> = {
  'gitlab:index/branchProtection:BranchProtection': branchProtection,
  'gitlab:index/deployKey:DeployKey': deployKey,
  'gitlab:index/deployKeyEnable:DeployKeyEnable': deployKeyEnable,
  'gitlab:index/group:Group': group,
  'gitlab:index/groupMembership:GroupMembership': groupMembership,
  'gitlab:index/groupShareGroup:GroupShareGroup': groupShareGroup,
  'gitlab:index/project:Project': project,
  'gitlab:index/projectHook:ProjectHook': projectHook,
  'gitlab:index/projectMembership:ProjectMembership': projectMembership,
  'gitlab:index/projectShareGroup:ProjectShareGroup': projectShareGroup,
  'gitlab:index/tagProtection:TagProtection': tagProtection,
  'gitlab:index/user:User': user,
  'gitlab:index/userSshKey:UserSshKey': userSshKey,
};

export function kindOf(type: string): Kind {
  const kind = kinds[type];
  if (kind === undefined)
    throw new Error(`Cannot serve ${type}: the stand-in for the GitLab provider has no such resource.`);
  return kind;
}
