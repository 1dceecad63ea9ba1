/**
 * The few protobuf messages that the stand-in sends to Gitaly. Pure. All their fields are strings, bytes or messages,
 * which look alike on the wire.
 */

/** By field numbers, as Gitaly's .proto files have them. */
export interface Message {
  readonly [field: number]: string | Message;
}

export function encode(message: Message): Buffer {
  return Buffer.concat(
    Object.entries(message as Record<string, string | Message>).map(([number, value]) =>
      field(Number(number), typeof value === 'string' ? Buffer.from(value) : encode(value)),
    ),
  );
}

/** The first string or bytes of that number, or an empty one. Other kinds of fields are an error. */
export function textAt(bytes: Buffer, wanted: number): string {
  let at = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = readVarint(bytes, at);
    if ((tag & 7) !== 2) throw new Error(`Cannot read a message of Gitaly as field ${tag >> 3} has no length.`);
    const [length, start] = readVarint(bytes, afterTag);
    if (tag >> 3 === wanted) return bytes.toString('utf8', start, start + length);
    at = start + length;
  }
  return '';
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

function readVarint(bytes: Buffer, start: number): [number, number] {
  let value = 0;
  for (let at = start; ; at++) {
    const byte = bytes.readUInt8(at);
    value |= (byte & 0x7f) << (7 * (at - start));
    if (byte < 0x80) return [value, at + 1];
  }
}
