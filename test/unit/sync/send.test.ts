import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFolderClash } from '../../../agent/rules/refs';
import { nextSize } from '../../../agent/sync/send';
import type { Oid, RefName, Update } from '../../../agent/rules/values';

const limits = { leaseMs: 3_600_000, longestGitlabPushMs: 90_000 };

test("a push is followed by one of as many refs as take a third of GitLab's longest push", () => {
  assert.equal(nextSize(1_000, 20_000, limits), 1_500);
  assert.equal(nextSize(1_000, 60_000, limits), 500);
  assert.equal(nextSize(1_000, 20_000, { ...limits, leaseMs: 30_000 }), 500);
});

test('however fast or slow GitLab is, a push holds at most 50 times as many refs as the one before, and at least 400', () => {
  assert.equal(nextSize(1_000, 0, limits), 50_000);
  assert.equal(nextSize(1_000, 10_000_000, limits), 400);
});

function update(kind: 'made' | 'gone', ref: string): Update {
  const oid = 'a'.repeat(40) as Oid;
  return { ref: ref as RefName, before: kind === 'made' ? null : oid, after: kind === 'made' ? oid : null };
}

test('a folder clash is a deletion and a creation of which one is a folder of the other, at any depth', () => {
  assert.equal(hasFolderClash([update('gone', 'refs/heads/a'), update('made', 'refs/heads/a/b/c')]), true);
  assert.equal(hasFolderClash([update('made', 'refs/heads/a'), update('gone', 'refs/heads/a/b/c')]), true);
  assert.equal(hasFolderClash([update('gone', 'refs/heads/a'), update('made', 'refs/heads/ab')]), false);
  assert.equal(hasFolderClash([update('gone', 'refs/heads/a'), update('gone', 'refs/heads/a/b')]), false);
});
