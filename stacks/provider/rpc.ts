/** Pulumi's provider protocol, one method each. */
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import * as pb from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { agentVersion } from '../../agent/contract/verbs';
import { asFault } from '../../agent/contract/errors';
import { nameStack } from '../../agent/contract/naming';
import { printable } from '../../agent/contract/printable';
import { readBundle } from './bundle';
import type { Engine } from './engine/engine';
import { gateKind } from './kinds/gate';
import { guardKind } from './kinds/guard';
import { repositoryKind } from './kinds/repository';
import type { Difference, Request, ResourceKind } from './kinds/resource';
import { serverKind } from './kinds/server';
import { openSession, type Session, type SessionSettings } from './session';
import { requireKnownGitlab } from './gitlab/known';
import { survey, type SurveyArgs } from './survey';
import { fromStruct, toStruct } from './engine/wire';

const kinds: Readonly<Record<string, ResourceKind>> = {
  'handover:index:Server': serverKind,
  'handover:index:Repository': repositoryKind,
  'handover:index:Gate': gateKind,
  'handover:index:Guard': guardKind,
};

/** One plugin process: configured once, then asked about many resources. */
interface Plugin {
  /** Folder that `npm run build` fills. */
  readonly dist: string;
  readonly engine: Engine;
  session: Session | null;
}

export interface Service {
  readonly implementation: grpc.UntypedServiceImplementation;
  /** Something is not answered yet. */
  busy(): boolean;
  /** Ends everything that runs, here and on the old server. */
  close(): void;
}

export function providerService(dist: string, engine: Engine): Service {
  const plugin: Plugin = { dist, engine, session: null };
  const close = (): void => plugin.session?.close();
  let open = 0;
  const unary: Unary = (work) =>
    answering(async (request) => {
      open++;
      return work(request).finally(() => open--);
    });
  const implementation = {
    getPluginInfo: unary(async () => new PluginInfo().setVersion(agentVersion)),
    getSchema: unary(async () => new pb.GetSchemaResponse().setSchema('{}')),
    checkConfig: unary(async (request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary((request: pb.DiffRequest) => diffConfig(request)),
    configure: unary((request: pb.ConfigureRequest) => configure(plugin, request)),
    invoke: unary((request: pb.InvokeRequest) => invoke(plugin, request)),
    check: unary((request: pb.CheckRequest) => check(plugin, request)),
    diff: unary((request: pb.DiffRequest) => diff(plugin, request)),
    create: unary((request: pb.CreateRequest) => create(plugin, request)),
    read: unary(async (request: pb.ReadRequest) =>
      new pb.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    update: unary((request: pb.UpdateRequest) => update(plugin, request)),
    delete: unary((request: pb.DeleteRequest) => remove(plugin, request)),
    cancel: unary(async () => {
      close();
      return new Empty();
    }),
  };
  return { implementation, close, busy: () => open > 0 };
}

type Unary = <Q, A>(work: (request: Q) => Promise<A>) => grpc.handleUnaryCall<Q, A>;

/** Errors are plain: one with partial state makes the next run delete dependents in the wrong order. */
function answering<Q, A>(work: (request: Q) => Promise<A>): grpc.handleUnaryCall<Q, A> {
  return ({ request }, callback) => {
    work(request).then(
      (answer) => callback(null, answer),
      (thrown: unknown) => callback({ code: grpc.status.UNKNOWN, details: named(words(thrown), urnOf(request)) }),
    );
  };
}

function words(thrown: unknown): string {
  const { message, next } = asFault(thrown);
  return printable(`${message}\n${next}`);
}

/** Only those about a resource have one. */
function urnOf(request: unknown): string {
  const { getUrn } = request as { readonly getUrn?: () => string };
  return getUrn?.call(request) ?? '';
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>`: another stack may be selected where a command is typed. */
function named(text: string, urn: string): string {
  const stack = /^urn:pulumi:(.+?)::/.exec(urn)?.[1];
  return nameStack(text, { stack, cwd: undefined });
}

/** Never a replacement: that would take all resources along. */
async function diffConfig(request: pb.DiffRequest): Promise<pb.DiffResponse> {
  const [before, news] = [fromStruct(request.getOldInputs() ?? request.getOlds()), fromStruct(request.getNews())];
  // The first that the engine asks of a run; nothing was sent to the new address yet.
  requireKnownGitlab(before, news);
  const equal = JSON.stringify(before) === JSON.stringify(news);
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  return new pb.DiffResponse().setChanges(equal ? DIFF_NONE : DIFF_SOME);
}

/** The settings are one JSON text, since the engine carries only texts in a provider's configuration. */
async function configure(plugin: Plugin, request: pb.ConfigureRequest): Promise<pb.ConfigureResponse> {
  const { settings } = fromStruct(request.getArgs());
  plugin.session?.close();
  plugin.session = openSession(
    JSON.parse(String(settings)) as SessionSettings,
    readBundle(plugin.dist),
    join(plugin.dist, '..', 'scripts'),
    plugin.engine.say(''),
  );
  return new pb.ConfigureResponse().setSupportspreview(true);
}

function sessionOf({ session }: Plugin): Session {
  if (session === null) throw new Error('The engine must configure the provider before it asks.');
  return session;
}

function kindOf(urn: string): ResourceKind {
  const type = urn.split('::')[2]?.split('$').at(-1) ?? '';
  const kind = kinds[type];
  if (kind === undefined)
    throw new Error(`This provider knows ${Object.keys(kinds).join(', ')}; it was asked for ${type}.`);
  return kind;
}

function requestOf(plugin: Plugin, urn: string, preview: boolean): Request {
  const say = plugin.engine.say(urn);
  return { session: sessionOf(plugin), say: (kind, text) => say(kind, named(text, urn)), preview };
}

async function invoke(plugin: Plugin, request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
  if (request.getTok() !== 'handover:index:survey')
    throw new Error(`This provider knows handover:index:survey; it was asked for ${request.getTok()}.`);
  const { args } = fromStruct(request.getArgs());
  return new pb.InvokeResponse().setReturn(
    toStruct({ ...(await survey(JSON.parse(String(args)) as SurveyArgs, sessionOf(plugin))) }),
  );
}

async function check(plugin: Plugin, request: pb.CheckRequest): Promise<pb.CheckResponse> {
  const inputs = kindOf(request.getUrn()).check(fromStruct(request.getNews()), { session: sessionOf(plugin) });
  return new pb.CheckResponse().setInputs(toStruct(inputs));
}

async function diff(plugin: Plugin, request: pb.DiffRequest): Promise<pb.DiffResponse> {
  const urn = request.getUrn();
  const olds = { ...fromStruct(request.getOldInputs()), ...fromStruct(request.getOlds()) };
  return diffAnswer(await kindOf(urn).diff(olds, fromStruct(request.getNews()), requestOf(plugin, urn, true)));
}

function diffAnswer({ changed, drift, replaces = false }: Difference): pb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const { UPDATE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
  const answer = new pb.DiffResponse()
    .setChanges(changed.length > 0 || drift ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...changed])
    .setReplacesList(replaces ? [...changed] : [])
    .setDeletebeforereplace(replaces)
    .setHasdetaileddiff(true);
  for (const name of changed)
    answer.getDetaileddiffMap().set(name, new pb.PropertyDiff().setKind(replaces ? UPDATE_REPLACE : UPDATE));
  return answer;
}

async function create(plugin: Plugin, request: pb.CreateRequest): Promise<pb.CreateResponse> {
  const urn = request.getUrn();
  const { id, outputs } = await kindOf(urn).create(
    fromStruct(request.getProperties()),
    requestOf(plugin, urn, request.getPreview()),
  );
  return new pb.CreateResponse().setId(request.getPreview() ? '' : id).setProperties(toStruct(outputs));
}

async function update(plugin: Plugin, request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
  const urn = request.getUrn();
  const outputs = await kindOf(urn).update(
    fromStruct(request.getOlds()),
    fromStruct(request.getNews()),
    requestOf(plugin, urn, request.getPreview()),
  );
  return new pb.UpdateResponse().setProperties(toStruct(outputs));
}

async function remove(plugin: Plugin, request: pb.DeleteRequest): Promise<Empty> {
  const urn = request.getUrn();
  await kindOf(urn).delete(fromStruct(request.getProperties()), requestOf(plugin, urn, false));
  return new Empty();
}
