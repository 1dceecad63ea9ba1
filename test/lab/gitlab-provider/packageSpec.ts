/** The trimmed schema in the form that Pulumi's own tools read. */
import { elementType, isList, schema, type PropertySpecs } from './schema';

type Spec = Readonly<Record<string, unknown>>;

export function packageSpec(): Spec {
  return {
    name: 'gitlab',
    version: schema.version,
    // Type tokens are gitlab:index/deployKey:DeployKey; the part after the slash is no module.
    meta: { moduleFormat: '(.*)(?:/[^/]*)' },
    config: { variables: properties(schema.configuration) },
    provider: { inputProperties: properties(schema.configuration) },
    types: mapped(schema.types, (specs) => ({
      type: 'object',
      properties: properties(specs),
      required: required(specs),
    })),
    resources: mapped(schema.resources, ({ inputs, outputs }) => ({
      inputProperties: properties(inputs),
      requiredInputs: required(inputs),
      properties: properties(outputs),
      required: required(outputs),
    })),
    functions: mapped(schema.functions, ({ inputs, outputs }) => ({
      inputs: { type: 'object', properties: properties(inputs), required: required(inputs) },
      outputs: { type: 'object', properties: properties(outputs), required: required(outputs) },
    })),
  };
}

function mapped<T>(specs: Readonly<Record<string, T>>, one: (spec: T) => Spec): Spec {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, one(spec)]));
}

function properties(specs: PropertySpecs): Spec {
  return mapped(specs, ({ type, secret, replaces }) => ({
    ...typeSpec(type),
    ...(secret && { secret }),
    ...(replaces && { willReplaceOnChanges: true }),
  }));
}

function required(specs: PropertySpecs): string[] {
  return Object.entries(specs)
    .filter(([, spec]) => spec.required === true)
    .map(([name]) => name);
}

function typeSpec(type: string): Spec {
  if (isList(type)) return { type: 'array', items: typeSpec(elementType(type)) };
  const map = /^map<(\w+)>$/.exec(type)?.[1];
  if (map !== undefined) return { type: 'object', additionalProperties: typeSpec(map) };
  return type in schema.types ? { $ref: `#/types/${type}` } : { type };
}
