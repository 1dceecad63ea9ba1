/** Random operations on a journal, and the faults around them: as data, each with its words. */
import { fc } from '../property';
import type { Journal } from '../../agent/rules/ports';
import { printUpdate } from '../../agent/rules/refs';
import type { Taken } from '../../agent/rules/taken';
import type { Drops, Oid, RefName, State, Stuck, Tries, Trouble, Update } from '../../agent/rules/values';
import type { JournalDoor, JournalSetUp, LeasePart, PushProcess, Who } from './journal';
import type { Operation } from './kit/compare';

type Step = Operation<JournalDoor>;

const who = fc.constantFrom<Who>('ada', 'bob');
const refs = ['refs/heads/main', 'refs/heads/b', 'refs/tags/\xc3\xa0'] as RefName[];
const ref = fc.constantFrom(...refs);
const oid = fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(40) as Oid);
const value = fc.option(oid, { freq: 3 });
const updates = fc.uniqueArray(fc.record<Update>({ ref, before: value, after: value }), {
  selector: (update) => update.ref,
  maxLength: 3,
});
const agreed = fc.array(fc.tuple(ref, oid), { maxLength: 3 }).map((entries) => new Map(entries));
const deleted = fc
  .array(fc.tuple(ref, fc.uniqueArray(oid, { minLength: 1 })), { maxLength: 2 })
  .map((entries) => new Map(entries));
const values = fc.array(fc.tuple(ref, fc.array(value, { maxLength: 2 })), { maxLength: 2 }).map((all) => new Map(all));
const unanswered = fc.constantFrom<Tries['unanswered']>(null, 'running', { boot: 'b1', uptimeMs: 1234 });
const tries = fc.record<Tries>({ sent: values, late: values, unanswered });
const kind = fc.constantFrom<Trouble['kind']>('conflict', 'damaged', 'declined', 'unhooked', 'stopped');
const said = fc.record({ words: fc.constantFrom('says “no”', 'two\nlines'), since: fc.constant('2026-01-01') });
const trouble = fc
  .tuple(fc.record({ ref, kind, old: value, gitlab: value, agreed: value }), said)
  .map(([facts, words]): Trouble => ({ ...facts, ...words }));
const taken = fc.record<Taken>({
  ref,
  before: oid,
  after: value,
  attic: fc.constant('refs/handover/attic/t/heads/main' as RefName),
  at: fc.constant('2026-01-01'),
  from: fc.constantFrom(null, 'ada “from” here'),
});
const stuck = fc.tuple(fc.record({ ref, before: value, after: value }), said).map(([update, { words }]): Stuck => ({
  ...update,
  kind: 'unset',
  tries: 2,
  last: { boot: 'b1', uptimeMs: 7 },
  words,
}));
const times = fc.array(fc.constantFrom('2026-01-01', '2026-01-02'), { minLength: 1, maxLength: 2 });
const manyTimes = fc.constant(Array.from({ length: 60 }, (_none, index) => `time ${index}`));
const push = fc.constantFrom(1, 2, 3);
const drops = fc.array(fc.tuple(push, fc.oneof(fc.constant('all' as const), fc.uniqueArray(ref, { minLength: 1 }))), {
  maxLength: 2,
});

const changes: Readonly<Record<string, (state: State) => State | null>> = {
  'raises the epoch': (state) => ({ ...state, phase: 'mirror', epoch: state.epoch + 1 }),
  'takes a hold': (state) => ({ ...state, hold: { id: '7.1.x', boot: 'b1', endUptimeMs: 61_234 } }),
  'ends the hold': (state) => ({ ...state, hold: null }),
  'leaves it': () => null,
  throws: () => {
    throw Object.assign(new Error('the change fails'), { code: 'CHANGE' });
  },
};

/** What a call of the journal does; each changes something that a kill may cut short. */
export const writes: fc.Arbitrary<Call> = fc.oneof(
  call(agreed, 'writes agreed', (journal, refs) => journal.writeAgreed(refs)),
  call(deleted, 'writes deleted', (journal, all) => journal.writeDeleted(all)),
  call(fc.constant(null), 'forgets what was agreed', (journal) => journal.forget()),
  call(tries, 'writes tries', (journal, all) => journal.writeTries(all)),
  call(fc.array(trouble, { maxLength: 2 }), 'writes troubles', (journal, all) => journal.writeTroubles(all)),
  call(fc.array(taken, { maxLength: 2 }), 'writes what was taken over', (journal, all) => journal.writeTaken(all)),
  call(updates, 'writes what it follows', (journal, all) => journal.writeFollowed(all)),
  call(fc.array(stuck, { maxLength: 2 }), 'writes what is stuck', (journal, all) => journal.writeStuck(all)),
  call(fc.oneof(times, manyTimes), 'adds unhooked', (journal, all) => journal.addUnhooked(all)),
  call(fc.boolean(), 'marks skipped', (journal, skipped) => journal.markSkipped(skipped)),
  call(fc.constant(null), 'marks a pass', (journal) => journal.markPass()),
  call(drops, 'drops records', (journal, all, at) => journal.drop(dropsOf(at, all))),
  call(drops, 'drops records', (journal, all, at) => journal.drop(dropsOf(at, all))),
  call(fc.constantFrom(...Object.keys(changes)), 'changes the state:', (journal, name) => change(journal, name)),
);

/** The work of an operation and who does it, apart, for a kill in its midst. */
export interface Call extends Step {
  readonly by: Who;
  readonly work: (journal: Journal, at: JournalSetUp) => unknown;
}

function call<T>(
  argument: fc.Arbitrary<T>,
  words: string,
  work: (journal: Journal, argument: T, at: JournalSetUp) => unknown,
): fc.Arbitrary<Call> {
  return fc.tuple(who, argument).map(([by, given]) => ({
    words: `${by} ${words}${given === null ? '' : ` ${fc.stringify(given)}`}`,
    by,
    work: (journal, at) => work(journal, given, at),
    run: ({ at }) => at.run(by, async () => work(at.journal(by), given, at)),
  }));
}

function dropsOf(at: JournalSetUp, all: readonly (readonly [number, 'all' | readonly RefName[]])[]): Drops {
  return new Map(all.map(([number, refs]) => [at.leaseId(number), refs === 'all' ? refs : new Set(refs)]));
}

function change(journal: Journal, name: string): Promise<State> {
  return journal.changeState(changes[name] ?? (() => null));
}

const controlLines = ['enter 1.25', 'enter 0.50', 'wait', 'act 2 both', 'act 3 mirror', 'sent 3.50', 'gone', 'asked'];
const otherLines = ['answered', 'updated', 'ended', 'refused', 'from ada at 10.0.0.7', 'key ssh-rsa AAAA'];

/** What the shims write; a line that a full disk cut short has no end. */
const leaseLine: fc.Arbitrary<{ part: LeasePart; text: string }> = fc.oneof(
  fc.constantFrom(...controlLines, ...otherLines).map((line) => ({ part: 'control' as const, text: `${line}\n` })),
  fc
    .tuple(fc.constantFrom(...controlLines), fc.nat(12))
    .map(([line, length]) => ({ part: 'control' as const, text: line.slice(0, length) })),
  fc.tuple(fc.constantFrom<LeasePart>('refs', 'landed'), updates, fc.nat(60)).map(([part, all, cut]) => ({
    part,
    text: all
      .map((one) => `${printUpdate(one)}\n`)
      .join('')
      .slice(0, cut * 5),
  })),
);

function fault(words: string, run: (door: JournalDoor) => unknown): Step {
  return { words, run: async (door) => run(door) };
}

/** Once begun, a push stays the same push. */
function beginPush(number: number): Step {
  return fault(`push ${number} begins`, async ({ at, begun }) => {
    if (begun.has(number)) return;
    begun.add(number);
    await at.beginPush(number);
  });
}

function writeLease(number: number, part: LeasePart, text: string): Step {
  return fault(`push ${number} writes ${part}: ${JSON.stringify(text)}`, ({ at, begun }) => {
    if (begun.has(number)) at.write(number, part, text);
  });
}

const leases: fc.Arbitrary<Step> = fc.oneof(
  push.map(beginPush),
  fc.tuple(push, leaseLine).map(([number, { part, text }]) => writeLease(number, part, text)),
  fc.tuple(push, leaseLine).map(([number, { part, text }]) => writeLease(number, part, text)),
  fc
    .tuple(push, fc.constantFrom<PushProcess>('receive-pack', 'hook'))
    .map(([number, process]) =>
      fault(`${process} of push ${number} ends`, async ({ at, begun }) =>
        begun.has(number) ? at.endProcess(number, process) : undefined,
      ),
    ),
  push.map((number) =>
    fault(`it is noted that push ${number} sends no more`, async ({ at, begun }) =>
      begun.has(number) ? at.noteGone(number) : undefined,
    ),
  ),
);

/** A push as it mostly goes, so that stories are not only about crumbs. */
const wholePush: fc.Arbitrary<Step[]> = fc.tuple(push, updates, fc.boolean()).map(([number, all, landed]) => {
  const text = all.map((one) => `${printUpdate(one)}\n`).join('');
  return [
    beginPush(number),
    writeLease(number, 'refs', text),
    writeLease(number, 'control', 'enter 1.00\nact 1 mirror\n'),
    ...(landed ? [writeLease(number, 'landed', text), writeLease(number, 'control', 'ended\n')] : []),
  ];
});

export const bothRaise = fault('both raise the epoch at once', async ({ at }) => {
  const raise = (by: Who): Promise<unknown> => at.run(by, () => change(at.journal(by), 'raises the epoch'));
  const both = [raise('ada'), raise('bob')];
  // Where the first fails the other still waits for the lock, on a busy machine for long: the next step would meet it.
  await Promise.allSettled(both);
  await Promise.all(both);
});

const faults: fc.Arbitrary<Step> = fc.oneof(
  who.map((by) =>
    fault(`${by} wants the lock`, async ({ at, locks }) => {
      if (locks.has(by)) return 'has it';
      const lock = await at.run(by, () => at.journal(by).lock(0));
      if (lock !== null && lock !== 'killed') locks.set(by, lock);
      return lock !== null;
    }),
  ),
  who.map((by) =>
    fault(`${by} lets go of the lock`, ({ locks }) => {
      locks.get(by)?.release();
      locks.delete(by);
    }),
  ),
  who.map((by) =>
    fault(`a child inherits the lock of ${by}`, ({ at, locks }) => {
      const lock = locks.get(by);
      if (lock !== undefined) at.inherit(lock);
    }),
  ),
  fc.constant(fault('the children end', ({ at }) => at.childrenEnd())),
  who.map((by) =>
    fault(`${by} is killed`, async ({ at, locks }) => {
      locks.delete(by);
      await at.crash(by);
    }),
  ),
  fc.boolean().map((full) => fault(`the disk ${full ? 'is full' : 'has room'}`, ({ at }) => at.fillDisk(full))),
  fc.constant(
    fault('a reboot', async ({ at, locks }) => {
      locks.clear();
      await at.reboot();
    }),
  ),
  fc.constant(bothRaise),
);

export const stories: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof(writes.map(one), writes.map(one), leases.map(one), leases.map(one), faults.map(one), wholePush), {
    minLength: 1,
    maxLength: 24,
    size: 'max',
  })
  .map((all) => all.flat());

function one(step: Step): Step[] {
  return [step];
}

/** What happened before, the call that is killed in its midst, and what happens after. */
export interface Killing {
  readonly before: readonly Step[];
  readonly victim: Call;
  readonly after: readonly Step[];
}

export const killings: fc.Arbitrary<Killing> = fc.record({
  before: fc
    .array(fc.oneof(wholePush, wholePush, writes.map(one), leases.map(one)), { maxLength: 6, size: 'max' })
    .map((all) => all.flat()),
  victim: writes,
  after: fc.array(fc.oneof(writes, leases), { maxLength: 3 }),
});
