/** The provider without its wire: what it checks, plans and does for one resource. */
import { check, type Failure } from './check';
import { changedValues, differences, isEmpty, type Compared, type Difference } from './diff';
import { callFunction } from './functions';
import type { Kind } from './kind';
import { kindOf } from './kinds';
import { Rest } from './rest';
import { functionSpec, resourceSpec, type ResourceSpec } from './schema';
import { settings } from './settings';
import { UNKNOWN, type Props } from './wire';

export interface Checked {
  readonly inputs: Props;
  readonly failures: Failure[];
}

/** GitLab has the thing, but it is not as it should be: it must be remembered all the same. */
export class HalfMade extends Error {
  constructor(
    readonly id: string,
    readonly state: Props,
    cause: Error,
  ) {
    super(cause.message);
    this.name = 'HalfMade';
  }
}

/** Names the provider made up rather than the program; the official provider keeps them in the same place. */
const DEFAULTS = '__defaults';

export class GitlabProvider {
  private rest: Rest | null = null;

  /** Asks GitLab who the token is, so that a wrong one is one clear error and not one per resource. */
  async configure(given: Props, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
    const chosen = settings(given, environment, signal);
    this.rest = new Rest(chosen);
    if (chosen.earlyAuthCheck) await this.rest.call('GET', '/user');
  }

  /** `suffix` is what tells made-up names apart; the engine gives its seed, which a plan keeps. */
  check(urn: Urn, olds: Props, news: Props, suffix: string): Checked {
    const { [DEFAULTS]: ignored, ...given } = news;
    const failures = check(resourceSpec(urn.type).inputs, given);
    if (kindOf(urn.type).named !== true || given['name'] !== undefined) return { inputs: given, failures };
    const kept = Array.isArray(olds[DEFAULTS]) && olds[DEFAULTS].includes('name') ? olds['name'] : undefined;
    return { inputs: { ...given, name: kept ?? `${urn.name}-${suffix}`, [DEFAULTS]: ['name'] }, failures };
  }

  diff(type: string, compared: Compared): Difference[] {
    return differences(resourceSpec(type), kindOf(type).replaces ?? [], compared);
  }

  /** A name that the program gives can be taken only once: the old one has to go first. */
  deletesBeforeReplacing(type: string, found: readonly Difference[], { oldInputs, news }: Compared): boolean {
    const madeUp = (inputs: Props): boolean => inputs[DEFAULTS] !== undefined;
    const named =
      kindOf(type).named === true && !madeUp(oldInputs) && !madeUp(news) && oldInputs['name'] === news['name'];
    return named && found.some(({ replaces }) => replaces);
  }

  planned(type: string, state: Props, news: Props): Props {
    const { outputs } = resourceSpec(type);
    const unknown = Object.entries(outputs).filter(
      ([name, { required }]) => required === true && state[name] === undefined,
    );
    return { ...Object.fromEntries(unknown.map(([name]) => [name, UNKNOWN])), ...state, ...withoutDefaults(news) };
  }

  async create(type: string, inputs: Props): Promise<{ id: string; state: Props }> {
    const kind = kindOf(type);
    const given = withoutDefaults(inputs);
    const id = await kind.create(this.gitlab, given);
    try {
      await kind.settle?.(this.gitlab, id, given);
      return { id, state: await this.stateOf(kind, id, given) };
    } catch (error) {
      throw new HalfMade(id, inputs, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** null when it is gone. */
  async read(type: string, id: string, state: Props, inputs: Props): Promise<{ state: Props; inputs: Props } | null> {
    const found = await kindOf(type).read(this.gitlab, id, state);
    return found && { state: found, inputs: inputsOf(resourceSpec(type), found, inputs) };
  }

  async update(type: string, id: string, compared: Compared): Promise<Props> {
    const kind = kindOf(type);
    if (kind.update === undefined) throw new Error(`${type} cannot be changed, only replaced`);
    const { state } = compared;
    const news = withoutDefaults(compared.news);
    const changed = changedValues(this.diff(type, compared), news);
    await kind.update(this.gitlab, id, { state, news, changed });
    const removed = Object.keys(changed).filter((name) => changed[name] === null);
    const kept = Object.fromEntries(Object.entries(state).filter(([name]) => !removed.includes(name)));
    return this.stateOf(kind, id, { ...kept, ...news });
  }

  async delete(type: string, id: string, state: Props): Promise<void> {
    await kindOf(type).delete(this.gitlab, id, state);
  }

  async invoke(token: string, args: Props): Promise<{ result: Props } | { failures: Failure[] }> {
    const failures = check(functionSpec(token).inputs, args);
    return failures.length > 0 ? { failures } : { result: await callFunction(this.gitlab, token, args) };
  }

  private get gitlab(): Rest {
    if (this.rest === null) throw new Error('Cannot talk to GitLab as the provider was not configured.');
    return this.rest;
  }

  private async stateOf(kind: Kind, id: string, known: Props): Promise<Props> {
    const state = await kind.read(this.gitlab, id, known);
    if (state === null) throw new Error(`GitLab does not show ${id} although it was just written`);
    return state;
  }
}

export interface Urn {
  readonly type: string;
  readonly name: string;
}

/** `urn:pulumi:stack::project::parent$type::name` */
export function parseUrn(urn: string): Urn {
  const [, , types = '', ...name] = urn.split('::');
  return { type: types.split('$').pop() ?? '', name: name.join('::') };
}

function withoutDefaults({ [DEFAULTS]: ignored, ...inputs }: Props): Props {
  return inputs;
}

/**
 * What the program would have to say for this state: what it said before, or, for an import, everything that has a
 * value.
 */
function inputsOf(spec: ResourceSpec, state: Props, before: Props): Props {
  const imported = Object.keys(before).length === 0;
  const names = Object.keys(spec.inputs).filter((name) => (imported ? isSet(state[name]) : before[name] !== undefined));
  return { ...before, ...Object.fromEntries(names.map((name) => [name, state[name] ?? before[name]])) };
}

function isSet(value: unknown): boolean {
  return value !== undefined && !isEmpty(value);
}
