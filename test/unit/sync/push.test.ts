/** What a pusher reads of a push whose handling failed: once it may be sent, nobody says that it was not taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendPush } from '../../../agent/sync/push';
import type { PushContext, World } from '../../../agent/rules/ports';
import type { Instant, Oid, PushAnswer, RefName, Update } from '../../../agent/rules/values';

const oid = 'a'.repeat(40) as Oid;
const update: Update = { ref: 'refs/heads/main' as RefName, before: null, after: oid };
const tooMany = (): never => {
  throw new Error('EMFILE: too many open files');
};

interface Given {
  readonly push: () => Promise<PushAnswer>;
  /** Answers after this many calls are no more. */
  readonly clockCalls: number;
}

/** A world in which this push may be sent; `lines` are those of its lease. */
function contextOf({ push, clockCalls }: Given): { context: PushContext; lines: string[] } {
  const lines: string[] = [];
  let calls = 0;
  const now = (): Instant => ((calls += 1) > clockCalls ? tooMany() : { boot: 'b', uptimeMs: 1_000 });
  const world: Pick<World, 'git' | 'log' | 'clock' | 'limits' | 'config' | 'journal'> = {
    journal: { state: () => ({ phase: 'both', epoch: 1, fence: null }) } as unknown as World['journal'],
    git: {
      oldSide: async () => ({ refs: new Map(), broken: [], head: null }),
      gitlabSide: async () => ({ refs: new Map(), head: null }),
      symbolicAmong: async () => new Set(),
      unsettable: async () => null,
      denied: async () => ({ deletes: false, rewinds: false }),
      connected: async () => true,
      push,
    } as unknown as World['git'],
    log: { write: () => undefined },
    clock: { now, wall: () => '', sleep: () => Promise.resolve() },
    limits: { refsPerPush: 10, connectMs: 1_000, lookMs: 0 } as World['limits'],
    config: { namespaces: [], brownouts: [] } as unknown as World['config'],
  };
  const lease = { note: (line: string) => void lines.push(line), refused: () => void lines.push('refused') };
  const say: PushContext['say'] = (name) => name;
  const context = { world: world as World, updates: [update], lease, epoch: 1, say, heal: async () => null };
  return { context, lines };
}

const lost: PushAnswer = { kind: 'no-answer', words: '' };

test('what fails after a push was written down as sent is called unknown, and the push stays written down', async () => {
  const cases: Given[] = [
    { push: async () => tooMany(), clockCalls: Infinity },
    { push: async () => lost, clockCalls: 2 },
    { push: async () => ({ kind: 'not-sent', words: '' }), clockCalls: 2 },
  ];
  for (const given of cases) {
    const { context, lines } = contextOf(given);
    const { accept, unknown, text } = await sendPush(context);
    assert.deepEqual([accept, unknown, lines], [false, true, ['sent 1.00']], text);
    assert.match(text, /Whether GitLab took it is unknown/);
    assert.doesNotMatch(text, /EMFILE|[Nn]othing was taken/);
  }
});

test('a push that GitLab took is accepted, also where nobody can read the clock any more', async () => {
  const { context, lines } = contextOf({ push: async () => ({ kind: 'ok' }), clockCalls: 2 });
  assert.deepEqual([(await sendPush(context)).accept, lines], [true, ['sent 1.00', 'answered']]);
});

test('what fails before a push was written down as sent is no unknown outcome', async () => {
  const { context, lines } = contextOf({ push: async () => lost, clockCalls: 0 });
  await assert.rejects(sendPush(context), /EMFILE/);
  assert.deepEqual(lines, []);
});
