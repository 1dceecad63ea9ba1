/** Plain values to and from what travels between the engine and a provider. */
import { type JavaScriptValue, Struct } from 'google-protobuf/google/protobuf/struct_pb';
import type { Values } from './values';

/**
 * Marks of a secret (the SDKs' specialSigKey and specialSecretSig): settings of a provider arrive with them, whatever
 * it accepts.
 */
const signature = '4dabf18193072939515e22adb298388d';
const secret = '1b47061264138c4ac30d75fd1eb44270';

export function fromStruct(struct: Struct | undefined): Values {
  return struct === undefined ? {} : (unwrapped(struct.toJavaScript()) as Values);
}

/** Goes through JSON, which leaves out what is undefined. */
export function toStruct(values: Values): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>);
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Values;
  if (object[signature] === secret) return unwrapped(object['value']);
  return Object.fromEntries(Object.entries(object).map(([name, inner]) => [name, unwrapped(inner)]));
}
