/** Bytes near those of a corpus: what a parser takes is changed here and there, so that it is taken nearly. */
import { fc } from '../property';

/** Bytes that mean something to those who read them. */
const telling = [0, 9, 10, 13, 27, 32, 34, 47, 58, 92, 94, 127, 128, 160, 255].map((byte) => Buffer.from([byte]));
const words = [
  'refs/',
  '../',
  '.lock',
  '@{',
  '\r\n',
  '\t',
  '0'.repeat(40),
  'null',
  '{}',
  '[]',
  '1e999',
  '-1',
  '"',
  '\u202e',
];
const pieces = [...telling, ...words.map((word) => Buffer.from(word))];

interface Change {
  readonly at: number;
  readonly take: number;
  readonly put: Buffer;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  take: fc.nat({ max: 60 }),
  put: fc.oneof(
    fc.constantFrom(...pieces, Buffer.alloc(0)),
    fc.uint8Array({ maxLength: 12 }).map((some) => Buffer.from(some)),
  ),
});

export function mutated(corpus: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const entry = fc.constantFrom(...corpus);
  const spliced = fc
    .tuple(entry, entry, fc.nat(), fc.nat())
    .map(([one, other, left, right]) =>
      Buffer.concat([one.subarray(0, left % (one.length + 1)), other.subarray(right % (other.length + 1))]),
    );
  const start = fc.oneof({ weight: 4, arbitrary: entry }, { weight: 1, arbitrary: spliced });
  const near = fc
    .tuple(start, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce(applied, bytes));
  const any = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some));
  return fc.oneof({ weight: 9, arbitrary: near }, { weight: 1, arbitrary: any });
}

function applied(bytes: Buffer, { at, take, put }: Change): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + take)]);
}
