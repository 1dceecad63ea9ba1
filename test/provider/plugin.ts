/** The provider as the engine meets it: a gRPC server on loopback, configured with the settings of a stack. */
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import {
  type IResourceProviderClient,
  ResourceProviderClient,
  ResourceProviderService,
} from '@pulumi/pulumi/proto/provider_grpc_pb';
import * as pb from '@pulumi/pulumi/proto/provider_pb';
import type { Values } from '../../stacks/provider/engine/values';
import { providerService, type Service } from '../../stacks/provider/rpc';
import type { Say } from '../../stacks/provider/engine/say';
import { toStruct } from '../../stacks/provider/engine/wire';
import { tools } from '../lab/toolchain';

export interface Plugin {
  readonly client: IResourceProviderClient;
  stop(): void;
}

/** `say` hears what the engine would show. */
export async function startProvider(settings: Values, say: Say): Promise<Plugin> {
  const service: Service = providerService(join(tools().project, 'dist'), { say: () => say });
  const server = new grpc.Server();
  server.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service.implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  await ask<pb.ConfigureResponse>((done) =>
    client.configure(new pb.ConfigureRequest().setArgs(toStruct({ settings: JSON.stringify(settings) })), done),
  );
  return {
    client,
    stop: () => {
      service.close();
      client.close();
      server.forceShutdown();
    },
  };
}

export function ask<A>(call: (done: (error: grpc.ServiceError | null, answer: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => call((error, answer) => (error === null ? resolve(answer) : reject(error))));
}
