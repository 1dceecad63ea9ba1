/** People in groups and projects. */
import { resource, type Instance } from './resource';
import type { Args, State } from './shape';

/** A user in a group. */
export const GroupMembership = resource({
  type: 'gitlab:index/groupMembership:GroupMembership',
  inputs: {
    accessLevel: 'string!',
    expiresAt: 'string*',
    groupId: 'integer!',
    memberRoleId: 'integer',
    skipSubresourcesOnDestroy: 'boolean*',
    unassignIssuablesOnDestroy: 'boolean*',
    userId: 'integer!',
  },
  outputs: {},
  secrets: [],
});
export type GroupMembership = Instance<typeof GroupMembership.shape>;
export type GroupMembershipArgs = Args<typeof GroupMembership.shape>;
export type GroupMembershipState = State<typeof GroupMembership.shape>;

/** A user in a project, beside what the groups above give. */
export const ProjectMembership = resource({
  type: 'gitlab:index/projectMembership:ProjectMembership',
  inputs: {
    accessLevel: 'string!',
    expiresAt: 'string',
    memberRoleId: 'integer',
    project: 'string!',
    userId: 'integer!',
  },
  outputs: {},
  secrets: [],
});
export type ProjectMembership = Instance<typeof ProjectMembership.shape>;
export type ProjectMembershipArgs = Args<typeof ProjectMembership.shape>;
export type ProjectMembershipState = State<typeof ProjectMembership.shape>;
