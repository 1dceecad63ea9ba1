/** Groups of people in groups and projects. */
import { resource, type Instance } from './resource';
import type { Args, State } from './shape';

/** Gives the members of a group access to another group. */
export const GroupShareGroup = resource({
  type: 'gitlab:index/groupShareGroup:GroupShareGroup',
  inputs: {
    expiresAt: 'string',
    groupAccess: 'string!',
    groupId: 'string!',
    memberRoleId: 'integer',
    shareGroupId: 'integer!',
  },
  outputs: {},
  secrets: [],
});
export type GroupShareGroup = Instance<typeof GroupShareGroup.shape>;
export type GroupShareGroupArgs = Args<typeof GroupShareGroup.shape>;
export type GroupShareGroupState = State<typeof GroupShareGroup.shape>;

/** Gives the members of a group access to a project. Every change replaces it. */
export const ProjectShareGroup = resource({
  type: 'gitlab:index/projectShareGroup:ProjectShareGroup',
  inputs: {
    expiresAt: 'string',
    groupAccess: 'string!',
    groupId: 'integer!',
    project: 'string!',
  },
  outputs: {},
  secrets: [],
});
export type ProjectShareGroup = Instance<typeof ProjectShareGroup.shape>;
export type ProjectShareGroupArgs = Args<typeof ProjectShareGroup.shape>;
export type ProjectShareGroupState = State<typeof ProjectShareGroup.shape>;
