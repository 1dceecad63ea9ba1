/** Property names and values of the provider, and what they are called in GitLab's API. */
import { elementType, isList, schema, type PropertySpecs } from './schema';
import { isObject, type Props } from './wire';

export interface Translation {
  /** Where the API's name is not simply the property's in snake case. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Properties that GitLab never sees, or that are sent in another way. */
  readonly own?: readonly string[];
}

const LEVELS: Readonly<Record<string, number>> = {
  'no one': 0,
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
};

export function levelNumber(name: unknown): number {
  const level = LEVELS[String(name)];
  if (level === undefined)
    throw new Error(`expected an access level out of ${Object.keys(LEVELS).join(', ')}, got ${String(name)}`);
  return level;
}

export function levelName(level: unknown): string {
  const found = Object.entries(LEVELS).find(([, number]) => number === level);
  if (!found) throw new Error(`GitLab names the access level ${String(level)}, which is not known here`);
  return found[0];
}

export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What was taken out of the program (null) goes to GitLab as the empty value of its type. */
export function toApi(props: Props, specs: PropertySpecs, { renamed = {}, own = [] }: Translation): Props {
  const sent = Object.entries(props).filter(([name, value]) => value !== undefined && !own.includes(name));
  return Object.fromEntries(
    sent.map(([name, value]) => [
      renamed[name] ?? snake(name),
      value === null ? emptyOf(specs[name]?.type ?? 'string') : snakeKeys(value),
    ]),
  );
}

/**
 * The outputs out of GitLab's answer. What GitLab does not tell (secrets, settings of this provider, fields of other
 * editions) stays as it is known; what always has a value gets the empty one.
 */
export function fromApi(
  answer: Props,
  known: Props,
  specs: PropertySpecs,
  { renamed = {}, own = [] }: Translation,
): Props {
  const entries = Object.entries(specs).map(([name, spec]): [string, unknown] => {
    const told = own.includes(name) ? undefined : answer[renamed[name] ?? snake(name)];
    const value = told === undefined ? known[name] : told;
    return [name, value ?? (spec.required ? emptyOf(spec.type) : undefined)];
  });
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, shaped(value, specs[name]?.type ?? 'string')]),
  );
}

export function emptyOf(type: string): unknown {
  if (isList(type)) return [];
  if (type === 'boolean') return false;
  if (type === 'integer') return 0;
  return type === 'string' ? '' : {};
}

/** Only what the type has: GitLab's answers carry more. */
function shaped(value: unknown, type: string): unknown {
  if (isList(type)) return Array.isArray(value) ? value.map((item) => shaped(item, elementType(type))) : [];
  const nested = schema.types[type];
  if (nested === undefined || !isObject(value))
    return type === 'string' && typeof value === 'number' ? String(value) : value;
  const entries = Object.keys(nested).map((name): [string, unknown] => [name, value[snake(name)] ?? value[name]]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && inner !== null));
}

function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), snakeKeys(inner)]));
}
