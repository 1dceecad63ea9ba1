/** Rules on who may push to branches and create tags. */
import { resource, type Instance } from './resource';
import { list, type Args, type State } from './shape';

const allowedToMerge = { accessLevel: 'string', accessLevelDescription: 'string', groupId: 'integer', userId: 'integer' } as const;

const allowedToPush = {
  accessLevel: 'string',
  accessLevelDescription: 'string',
  deployKeyId: 'integer',
  groupId: 'integer',
  userId: 'integer',
} as const;

const allowedToUnprotect = { accessLevel: 'string', accessLevelDescription: 'string', groupId: 'integer', userId: 'integer' } as const;

const allowedToCreate = {
  accessLevel: 'string',
  accessLevelDescription: 'string',
  deployKeyId: 'integer',
  groupId: 'integer',
  userId: 'integer',
} as const;

/** Protects the branches whose names match a pattern. */
export const BranchProtection = resource({
  type: 'gitlab:index/branchProtection:BranchProtection',
  inputs: {
    allowForcePush: 'boolean*',
    allowedToMerges: list(allowedToMerge, '*'),
    allowedToPushes: list(allowedToPush, '*'),
    allowedToUnprotects: list(allowedToUnprotect, '*'),
    branch: 'string!',
    codeOwnerApprovalRequired: 'boolean*',
    mergeAccessLevel: 'string*',
    project: 'string!',
    pushAccessLevel: 'string*',
  },
  outputs: { branchProtectionId: 'integer!' },
  secrets: [],
});
export type BranchProtection = Instance<typeof BranchProtection.shape>;
export type BranchProtectionArgs = Args<typeof BranchProtection.shape>;
export type BranchProtectionState = State<typeof BranchProtection.shape>;

/** Protects the tags whose names match a pattern. */
export const TagProtection = resource({
  type: 'gitlab:index/tagProtection:TagProtection',
  inputs: {
    allowedToCreates: list(allowedToCreate),
    createAccessLevel: 'string*',
    project: 'string!',
    tag: 'string!',
  },
  outputs: {},
  secrets: [],
});
export type TagProtection = Instance<typeof TagProtection.shape>;
export type TagProtectionArgs = Args<typeof TagProtection.shape>;
export type TagProtectionState = State<typeof TagProtection.shape>;
