/** Pulumi's provider protocol, one method each, around GitlabProvider. */
import { randomBytes } from 'node:crypto';
import type * as grpc from '@grpc/grpc-js';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import * as pb from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import type { Failure } from './check';
import type { Difference } from './diff';
import { doing, named, serviceError } from './errors';
import { packageSpec } from './packageSpec';
import { GitlabProvider, parseUrn } from './provider';
import { schema } from './schema';
import { checkSettings } from './settings';
import { containsUnknown, fromStruct, toStruct } from './wire';

const { Kind } = pb.PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
} as const;

export function service(provider: GitlabProvider, environment: NodeJS.ProcessEnv): grpc.UntypedServiceImplementation {
  const cancelled = new AbortController();
  return {
    getPluginInfo: unary(async () => new PluginInfo().setVersion(schema.version)),
    getSchema: unary(async () => new pb.GetSchemaResponse().setSchema(JSON.stringify(packageSpec()))),
    cancel: unary(async () => {
      cancelled.abort();
      return new Empty();
    }),
    checkConfig: unary(async (request: pb.CheckRequest) =>
      new pb.CheckResponse()
        .setInputs(request.getNews())
        .setFailuresList(failures(checkSettings(fromStruct(request.getNews())))),
    ),
    diffConfig: unary(async () => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_UNKNOWN)),
    configure: unary(async (request: pb.ConfigureRequest) => {
      const given = fromStruct(request.getArgs());
      const answer = new pb.ConfigureResponse().setSupportspreview(true);
      if (!containsUnknown(given))
        await doing('use', 'GitLab', () => provider.configure(given, environment, cancelled.signal));
      return answer;
    }),
    invoke: unary((request: pb.InvokeRequest) => invoke(provider, request)),
    check: unary((request: pb.CheckRequest) => check(provider, request)),
    diff: unary((request: pb.DiffRequest) => diff(provider, request)),
    create: unary((request: pb.CreateRequest) => create(provider, request)),
    read: unary((request: pb.ReadRequest) => read(provider, request)),
    update: unary((request: pb.UpdateRequest) => update(provider, request)),
    delete: unary((request: pb.DeleteRequest) => remove(provider, request)),
  };
}

function unary<Q, A>(work: (request: Q) => Promise<A>): grpc.handleUnaryCall<Q, A> {
  return ({ request }, callback) => {
    work(request).then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(serviceError(error)),
    );
  };
}

async function invoke(provider: GitlabProvider, request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
  const token = request.getTok();
  const answer = await doing('call', token.split(':').pop() ?? token, () =>
    provider.invoke(token, fromStruct(request.getArgs())),
  );
  if ('failures' in answer) return new pb.InvokeResponse().setFailuresList(failures(answer.failures));
  return new pb.InvokeResponse().setReturn(toStruct(answer.result));
}

async function check(provider: GitlabProvider, request: pb.CheckRequest): Promise<pb.CheckResponse> {
  const seed = request.getRandomseed_asU8();
  const suffix = Buffer.from(seed.length > 0 ? seed : randomBytes(4))
    .toString('hex')
    .slice(0, 7);
  const checked = provider.check(
    parseUrn(request.getUrn()),
    fromStruct(request.getOlds()),
    fromStruct(request.getNews()),
    suffix,
  );
  return new pb.CheckResponse().setInputs(toStruct(checked.inputs)).setFailuresList(failures(checked.failures));
}

async function diff(provider: GitlabProvider, request: pb.DiffRequest): Promise<pb.DiffResponse> {
  const { type } = parseUrn(request.getUrn());
  const compared = {
    state: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
  };
  const ignored = request.getIgnorechangesList();
  const found = provider.diff(type, compared).filter(({ name }) => !ignored.includes(name));
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const answer = new pb.DiffResponse()
    .setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(found.map(({ name }) => name))
    .setReplacesList(found.filter(({ replaces }) => replaces).map(({ name }) => name))
    .setDeletebeforereplace(provider.deletesBeforeReplacing(type, found, compared))
    .setHasdetaileddiff(true);
  for (const difference of found) answer.getDetaileddiffMap().set(difference.name, propertyDiff(difference));
  return answer;
}

function propertyDiff({ kind, replaces }: Difference): pb.PropertyDiff {
  return new pb.PropertyDiff().setKind(KINDS[kind][replaces ? 1 : 0]);
}

async function create(provider: GitlabProvider, request: pb.CreateRequest): Promise<pb.CreateResponse> {
  const urn = request.getUrn();
  const { type } = parseUrn(urn);
  const inputs = fromStruct(request.getProperties());
  if (request.getPreview()) return new pb.CreateResponse().setProperties(toStruct(provider.planned(type, {}, inputs)));
  const { id, state } = await doing('create', named(urn), () => provider.create(type, inputs));
  return new pb.CreateResponse().setId(id).setProperties(toStruct(state));
}

async function read(provider: GitlabProvider, request: pb.ReadRequest): Promise<pb.ReadResponse> {
  const urn = request.getUrn();
  const work = (): ReturnType<GitlabProvider['read']> =>
    provider.read(
      parseUrn(urn).type,
      request.getId(),
      fromStruct(request.getProperties()),
      fromStruct(request.getInputs()),
    );
  const found = await doing('read', named(urn), work);
  if (found === null) return new pb.ReadResponse();
  return new pb.ReadResponse()
    .setId(request.getId())
    .setProperties(toStruct(found.state))
    .setInputs(toStruct(found.inputs));
}

async function update(provider: GitlabProvider, request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
  const urn = request.getUrn();
  const { type } = parseUrn(urn);
  const compared = {
    state: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
  };
  if (request.getPreview())
    return new pb.UpdateResponse().setProperties(toStruct(provider.planned(type, compared.state, compared.news)));
  const state = await doing('update', named(urn), () => provider.update(type, request.getId(), compared));
  return new pb.UpdateResponse().setProperties(toStruct(state));
}

async function remove(provider: GitlabProvider, request: pb.DeleteRequest): Promise<Empty> {
  const urn = request.getUrn();
  await doing('delete', named(urn), () =>
    provider.delete(parseUrn(urn).type, request.getId(), fromStruct(request.getProperties())),
  );
  return new Empty();
}

function failures(found: readonly Failure[]): pb.CheckFailure[] {
  return found.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason));
}
