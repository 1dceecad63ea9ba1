import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitFaults, programFaults, systemFaults } from '../../agent/install/setup';

function codes(faults: readonly { code: string; next: string }[]): string[] {
  return faults.map(({ code, next }) => `${code}${next === '' ? ' without a next step' : ''}`);
}

test('a git without several transactions in one session is refused', () => {
  assert.deepEqual(codes(gitFaults('2.29.3')), ['old-git']);
  assert.deepEqual(codes(gitFaults('1.8.3.1')), ['old-git']);
  assert.deepEqual(codes(gitFaults('')), ['old-git']);
  for (const version of ['2.30.0', '2.39.5', '2.100.1', '3.0']) assert.deepEqual(gitFaults(version), [], version);
});

test('a server that is no Linux, or whose Node is too old, is refused', () => {
  assert.deepEqual(codes(systemFaults('linux', '16.0.0')), []);
  assert.deepEqual(codes(systemFaults('linux', '14.21.3')), ['old-node']);
  assert.deepEqual(codes(systemFaults('freebsd', '20.1.0')), ['not-linux']);
});

test('missing programs are named all at once', () => {
  const [fault] = programFaults((program) => !['flock', 'xargs'].includes(program));
  assert.match(fault?.message ?? '', /flock, xargs are missing/);
  assert.deepEqual(
    programFaults(() => true),
    [],
  );
});
