import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseState, printState } from '../../../agent/rules/statefile';
import type { State } from '../../../agent/rules/values';

const facts = {
  folder: '/srv/ünï/agent',
  node: '/opt/nœud/node',
  url: 'ssh://git@gitlab/x.git',
  ciSkip: true,
  holdMs: 1000,
  leaseMs: 1000,
  connectMs: 1000,
  mirrorAfterRestart: 'take' as const,
  brownouts: [],
};

test('a path that is more than ASCII is read back as it was, and its bytes are those of the file system', () => {
  const state: State = {
    phase: 'both',
    epoch: 7,
    hold: null,
    fence: null,
    directory: '/srv/git/ünï 🎉.git',
    identity: '1:2',
  };
  const written = printState(state, facts);
  assert.deepEqual(parseState(written), state);
  const bytes = Buffer.from(written, 'latin1').toString('utf8');
  for (const line of ['directory /srv/git/ünï 🎉.git', 'folder /srv/ünï/agent', 'node /opt/nœud/node'])
    assert.ok(bytes.split('\n').includes(line), bytes);
});
