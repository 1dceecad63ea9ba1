/**
 * The provider plugin `handover`. The engine starts it with its own address and reads the port from standard output.
 */
import * as grpc from '@grpc/grpc-js';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { connectEngine } from './engine/engine';
import { providerService } from './rpc';

/** The engine may be killed; its plugin must not go on with a change that nobody sees. */
const parentEveryMs = 250;
/** Time for the old server to hear that its command ends. */
const farewellMs = 700;

const engineAddress = process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
const service = providerService(__dirname, connectEngine(engineAddress));
const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
server.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service.implementation);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});

/** The engine waits for its plugins at the end of each run, so that one with nothing to do must go at once. */
function end(): void {
  const busy = service.busy();
  service.close();
  if (busy) setTimeout(() => process.exit(0), farewellMs);
  else process.exit(0);
}

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) end();
}, parentEveryMs).unref();
process.on('SIGTERM', end);
process.on('SIGINT', end);
