/**
 * One call of the provider or of a script: a verb, one JSON request on standard input, JSON lines on standard output.
 */
import * as attaching from '../install/attach';
import * as inspecting from '../install/inspect';
import type { Line, Verbs } from '../contract/verbs';
import { faults } from '../contract/faults';
import { detach } from './detach';
import { runPass } from '../sync/pass';
import { giveBack } from './giveback';
import { move } from './move';
import { reach } from '../install/reach';
import { isAttached } from '../repository/place';
import { openByPath } from '../repository/open';
import { repair } from '../repair/repair';
import { rejoin } from './rejoin';
import { resolve } from './resolve';
import { restore, retire } from './retire';
import { hello, installed, remove, setup } from '../install/setup';
import { webhookFaults } from '../install/webhookfaults';
import { status, statusOf } from './status';
import { stateName } from '../contract/statename';
import { verify } from './verify';
import { leaveWake } from '../resident/wakes';

export type Emit = (line: Line<unknown>) => void;
type Verb = keyof Verbs;
type Run<V extends Verb> = (folder: string, request: Verbs[V]['request'], emit: Emit) => Promise<Verbs[V]['result']>;

const verbs: { readonly [V in Verb]: Run<V> } = {
  hello: (folder) => hello(folder),
  listen: async (_folder, { webhook, held }) => ({ faults: await webhookFaults(webhook, held) }),
  reach: (_folder, request) => reach(request),
  setup: (folder, request) => setup(folder, request),
  installed: (folder) => installed(folder),
  remove: (folder) => remove(folder),
  inspect: async (folder, { repositories }) => {
    const views = [];
    for (const { config, to, consent } of repositories)
      views.push(await inspecting.inspect(folder, config, to, consent));
    return { repositories: views };
  },
  attach: async (folder, { config }, emit) => {
    const view = await attaching.attach(folder, config);
    for (const text of view.warnings) emit({ kind: 'warning', text });
    return view;
  },
  move: (folder, request, emit) =>
    move(folder, request, { progress: progressTo(emit), warn: (text) => emit({ kind: 'warning', text }) }),
  detach: async (folder, { path }, emit) => {
    for (const text of await detach(folder, path)) emit({ kind: 'warning', text });
    return {};
  },
  pass: async (folder, { path }) => {
    await runPass(openByPath(folder, path).world, 60_000, { eager: true });
    return statusOf(openByPath(folder, path));
  },
  status: (folder, request) => status(folder, request),
  verify: (folder, request) => verify(folder, request),
  resolve: (folder, request) => resolve(folder, request),
  giveback: (folder, request) => giveBack(folder, request),
  rejoin: (folder, request, emit) => rejoin(folder, request, progressTo(emit)),
  repair: (folder, request, emit) => repair(folder, request, progressTo(emit)),
  retire: (folder, request) => retire(folder, request),
  restore: (folder, request) => restore(folder, request),
};

/** A wait says the same many times; people read it once. */
function progressTo(emit: Emit): (text: string) => void {
  let last = '';
  return (text) => {
    if (text !== last) emit({ kind: 'progress', text });
    last = text;
  };
}

/** Runs a verb; throws what asFault understands. */
export function call(folder: string, verb: string, request: unknown, emit: Emit): Promise<unknown> {
  if (!isVerb(verb)) throw faults.unknownVerb({ verb, known: Object.keys(verbs) });
  const run = verbs[verb] as Run<Verb>;
  return run(folder, request as never, emit).finally(() => wakeFor(folder, verb, request));
}

/** Whatever came of it: how often a repository is looked at hangs on its phase. */
function wakeFor(folder: string, verb: Verb, request: unknown): void {
  if (!changing.includes(verb)) return;
  const { path, config } = request as { path?: string; config?: { path: string } };
  const known = path ?? config?.path;
  if (known !== undefined && isAttached(folder, known)) leaveWake(folder, stateName(known));
}

const changing: readonly Verb[] = ['move', 'resolve', 'giveback', 'repair', 'restore', 'retire'];

function isVerb(text: string): text is Verb {
  return Object.prototype.hasOwnProperty.call(verbs, text);
}
