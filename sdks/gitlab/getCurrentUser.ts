/** Whose token the provider has. */
import type { InvokeOptions, InvokeOutputOptions, Output } from '@pulumi/pulumi';
import { invoke, invokeOutput } from './invoke';
import type { Values } from './shape';

const token = 'gitlab:index/getCurrentUser:getCurrentUser';



export const getCurrentUserShape = {
  bot: 'boolean!',
  globalId: 'string!',
  globalNamespaceId: 'string!',
  groupCount: 'integer!',
  id: 'string!',
  name: 'string!',
  namespaceId: 'string!',
  publicEmail: 'string!',
  username: 'string!',
} as const;

export type GetCurrentUserResult = Values<typeof getCurrentUserShape>;

export function getCurrentUser(opts?: InvokeOptions): Promise<GetCurrentUserResult> {
  return invoke(token, {}, opts);
}

export function getCurrentUserOutput(opts?: InvokeOutputOptions): Output<GetCurrentUserResult> {
  return invokeOutput(token, {}, opts);
}
