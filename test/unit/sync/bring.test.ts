import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bring, type Brought } from '../../../agent/sync/bring';
import type { Unlock, World } from '../../../agent/rules/ports';
import type { RefName } from '../../../agent/rules/values';

const names = Array.from({ length: 100 }, (_none, index) => `refs/heads/b${index}` as RefName);
const lock: Unlock = { fd: 0, release: () => undefined };

/** Git that refuses objects of these refs, and notes what it was asked for. */
async function bringPast(
  bad: readonly RefName[],
  suspects: readonly RefName[] = [],
): Promise<Brought & { readonly asked: (readonly RefName[])[] }> {
  const asked: (readonly RefName[])[] = [];
  const fetch = async (refs: readonly RefName[]): Promise<string | null> => {
    asked.push(refs);
    return refs.some((ref) => bad.includes(ref)) ? 'badTimezone' : null;
  };
  const world = { git: { fetch } } as unknown as World;
  return { ...(await bring(world, names, new Set(suspects), lock)), asked };
}

test('values that git refuses are found by halving, and all others are brought', async () => {
  const bad = [names[3], names[77]].filter((ref) => ref !== undefined);
  const { refused, left, asked } = await bringPast(bad);
  assert.deepEqual(
    [...refused],
    bad.map((ref) => [ref, 'badTimezone']),
  );
  assert.deepEqual([...left], []);
  const came = asked.filter((refs) => !refs.some((ref) => bad.includes(ref))).flat();
  assert.deepEqual(came.sort(), names.filter((ref) => !bad.includes(ref)).sort());
});

test('a value that was refused before is asked for alone, and keeps no other waiting', async () => {
  const bad = names.slice(3, 4);
  const { asked } = await bringPast(bad, bad);
  assert.deepEqual(
    asked.map((refs) => refs.length),
    [99, 1],
  );
});

test('where git refuses everything, one pass asks sixty times at most, and leaves the rest to the next', async () => {
  const { refused, left, asked } = await bringPast(names);
  assert.equal(asked.length, 60);
  assert.equal(refused.size + left.size, 100);
});
