/** Webhooks of projects. */
import { resource, type Instance } from './resource';
import { list, type Args, type State } from './shape';

const customHeader = { key: 'string!', value: 'string!' } as const;

const urlVariable = { key: 'string!', value: 'string!' } as const;

/** A webhook of a project. Its secrets are never given back by GitLab. */
export const ProjectHook = resource({
  type: 'gitlab:index/projectHook:ProjectHook',
  inputs: {
    branchFilterStrategy: 'string*',
    confidentialIssuesEvents: 'boolean*',
    confidentialNoteEvents: 'boolean*',
    customHeaders: list(customHeader),
    customWebhookTemplate: 'string*',
    deploymentEvents: 'boolean*',
    description: 'string*',
    emojiEvents: 'boolean*',
    enableSslVerification: 'boolean*',
    featureFlagEvents: 'boolean*',
    issuesEvents: 'boolean*',
    jobEvents: 'boolean*',
    mergeRequestsEvents: 'boolean*',
    milestoneEvents: 'boolean*',
    name: 'string*',
    noteEvents: 'boolean*',
    pipelineEvents: 'boolean*',
    project: 'string!',
    pushEvents: 'boolean*',
    pushEventsBranchFilter: 'string*',
    releasesEvents: 'boolean*',
    resourceAccessTokenEvents: 'boolean*',
    resourceDeployTokenEvents: 'boolean*',
    signingToken: 'string',
    tagPushEvents: 'boolean*',
    token: 'string*',
    url: 'string!',
    urlVariables: list(urlVariable),
    vulnerabilityEvents: 'boolean*',
    wikiPageEvents: 'boolean*',
  },
  outputs: { alertStatus: 'string!', disabledUntil: 'string!', hookId: 'integer!', projectId: 'integer!', repositoryUpdateEvents: 'boolean!', signingTokenPresent: 'boolean!' },
  secrets: ['signingToken', 'token'],
});
export type ProjectHook = Instance<typeof ProjectHook.shape>;
export type ProjectHookArgs = Args<typeof ProjectHook.shape>;
export type ProjectHookState = State<typeof ProjectHook.shape>;
