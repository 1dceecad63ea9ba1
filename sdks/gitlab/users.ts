/** People, and their SSH keys: for administrators. */
import { resource, type Instance } from './resource';
import type { Args, State } from './shape';

/** A user of the instance. */
export const User = resource({
  type: 'gitlab:index/user:User',
  inputs: {
    canCreateGroup: 'boolean',
    email: 'string!',
    forceRandomPassword: 'boolean',
    isAdmin: 'boolean',
    isExternal: 'boolean',
    name: 'string*',
    namespaceId: 'integer*',
    note: 'string',
    password: 'string',
    projectsLimit: 'integer',
    resetPassword: 'boolean',
    skipConfirmation: 'boolean',
    state: 'string',
    username: 'string!',
  },
  outputs: {},
  secrets: ['password'],
});
export type User = Instance<typeof User.shape>;
export type UserArgs = Args<typeof User.shape>;
export type UserState = State<typeof User.shape>;

/** An SSH key of a user. */
export const UserSshKey = resource({
  type: 'gitlab:index/userSshKey:UserSshKey',
  inputs: {
    expiresAt: 'string',
    key: 'string!',
    title: 'string!',
    userId: 'integer*',
  },
  outputs: { createdAt: 'string!', keyId: 'integer!' },
  secrets: [],
});
export type UserSshKey = Instance<typeof UserSshKey.shape>;
export type UserSshKeyArgs = Args<typeof UserSshKey.shape>;
export type UserSshKeyState = State<typeof UserSshKey.shape>;
