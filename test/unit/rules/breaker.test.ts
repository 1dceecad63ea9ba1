import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideStop, type Loss, type Stop } from '../../../agent/rules/breaker';
import type { RefName } from '../../../agent/rules/values';

const bounds = { breakerRefs: 3, breakerShare: 0.33 };
const main = 'refs/heads/main' as RefName;

/** `count` refs to which the same happened; `main` is the default branch. */
function lost(count: number, kind: Loss['kind'], more: Partial<Loss> = {}): Loss[] {
  return Array.from({ length: count }, (_, index) => ({
    ref: `refs/heads/b${index}` as RefName,
    kind,
    isOfOld: false,
    losesCommits: true,
    isDefault: false,
    isRelated: true,
    ...more,
  }));
}

function ofMain(kind: Loss['kind'], more: Partial<Loss> = {}): Loss[] {
  return lost(1, kind, { ref: main, isDefault: true, ...more });
}

const merged = { losesCommits: false };

interface Row {
  readonly what: string;
  readonly losses: readonly Loss[];
  readonly old: number;
  readonly gitlab?: number;
  readonly stop: Stop | null;
}

const rows: readonly Row[] = [
  {
    what: 'the project was made anew, with one commit of its own',
    losses: [...ofMain('replaced', { isRelated: false }), ...lost(7, 'deleted')],
    old: 8,
    stop: { kind: 'default-replaced', ref: main },
  },
  {
    what: 'the same under another name of its default branch',
    losses: [...ofMain('deleted'), ...lost(7, 'deleted')],
    old: 8,
    stop: { kind: 'default-gone', ref: main },
  },
  {
    what: 'a backup took main back, and a branch and a tag away',
    losses: [...ofMain('rewound'), ...lost(2, 'deleted')],
    old: 8,
    stop: { kind: 'lost', count: 3 },
  },
  {
    what: 'a backup took three branches back',
    losses: [...ofMain('rewound'), ...lost(2, 'rewound')],
    old: 30,
    stop: { kind: 'rewound', count: 3 },
  },
  { what: 'three of more than thirty go back', losses: lost(3, 'rewound'), old: 31, stop: null },
  {
    what: 'a backup of an hour ago has three branches as they were, and two and a tag not at all',
    losses: [...ofMain('rewound'), ...lost(2, 'rewound'), ...lost(3, 'deleted')],
    old: 24,
    stop: { kind: 'rewound', count: 3 },
  },
  { what: 'a third is deleted', losses: lost(3, 'deleted'), old: 9, stop: { kind: 'lost', count: 3 } },
  { what: 'less than a third is deleted', losses: lost(3, 'deleted'), old: 10, stop: null },
  { what: 'GitLab shows no refs', losses: ofMain('deleted', merged), old: 1, gitlab: 0, stop: { kind: 'no-refs' } },
  {
    what: 'nobody pushed to the project yet, and git on old took two pushes alone',
    losses: lost(2, 'deleted', { isOfOld: true, losesCommits: false }),
    old: 2,
    gitlab: 0,
    stop: null,
  },
  {
    what: 'GitLab shows no refs, and nothing says that old agreed on its own',
    losses: lost(3, 'deleted', { isOfOld: true, losesCommits: false }),
    old: 3,
    gitlab: 0,
    stop: { kind: 'no-refs' },
  },
  { what: 'GitLab has no refs, and old has none to lose', losses: [], old: 1, gitlab: 0, stop: null },
  { what: 'somebody resets two of their branches in one push', losses: lost(2, 'rewound'), old: 3, stop: null },
  {
    what: 'somebody resets main and a branch of theirs in one push',
    losses: [...ofMain('rewound'), ...lost(1, 'rewound')],
    old: 2,
    stop: null,
  },
  { what: 'somebody deletes two branches that nobody merged', losses: lost(2, 'deleted'), old: 3, stop: null },
  { what: 'somebody pushes with --mirror or --prune from a clone that has all', losses: [], old: 9, stop: null },
  { what: 'somebody amends main', losses: ofMain('replaced'), old: 1, stop: null },
  { what: 'somebody resets main by one commit', losses: ofMain('rewound'), old: 1, stop: null },
  { what: 'GitLab deletes merged branches', losses: lost(60, 'deleted', merged), old: 100, stop: null },
  { what: 'staging goes back to main each week', losses: lost(1, 'rewound'), old: 4, stop: null },
  { what: 'somebody rebases a stack of five with --update-refs', losses: lost(5, 'replaced'), old: 6, stop: null },
  { what: 'main gets another name', losses: ofMain('deleted', merged), old: 3, stop: null },
  {
    what: 'main begins anew, and what it was has another name',
    losses: ofMain('replaced', { isRelated: false, losesCommits: false }),
    old: 3,
    stop: null,
  },
  {
    what: 'a cron job of old commits to five branches',
    losses: lost(5, 'rewound', { isOfOld: true }),
    old: 5,
    stop: null,
  },
];

for (const { what, losses, old, gitlab = 1, stop } of rows)
  test(`${stop === null ? 'old follows' : 'old waits for a person'}: ${what}`, () => {
    assert.deepEqual(decideStop({ losses, old, gitlab }, bounds), stop);
  });

test('whoever sets `breakerRefs` higher lets so many more go back', () => {
  const stop = (breakerRefs: number): Stop | null =>
    decideStop({ losses: lost(4, 'rewound'), old: 20, gitlab: 1 }, { ...bounds, breakerRefs });
  assert.deepEqual(stop(4), { kind: 'rewound', count: 4 });
  assert.equal(stop(5), null);
});

test('whoever sets the bounds lower is asked sooner', () => {
  const [losses, old] = [lost(1, 'deleted'), 50];
  assert.deepEqual(decideStop({ losses, old, gitlab: 1 }, { breakerRefs: 1, breakerShare: 0 }), {
    kind: 'lost',
    count: 1,
  });
  assert.equal(decideStop({ losses: [], old, gitlab: 1 }, { breakerRefs: 0, breakerShare: 0 }), null);
});
