/** What the official provider accepts and answers: the trimmed schema of the version that we stand in for. */

export interface PropertySpec {
  /** `string`, `integer[]`, `map<string>`, or the token of a type, with `[]` for a list. */
  readonly type: string;
  readonly required?: boolean;
  /** A change means another resource. Not complete: see `Kind.replaces`. */
  readonly replaces?: boolean;
  readonly secret?: boolean;
  readonly deprecated?: boolean;
}

export type PropertySpecs = Readonly<Record<string, PropertySpec>>;

export interface ResourceSpec {
  readonly inputs: PropertySpecs;
  readonly outputs: PropertySpecs;
}

export interface Schema {
  readonly version: string;
  readonly configuration: PropertySpecs;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
  readonly functions: Readonly<Record<string, ResourceSpec>>;
  readonly types: Readonly<Record<string, PropertySpecs>>;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundler takes the file along, without a setting
export const schema = require('../../data/gitlab-schema.json') as Schema;

export function resourceSpec(type: string): ResourceSpec {
  return known(schema.resources[type], type, 'resource type');
}

export function functionSpec(token: string): ResourceSpec {
  return known(schema.functions[token], token, 'function');
}

export function isList(type: string): boolean {
  return type.endsWith('[]');
}

export function elementType(type: string): string {
  return type.replace(/\[\]$/, '');
}

function known<T>(spec: T | undefined, token: string, what: string): T {
  if (spec === undefined)
    throw new Error(`Cannot serve ${token}: the stand-in for the GitLab provider does not know this ${what}.`);
  return spec;
}
