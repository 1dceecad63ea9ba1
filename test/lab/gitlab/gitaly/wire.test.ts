import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, textAt } from './wire';

test('messages for Gitaly are written as protobuf has them: nested, empty, longer than one byte can say, with letters beyond ASCII', () => {
  assert.equal(encode({ 1: 'ab' }).toString('hex'), '0a026162');
  assert.equal(encode({ 1: { 2: 'x', 6: '' }, 3: 'à' }).toString('hex'), '0a05120178' + '3200' + '1a02c3a0');
  assert.equal(
    encode({ 2: 'y'.repeat(300) })
      .subarray(0, 3)
      .toString('hex'),
    '12ac02',
  );
  assert.equal(encode({ 16: 'z' }).toString('hex'), '8201017a');
});

test('a text in an answer is found by its number behind others, and is empty where there is none', () => {
  const answer = encode({ 1: 'y'.repeat(70_000), 2: { 1: 'inner' }, 3: 'no' });
  assert.deepEqual([textAt(answer, 3), textAt(answer, 1).length, textAt(answer, 4)], ['no', 70_000, '']);
  assert.throws(() => textAt(Buffer.from('0801', 'hex'), 1), /has no length/);
});
