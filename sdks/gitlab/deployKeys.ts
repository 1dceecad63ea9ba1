/** SSH keys that belong to projects; the rights of a key on protected branches are those of its owner. */
import { resource, type Instance } from './resource';
import type { Args, State } from './shape';

/** Adds a public key to a project. Its owner is the user whose token created it. */
export const DeployKey = resource({
  type: 'gitlab:index/deployKey:DeployKey',
  inputs: {
    canPush: 'boolean',
    expiresAt: 'string',
    key: 'string!',
    project: 'string!',
    title: 'string!',
  },
  outputs: { deployKeyId: 'integer!' },
  secrets: [],
});
export type DeployKey = Instance<typeof DeployKey.shape>;
export type DeployKeyArgs = Args<typeof DeployKey.shape>;
export type DeployKeyState = State<typeof DeployKey.shape>;

/** Lets a key that another project has into this one, with its own right to push. */
export const DeployKeyEnable = resource({
  type: 'gitlab:index/deployKeyEnable:DeployKeyEnable',
  inputs: {
    canPush: 'boolean*',
    keyId: 'string!',
    project: 'string!',
  },
  outputs: { key: 'string!', title: 'string!' },
  secrets: [],
});
export type DeployKeyEnable = Instance<typeof DeployKeyEnable.shape>;
export type DeployKeyEnableArgs = Args<typeof DeployKeyEnable.shape>;
export type DeployKeyEnableState = State<typeof DeployKeyEnable.shape>;
