/** pulumi-resource-gitlab: the engine starts it, reads the port from its first line and kills it at the end. */
import * as grpc from '@grpc/grpc-js';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { GitlabProvider } from './provider';
import { service } from './server';

const ORPHAN_CHECK_MS = 1000;
const MESSAGE_BYTES_MAX = 400 * 1024 * 1024;

/** A killed engine cannot kill us: without this we would finish its work behind the back of the next one. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, ORPHAN_CHECK_MS).unref();
}

const server = new grpc.Server({
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
});
server.addService(ResourceProviderService, service(new GitlabProvider(), process.env));
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  endWithParent();
  process.stdout.write(`${port}\n`);
});
