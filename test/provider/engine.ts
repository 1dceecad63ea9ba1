/** What Pulumi's engine asks of the provider about one resource, in plain values. */
import * as pb from '@pulumi/pulumi/proto/provider_pb';
import type { Values } from '../../stacks/provider/engine/values';
import { fromStruct, toStruct } from '../../stacks/provider/engine/wire';
import { ask, type Plugin } from './plugin';

export interface Engine {
  readonly create: (type: string, inputs: Values, preview?: boolean) => Promise<Values>;
  /** Names of the properties that differ, or null when nothing does. */
  readonly diff: (type: string, olds: Values, news: Values) => Promise<string[] | null>;
  readonly update: (type: string, olds: Values, news: Values, preview?: boolean) => Promise<Values>;
  readonly remove: (type: string, olds: Values) => Promise<unknown>;
  /** The inputs as the provider would keep them. */
  readonly checked: (type: string, inputs: Values) => Promise<Values>;
  /** Calls a function of the provider. */
  readonly invoke: (name: string, args: Values) => Promise<unknown>;
}

/** Asks whichever plugin is running at that time. */
export function engineOf(plugin: () => Plugin): Engine {
  return {
    async create(type, inputs, preview = false) {
      const request = new pb.CreateRequest().setUrn(urn(type)).setProperties(toStruct(inputs)).setPreview(preview);
      const answer = await ask<pb.CreateResponse>((done) => plugin().client.create(request, done));
      return fromStruct(answer.getProperties());
    },
    async diff(type, olds, news) {
      const request = new pb.DiffRequest().setUrn(urn(type)).setOlds(toStruct(olds)).setNews(toStruct(news));
      const answer = await ask<pb.DiffResponse>((done) => plugin().client.diff(request, done));
      return answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME ? answer.getDiffsList() : null;
    },
    async update(type, olds, news, preview = false) {
      const request = new pb.UpdateRequest()
        .setUrn(urn(type))
        .setOlds(toStruct(olds))
        .setNews(toStruct(news))
        .setPreview(preview);
      const answer = await ask<pb.UpdateResponse>((done) => plugin().client.update(request, done));
      return fromStruct(answer.getProperties());
    },
    remove(type, olds) {
      const request = new pb.DeleteRequest().setUrn(urn(type)).setProperties(toStruct(olds));
      return ask((done) => plugin().client.delete(request, done));
    },
    async checked(type, inputs) {
      const request = new pb.CheckRequest().setUrn(urn(type)).setNews(toStruct(inputs));
      const answer = await ask<pb.CheckResponse>((done) => plugin().client.check(request, done));
      return fromStruct(answer.getInputs());
    },
    invoke(name, args) {
      const request = new pb.InvokeRequest().setTok(`handover:index:${name}`).setArgs(toStruct(args));
      return ask((done) => plugin().client.invoke(request, done));
    },
  };
}

function urn(type: string): string {
  return `urn:pulumi:test::git-handover::handover:index:${type}::it`;
}
