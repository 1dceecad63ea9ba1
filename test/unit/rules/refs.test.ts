import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../property';
import {
  hasFolderClash,
  isSynced,
  isUpdate,
  nameRefusal,
  parseUpdate,
  printUpdate,
  readRef,
  showRef,
} from '../../../agent/rules/refs';
import { parseState, printState } from '../../../agent/rules/statefile';
import { seal, unseal } from '../../../agent/rules/bytes';
import { printable } from '../../../agent/contract/printable';
import { phases, type Phase } from '../../../agent/contract/phase';
import type { Fence, Oid, RefName } from '../../../agent/rules/values';

const ref = (name: string): RefName => name as RefName;
const oid = (letter: string): Oid => letter.repeat(40) as Oid;

test("GitLab's own namespaces and ours are never synced, even when listed", () => {
  for (const name of ['refs/merge-requests/1/head', 'refs/keep-around/x', 'refs/handover/attic/1/heads/main'])
    assert.equal(isSynced(ref(name), ['refs/']), false, name);
  assert.equal(isSynced(ref('refs/notes/commits'), []), false);
  assert.equal(isSynced(ref('refs/notes/commits'), ['refs/notes/']), true);
});

test('names that GitLab refuses are known before anything is sent', () => {
  for (const name of [
    `refs/heads/${'a'.repeat(40)}`,
    `refs/tags/${'a'.repeat(40)}-x`,
    'refs/heads/refs/heads/x',
    'refs/heads/\xff',
  ])
    assert.notEqual(nameRefusal(ref(name)), null, name);
  for (const name of [
    'refs/heads/main',
    'refs/heads/abcdef12',
    `refs/heads/${Buffer.from('grüße').toString('latin1')}`,
  ])
    assert.equal(nameRefusal(ref(name)), null, name);
});

test('a name and a name below it clash only when one goes and the other comes', () => {
  const gone = { ref: ref('refs/heads/a'), before: oid('a'), after: null };
  const made = { ref: ref('refs/heads/a/b'), before: null, after: oid('b') };
  assert.equal(hasFolderClash([gone, made]), true);
  assert.equal(hasFolderClash([gone, { ...made, ref: ref('refs/heads/ab') }]), false);
});

test('what people see of a ref name can be typed back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
      const name = ref(Buffer.from(bytes).toString('latin1'));
      fc.pre(!name.includes('\\'));
      assert.equal(readRef(showRef(name)), name);
    }),
  );
});

test('an update survives being written and read', () => {
  const update = { ref: ref('refs/heads/x'), before: null, after: oid('b') };
  assert.deepEqual(parseUpdate(printUpdate(update)), update);
  assert.throws(() => parseUpdate('refs/heads/x'));
});

/** With `b` as the present boot. */
const facts = {
  folder: '/f',
  node: '/n',
  url: 'ssh://x',
  ciSkip: true,
  holdMs: 1000,
  leaseMs: 1000,
  connectMs: 1000,
  mirrorAfterRestart: 'take' as const,
  brownouts: [{ from: 1, to: 2 }],
};

const oids = fc.stringMatching(/^[1-9a-f]{40}$/).map((text) => text as Oid);
/** As the parser makes them. */
const plain = { noNullPrototype: true };
const instants = fc.record({ boot: fc.constantFrom('b1', 'b2'), uptimeMs: fc.nat() }, plain);
const fences: fc.Arbitrary<Fence> = fc.record(
  {
    id: fc.constantFrom('a1', '0f9e'),
    last: fc.option(oids),
    proof: fc.constantFrom('sure', 'planted', 'settled'),
    next: fc.option(fc.record({ oid: oids, random: fc.constantFrom('00ff', 'a') }, plain)),
    former: fc.array(fc.record({ oid: oids, until: instants }, plain), { maxLength: 3 }),
    seen: fc.option(fc.constantFrom('b1', 'b2')),
    gate: fc.boolean(),
    stopped: fc.boolean(),
  },
  plain,
);

test('a state is read as it was written, and a cut or altered one is not read at all', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...phases),
      fc.nat(),
      fc.boolean(),
      fc.option(fences),
      (phase: Phase, epoch, held, fence) => {
        const state = {
          phase,
          epoch,
          hold: held ? { id: 'i', boot: 'b', endUptimeMs: 7000 } : null,
          directory: '/srv/a b.git',
          identity: '1:2',
          fence,
        };
        const printed = printState(state, facts);
        assert.deepEqual(parseState(printed), state);
        for (const cut of [0, 1, printed.length >> 1, printed.length - 1])
          assert.equal(parseState(printed.slice(0, cut)), null);
        assert.equal(parseState(printed.replace('phase', 'phaze')), null);
      },
    ),
    { numRuns: 30 },
  );
});

test('a seal breaks with any altered byte', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (content, position) => {
      const sealed = seal(content.replace(/[^\x20-\x7e\n]/g, ''));
      const index = position % sealed.length;
      const altered = sealed.slice(0, index) + (sealed[index] === 'x' ? 'y' : 'x') + sealed.slice(index + 1);
      assert.equal(unseal(altered), null);
      assert.notEqual(unseal(sealed), null);
    }),
  );
});

test('no control byte of GitLab reaches a terminal', () => {
  assert.equal(printable('a\u001b[31mb\nc\u0007'), 'a\\x1b[31mb\nc\\x07');
});

test('bytes of a name that are white space elsewhere are bytes of a name', () => {
  const ref = Buffer.from('refs/heads/voilà', 'utf8').toString('latin1');
  const line = `${'a'.repeat(40)} ${'b'.repeat(40)} ${ref}`;
  assert.equal(isUpdate(line), true);
  assert.equal(printUpdate(parseUpdate(line)), line);
});
