import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndedRecord } from '../../../agent/rules/records';
import { planRefs, type RefPlan } from '../../../agent/rules/refplan';
import type { Oid, RefName } from '../../../agent/rules/values';

/** Values are letters; a later letter contains the earlier ones. */
const oid = (letter: string): Oid => letter.repeat(40) as Oid;
const ref = 'refs/heads/x' as RefName;

interface Row {
  readonly old?: string;
  readonly agreed?: string;
  /** `a>b`: an acknowledged update; `a?b`: one whose push was cut off; `a>-`: a deletion. */
  readonly records?: string;
  readonly unreadable?: string;
  readonly live?: boolean;
}

function plan({ old, agreed, records = '', unreadable = '', live = false }: Row): RefPlan {
  const value = (letter: string | undefined): Oid | null =>
    letter === undefined || letter === '-' ? null : oid(letter);
  const ended: EndedRecord[] = records
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => ({ ref, before: value(text[0]), after: value(text[2]), confirmed: text[1] === '>', boot: 'b' }));
  return planRefs({
    namespaces: [],
    old: new Map(old === undefined ? [] : [[ref, oid(old)]]),
    agreed: new Map(agreed === undefined ? [] : [[ref, oid(agreed)]]),
    ended: new Map(ended.length === 0 ? [] : [[ref, ended]]),
    live: { any: false, refs: new Set(live ? [ref] : []) },
    unreadable: new Set([...unreadable].map(oid)),
    contains: (newer, older) => newer > older,
  });
}

function drawn(row: Row): string {
  const { back, lost } = plan(row);
  const letter = (value: Oid | null): string => value?.[0] ?? '-';
  return [
    ...back.map(({ before, after }) => `${letter(before)}→${letter(after)}`),
    ...lost.map(({ value, named }) => `${named ? 'lost' : 'gone'} ${letter(value)}`),
  ].join(', ');
}

const rows: readonly (readonly [string, Row, string])[] = [
  ['a ref that is level stays', { old: 'a', agreed: 'a' }, ''],
  ['a lost ref gets the agreed value', { agreed: 'a' }, '-→a'],
  [
    'a lost ref gets the acknowledged value that is newer than the agreed one',
    { agreed: 'a', records: 'a>b b>c' },
    '-→c',
  ],
  ['a deletion that was acknowledged is no loss', { agreed: 'a', records: 'a>-' }, ''],
  ['a push that was cut off proves nothing', { agreed: 'a', records: 'a?b' }, '-→a'],
  [
    'a ref that went back to the agreed value gets the acknowledged one again',
    { old: 'a', agreed: 'a', records: 'a>b' },
    'a→b',
  ],
  ['a ref that went back behind the agreed value comes forward again', { old: 'a', agreed: 'b' }, 'a→b'],
  ['a newer value than all that is proven stays', { old: 'c', agreed: 'a', records: 'a>b' }, ''],
  ['a value that a cut-off push left stays', { old: 'c', agreed: 'b', records: 'b?c' }, ''],
  ['a ref that a push is moving is left alone', { agreed: 'a', live: true }, ''],
  [
    'the newest value that can be read is taken, and those beyond it are named',
    { agreed: 'a', records: 'a>b b>c', unreadable: 'c' },
    '-→b, gone c',
  ],
  ['a lost ref of which nothing can be read is named, not made', { agreed: 'a', unreadable: 'a' }, 'gone a'],
  [
    'a ref that names what cannot be read stays and is named',
    { old: 'b', agreed: 'a', records: 'a>b', unreadable: 'b' },
    'lost b',
  ],
  ['a ref that was never agreed and is there stays', { old: 'a' }, ''],
];

for (const [name, row, expected] of rows) test(name, () => assert.equal(drawn(row), expected));
