/**
 * The part of the official `@pulumi/gitlab` package that git-handover uses: same name, version, type tokens, property names
 * and plugin. Where the official package can be had, package.json may point to it instead; the state stays valid.
 */
import * as pulumi from '@pulumi/pulumi';
import { Provider } from './provider';
import { getVersion } from './utilities';

export * from './deployKeys';
export { getCurrentUser, getCurrentUserOutput, type GetCurrentUserResult } from './getCurrentUser';
export { getMetadata, getMetadataOutput, type GetMetadataResult } from './getMetadata';
export { getProject, getProjectOutput, type GetProjectArgs, type GetProjectOutputArgs, type GetProjectResult } from './getProject';
export * from './group';
export * from './members';
export * from './project';
export * from './projectHook';
export * from './protections';
export { Provider, type ProviderArgs } from './provider';
export * from './shares';
export * from './users';

// Lets a component in another process hand one of our providers back as a reference.
pulumi.runtime.registerResourcePackage('gitlab', {
  version: getVersion(),
  constructProvider(name: string, type: string, urn: pulumi.URN): pulumi.ProviderResource {
    if (type !== 'pulumi:providers:gitlab') throw new Error(`Cannot make a provider of another package: expected pulumi:providers:gitlab, got ${type}.`);
    return new Provider(name, {}, { urn });
  },
});
