/** What has to change for GitLab to be as the program says. */
import { isObject, UNKNOWN, type Props } from './wire';
import type { PropertySpecs, ResourceSpec } from './schema';

export interface Difference {
  readonly name: string;
  readonly kind: 'add' | 'update' | 'delete';
  readonly replaces: boolean;
}

export interface Compared {
  /** As last read from GitLab. */
  readonly state: Props;
  readonly oldInputs: Props;
  readonly news: Props;
}

/**
 * A property that is not in the program is left to GitLab, unless it was there before and only the program gives it a
 * value.
 */
export function differences(spec: ResourceSpec, replaces: readonly string[], compared: Compared): Difference[] {
  return Object.entries(spec.inputs).flatMap(([name, { replaces: always }]): Difference[] => {
    const kind = change(name, spec.outputs, compared);
    return kind === null ? [] : [{ name, kind, replaces: always === true || replaces.includes(name) }];
  });
}

/** The new values of what differs; null for what was taken out. */
export function changedValues(found: readonly Difference[], news: Props): Props {
  return Object.fromEntries(found.map(({ name, kind }) => [name, kind === 'delete' ? null : news[name]]));
}

function change(name: string, outputs: PropertySpecs, { state, oldInputs, news }: Compared): Difference['kind'] | null {
  const before = state[name] ?? oldInputs[name];
  const after = news[name];
  const computed = outputs[name]?.required === true;
  if (after === undefined) return oldInputs[name] !== undefined && !computed ? 'delete' : null;
  if (before === undefined) return isEmpty(after) ? null : 'add';
  return covers(before, after) ? null : 'update';
}

/**
 * True when everything that the program names is so already: GitLab may have more inside of a record. Lists are sets.
 */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (wanted === UNKNOWN) return false;
  if (Array.isArray(wanted))
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item) => actual.some((other) => covers(other, item)))
    );
  if (isObject(wanted))
    return isObject(actual) && Object.entries(wanted).every(([name, value]) => covers(actual[name], value));
  return actual === wanted;
}

/** The provider cannot tell an empty value from none. */
export function isEmpty(value: unknown): boolean {
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
}
