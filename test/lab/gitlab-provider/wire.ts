/** Properties as they travel between the engine and a provider. */
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';
import type { JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb';

export type Props = Readonly<Record<string, unknown>>;

/** How the engine writes a value that only the deployment will know. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

export function fromStruct(struct: Struct | undefined): Props {
  return struct === undefined ? {} : (unwrapped(struct.toJavaScript()) as Props);
}

/** Leaves out what is undefined. */
export function toStruct(props: Props): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(props)) as Record<string, JavaScriptValue>);
}

export function isObject(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function containsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) ? Object.values(value).some(containsUnknown) : value === UNKNOWN;
}

/** A provider's own settings arrive with their secrets marked, whatever it said that it accepts. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrapped(value['value']);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unwrapped(inner)]));
}
