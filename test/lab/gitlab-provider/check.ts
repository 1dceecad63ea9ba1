/** Arguments against the schema: exactly what the official provider takes. */
import { elementType, isList, schema, type PropertySpecs } from './schema';
import { isObject, UNKNOWN, type Props } from './wire';

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** All mistakes at once. */
export function check(specs: PropertySpecs, given: Props, within = ''): Failure[] {
  const missing = Object.entries(specs).filter(([name, spec]) => spec.required === true && given[name] === undefined);
  return [
    ...missing.map(([name]) => ({ property: within + name, reason: `Missing required property '${within}${name}'.` })),
    ...Object.entries(given).flatMap(([name, value]) => checkOne(specs, name, value, within)),
  ];
}

function checkOne(specs: PropertySpecs, name: string, value: unknown, within: string): Failure[] {
  const spec = specs[name];
  if (spec === undefined)
    return [
      {
        property: within + name,
        reason: `Unknown property '${within}${name}': expected one of ${Object.keys(specs).join(', ')}.`,
      },
    ];
  return checkValue(spec.type, value, within + name);
}

function checkValue(type: string, value: unknown, at: string): Failure[] {
  if (value === UNKNOWN || value === undefined || value === null) return [];
  if (isList(type))
    return Array.isArray(value)
      ? value.flatMap((item, index) => checkValue(elementType(type), item, `${at}[${index}]`))
      : mismatch(type, value, at);
  const nested = schema.types[type];
  if (nested !== undefined) return isObject(value) ? check(nested, value, `${at}.`) : mismatch('object', value, at);
  const map = /^map<(\w+)>$/.exec(type)?.[1];
  if (map !== undefined)
    return isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => checkValue(map, item, `${at}.${key}`))
      : mismatch(type, value, at);
  return fits(type, value) ? [] : mismatch(type, value, at);
}

function fits(type: string, value: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function mismatch(type: string, value: unknown, at: string): Failure[] {
  return [
    {
      property: at,
      reason: `Cannot use '${at}' as it must be of type ${type}: got ${Array.isArray(value) ? 'a list' : typeof value}.`,
    },
  ];
}
