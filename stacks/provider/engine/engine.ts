/** Lines on the rows that the engine shows. */
import * as grpc from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';
import { printable } from '../../../agent/contract/printable';
import type { Say } from './say';

export interface Engine {
  /** Lines of one resource. */
  say(urn: string): Say;
}

/** Without an address (a test that starts the provider by hand) nobody listens. */
export function connectEngine(address: string | undefined): Engine {
  if (address === undefined) return { say: () => () => undefined };
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return {
    say: (urn) => (kind, text) => {
      const severity = kind === 'warning' ? LogSeverity.WARNING : LogSeverity.INFO;
      const request = new LogRequest()
        .setUrn(urn)
        .setSeverity(severity)
        .setMessage(printable(text))
        .setEphemeral(kind === 'note');
      client.log(request, () => undefined);
    },
  };
}
