import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundTests } from '../lab/around';
import type { ControlField, ControlWord } from '../../agent/rules/leasefile';
import { difference, type Operation } from './kit/compare';
import { failureOf, wordsOf } from './kit/holds';
import type { Calm } from './kit/simulated';
import { startRealShims, type RealShims } from './realshim';
import { shimDoor, type ShimDoor } from './shim';
import { stories } from './shimsteps';
import { openSimulatedShim } from './simulatedshim';

let shims: RealShims;
aroundTests(async () => {
  shims = await startRealShims();
  return () => shims.close();
});

function failure(runs: number, change?: (calm: Calm) => void, shrinkMs = 15_000): Promise<string | null> {
  const doors = {
    real: async () => shimDoor(await shims.open()),
    simulated: async () => shimDoor(openSimulatedShim(change)),
  };
  const check = (story: readonly Operation<ShimDoor>[]): Promise<string | null> => difference(story, doors);
  return failureOf({ stories, runs, shrinkMs, check, words: wordsOf });
}

test("the simulation's hooks do what the installed ones do, and leave the same refs and leases", async () => {
  assert.equal(await failure(12), null);
});

/** Lines that begin so never come into a lease. */
function never({ old }: Calm, word: ControlWord | ControlField): void {
  const set = old.leases.set.bind(old.leases);
  old.leases.set = (id, lease) => {
    let kept = '';
    const write = (text: string): void => {
      kept = text.replace(new RegExp(`^${word}( .*)?\n`, 'gm'), '');
    };
    return set(id, Object.defineProperty(lease, 'control', { get: () => kept, set: write }));
  };
}

/** Simulated hooks that the suite must reject; each is wrong in one thing. */
const mistaken: Readonly<Record<string, (calm: Calm) => void>> = {
  'that does not write down that it sends': (calm) => never(calm, 'sent'),
  'that does not say that a push ended': (calm) => never(calm, 'ended'),
  'whose refused pushes leave their leases': ({ old }) => void (old.leases.delete = () => false),
  'that wakes no pass': ({ old }) => void Object.defineProperty(old, 'wakes', { value: 0, writable: false }),
};

for (const [what, change] of Object.entries(mistaken)) {
  test(`the suite rejects a hook ${what}`, async () => {
    assert.match((await failure(100, change, 0)) ?? 'nothing found', /^seed \d+\n/);
  });
}

/** Installed ones: the shim, its right words, and the wrong ones. */
const misinstalled: Readonly<Record<string, readonly [string, string, string]>> = {
  'that sends before it writes that down': ['pre-receive', '  note "sent $up" || unwritable\n', ''],
  'that asks GitLab and does not note the answer': ['pre-receive', '  note answered\n', ''],
  "that runs none of the repository's own": ['pre-receive', 'own_pre_receive() {', 'own_pre_receive() {\n  return 0'],
  'that lists nothing of what landed': ['post-receive', `printf '%s\\n' "$first" 2>/dev/null >"$listed"`, ':'],
};

for (const [what, words] of Object.entries(misinstalled)) {
  test(`the suite rejects an installed hook ${what}`, async () => {
    const restore = await shims.spoil(...words);
    const found = await failure(100, undefined, 0).finally(restore);
    assert.match(found ?? 'nothing found', /^seed \d+\n/);
  });
}
