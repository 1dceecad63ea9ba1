/**
 * Every parser of what others wrote: it answers or throws its own error, keeps distinct names distinct, and never takes
 * a part for the whole.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../property';
import { readPushAnswer, gitlabWords } from '../../../agent/rules/gitanswers';
import { allPrintable, isPrintable, printable } from '../../../agent/contract/printable';
import { isRefName, isUpdate, parseOid, parseUpdate, printUpdate, readRef, showRef } from '../../../agent/rules/refs';
import { parseState } from '../../../agent/rules/statefile';
import { text } from '../../../agent/rules/texts';
import type { Oid, RefName } from '../../../agent/rules/values';

const runs = { numRuns: 60 };
const bytes = fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some).toString('latin1'));
const oid = fc
  .stringMatching(/^[0-9a-f]{40}$/)
  .filter((value) => !/^0+$/.test(value))
  .map((value) => value as Oid);
/** Names that git takes, with bytes beyond ASCII. */
const refName = fc
  .array(fc.stringMatching(/^[a-z0-9\x80-\xff'"$`;|&!#%{}()<>,=+@-]{1,8}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => `refs/heads/${parts.join('/')}` as RefName)
  .filter(isRefName);
const hostile = fc.oneof(
  bytes,
  fc.string(),
  fc.constantFrom('\u001b[31m', '\u009b', '\u202e', '\n', '\r', '\0', '%s', '../..', '\\x41'),
);

test('an update line is read only when it is whole, and then as it was written', () => {
  fc.assert(
    fc.property(fc.option(oid), fc.option(oid), refName, bytes, (before, after, ref, noise) => {
      const line = printUpdate({ before, after, ref });
      assert.deepEqual(parseUpdate(line), { before, after, ref });
      assert.throws(() => parseUpdate(line.slice(0, 80)));
      assert.throws(() => parseUpdate(`${line} ${noise.replace(/\s/g, '')}`));
      assert.equal(isUpdate(noise), false);
      assert.throws(() => parseOid(noise));
    }),
    runs,
  );
});

test('two ref names never show as one, what is shown can be typed back, and no terminal obeys it', () => {
  fc.assert(
    fc.property(refName, refName, (one, other) => {
      assert.equal(readRef(showRef(one)), one);
      assert.equal(showRef(one) === showRef(other), one === other);
      assert.ok(isPrintable(showRef(one)));
    }),
    runs,
  );
  for (const name of ['refs/heads/\xc2\x9b31m', 'refs/heads/\xe2\x80\xaetxt', 'refs/heads/\xff'])
    assert.deepEqual([readRef(showRef(name)), isPrintable(showRef(name))], [name, true]);
});

test('what is printable stays, and what is not never is', () => {
  fc.assert(
    fc.property(hostile, fc.string(), (words, plain) => {
      for (const line of printable(words + plain).split('\n')) assert.ok(isPrintable(line));
      assert.equal(printable(printable(words)), printable(words));
      assert.deepEqual(allPrintable({ a: [words], b: { c: words }, d: 1, e: null }), {
        a: [printable(words)],
        b: { c: printable(words) },
        d: 1,
        e: null,
      });
      const said = text(
        { texts: {} },
        'declined',
        { url: '', peopleUrl: words, project: words, path: words } as never,
        { reason: words },
      );
      for (const line of said.split('\n')) assert.ok(isPrintable(line));
    }),
    runs,
  );
  assert.equal(printable('gr\u00fc\u00dfe \u65e5\u672c \ud83c\udf89'), 'gr\u00fc\u00dfe \u65e5\u672c \ud83c\udf89');
});

test('whatever git push prints, nothing but exit code 0 is a success, and a cut answer is no refusal of other refs', () => {
  const output = fc
    .array(
      fc.oneof(
        hostile,
        refName.map((ref) => `!\tx:${ref}\t[rejected] (stale info)`),
        refName.map((ref) => `*\tx:${ref}\t[new branch]`),
        fc.constant('Done'),
      ),
      { maxLength: 6 },
    )
    .map((lines) => lines.join('\n'));
  const exit = fc.record({
    code: fc.option(fc.integer({ min: 1, max: 255 })),
    stdout: output,
    stderr: output,
    timedOut: fc.boolean(),
  });
  fc.assert(
    fc.property(exit, fc.nat(), (ended, cut) => {
      const { stdout, stderr } = ended;
      const answer = readPushAnswer(ended);
      assert.notEqual(answer.kind, 'ok');
      const part = readPushAnswer({ ...ended, stdout: stdout.slice(0, cut % (stdout.length + 1)) });
      if (part.kind === 'rejected' && answer.kind === 'rejected')
        for (const ref of [...part.refs.keys()].slice(0, -1)) assert.ok(answer.refs.has(ref));
      for (const line of gitlabWords(stderr).split('\n')) assert.ok(isPrintable(line));
    }),
    runs,
  );
});

test('a state file of any bytes is a state or none', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      assert.equal(parseState(`${one}\ngit-handover-state 1\n${other}`), null);
    }),
    runs,
  );
});
