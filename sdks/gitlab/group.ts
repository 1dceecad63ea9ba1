/** Groups of projects and of people. */
import { resource, type Instance } from './resource';
import { record, type Args, type State } from './shape';

const defaultBranchProtectionDefaults = {
  allowForcePush: 'boolean',
  allowedToMerges: 'string[]',
  allowedToPushes: 'string[]',
  codeOwnerApprovalRequired: 'boolean',
  developerCanInitialPush: 'boolean',
} as const;

const pushRules = {
  authorEmailRegex: 'string',
  branchNameRegex: 'string',
  commitCommitterCheck: 'boolean',
  commitCommitterNameCheck: 'boolean',
  commitMessageNegativeRegex: 'string',
  commitMessageRegex: 'string',
  denyDeleteTag: 'boolean',
  fileNameRegex: 'string',
  maxFileSize: 'integer',
  memberCheck: 'boolean',
  preventSecrets: 'boolean',
  rejectNonDcoCommits: 'boolean',
  rejectUnsignedCommits: 'boolean',
} as const;

/** A group or subgroup. */
export const Group = resource({
  type: 'gitlab:index/group:Group',
  inputs: {
    allowMergeOnSkippedPipeline: 'boolean*',
    allowedEmailDomainsLists: 'string[]*',
    archiveOnDestroy: 'boolean',
    autoDevopsEnabled: 'boolean*',
    avatar: 'string',
    avatarHash: 'string*',
    defaultBranch: 'string',
    defaultBranchProtection: 'integer*',
    defaultBranchProtectionDefaults: record(defaultBranchProtectionDefaults, '*'),
    description: 'string',
    emailsEnabled: 'boolean*',
    extraSharedRunnersMinutesLimit: 'integer*',
    ipRestrictionRanges: 'string[]',
    lfsEnabled: 'boolean*',
    maxArtifactsSize: 'integer*',
    membershipLock: 'boolean*',
    mentionsDisabled: 'boolean*',
    name: 'string*',
    onlyAllowMergeIfAllDiscussionsAreResolved: 'boolean*',
    onlyAllowMergeIfPipelineSucceeds: 'boolean*',
    parentId: 'integer*',
    path: 'string!',
    permanentlyRemoveOnDelete: 'boolean',
    preventForkingOutsideGroup: 'boolean*',
    preventSharingGroupsOutsideHierarchy: 'boolean*',
    projectCreationLevel: 'string*',
    pushRules: record(pushRules, '*'),
    requestAccessEnabled: 'boolean*',
    requireTwoFactorAuthentication: 'boolean*',
    shareWithGroupLock: 'boolean*',
    sharedRunnersMinutesLimit: 'integer*',
    sharedRunnersSetting: 'string*',
    subgroupCreationLevel: 'string*',
    twoFactorGracePeriod: 'integer*',
    visibilityLevel: 'string*',
    wikiAccessLevel: 'string*',
  },
  outputs: { avatarUrl: 'string!', fullName: 'string!', fullPath: 'string!', runnersToken: 'string!', webUrl: 'string!' },
  secrets: ['runnersToken'],
});
export type Group = Instance<typeof Group.shape>;
export type GroupArgs = Args<typeof Group.shape>;
export type GroupState = State<typeof Group.shape>;
