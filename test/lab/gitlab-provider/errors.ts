/** Errors on their way to the engine: one line that says what could not be done. */
import * as grpc from '@grpc/grpc-js';
import { ErrorResourceInitFailed } from '@pulumi/pulumi/proto/provider_pb';
import { Status } from '@pulumi/pulumi/proto/status_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { HalfMade, parseUrn } from './provider';
import { toStruct } from './wire';

const NEXT_STEP: Readonly<Record<string, string>> = {
  '401': ' Check gitlab:token.',
  '403': ' Use a token whose owner may do this.',
};

export async function doing<T>(verb: string, what: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw explained(`Cannot ${verb} ${what}`, error);
  });
}

/** `Project app` */
export function named(urn: string): string {
  const { type, name } = parseUrn(urn);
  return `${type.split(':').pop() ?? type} ${name}`;
}

export function serviceError(error: unknown): Partial<grpc.ServiceError> {
  if (error instanceof HalfMade)
    return { code: grpc.status.UNKNOWN, details: error.message, metadata: halfMade(error) };
  return { code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}

function explained(prefix: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const step = NEXT_STEP[/^GitLab answered (\d+)/.exec(reason)?.[1] ?? ''] ?? '';
  const sentence = new Error(`${prefix}: ${reason.replace(/\.$/, '')}.${step}`);
  return error instanceof HalfMade ? new HalfMade(error.id, error.state, sentence) : sentence;
}

/** How the engine learns to keep a resource whose creation failed half-way. */
function halfMade(error: HalfMade): grpc.Metadata {
  const detail = new ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.state))
    .setInputs(toStruct(error.state))
    .setReasonsList([error.message]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(error.message);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return metadata;
}
