import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOnHooks, isLegalMove, isStepBack, phases } from '../../../agent/contract/phase';

/** Written a second time, as the table itself cannot be wrong by its own word. */
const legal = [
  'old → mirror',
  'mirror → both',
  'mirror → refuse',
  'both → mirror',
  'both → warn',
  'warn → mirror',
  'warn → both',
  'warn → refuse',
  'refuse → mirror',
  'refuse → both',
  'refuse → warn',
  'refuse → retired',
  'retired → refuse',
];

function movesThat(abandon: boolean): string[] {
  return phases.flatMap((from) =>
    phases.filter((to) => to !== from && isLegalMove(from, to, abandon)).map((to) => `${from} → ${to}`),
  );
}

test('exactly these moves are legal: no phase is left out, and only who abandons goes back to old', () => {
  assert.deepEqual(movesThat(false), legal);
  const abandoned = movesThat(true).filter((move) => !legal.includes(move));
  assert.deepEqual(abandoned, ['mirror → old', 'both → old', 'warn → old', 'refuse → old']);
});

test('staying is no move, and always legal', () => {
  for (const phase of phases) assert.ok(isLegalMove(phase, phase));
});

test('without hooks no repository comes into mirror from old, into both, or from a closed phase into an open one; the ways back stay', () => {
  const kept = legal.filter((move) => {
    const [from, to] = phases.filter((phase) => move.includes(phase)).sort((one) => (move.startsWith(one) ? -1 : 1));
    return from !== undefined && to !== undefined && countsOnHooks(from, to);
  });
  assert.deepEqual(kept, ['old → mirror', 'mirror → both', 'mirror → refuse', 'warn → both', 'refuse → both']);
});

test('a step back is one to an earlier phase', () => {
  assert.deepEqual(
    phases.filter((to) => isStepBack('both', to)),
    ['old', 'mirror'],
  );
});
