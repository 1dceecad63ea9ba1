/** Version and kind of the GitLab instance. */
import type { InvokeOptions, InvokeOutputOptions, Output } from '@pulumi/pulumi';
import { invoke, invokeOutput } from './invoke';
import { record, type Values } from './shape';

const token = 'gitlab:index/getMetadata:getMetadata';

const kas = { enabled: 'boolean!', externalK8sProxyUrl: 'string!', externalUrl: 'string!', version: 'string!' } as const;

export const getMetadataShape = {
  enterprise: 'boolean!',
  id: 'string!',
  kas: record(kas, '!'),
  revision: 'string!',
  version: 'string!',
} as const;

export type GetMetadataResult = Values<typeof getMetadataShape>;

export function getMetadata(opts?: InvokeOptions): Promise<GetMetadataResult> {
  return invoke(token, {}, opts);
}

export function getMetadataOutput(opts?: InvokeOutputOptions): Output<GetMetadataResult> {
  return invokeOutput(token, {}, opts);
}
