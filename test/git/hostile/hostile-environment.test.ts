/** What a pusher's own environment says to the hooks. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { tools } from '../../lab/toolchain';
import { putGate } from '../kit/gate';
import { pairIn } from '../kit/pair';

test('a pusher who names another file for the boot id still has a lease of this boot, which a change of phase waits for', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const file = path.join(pair.folder, 'made-up');
  fs.writeFileSync(file, '00000000-0000-4000-8000-00000000000a\n');
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'gate');
  const clone = await pair.clone('old', 'eve');
  await pair.commit(clone, 'A');
  const program = `--receive-pack=env GIT_HANDOVER_BOOT_ID_FILE=${file} git-receive-pack`;
  const push = pair.git(clone, 'push', program, 'origin', 'main');
  await gate.arrived();
  const [lease = ''] = fs.readdirSync(path.join(pair.state, 'pushes'));
  gate.open();
  assert.equal((await push).code, 0);
  assert.ok(lease.startsWith(fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()), lease);
});

test('what goes to old knows no variable of the lab', () => {
  const { agentBundle, shims } = tools();
  for (const file of [agentBundle, ...fs.readdirSync(shims).map((name) => path.join(shims, name))])
    assert.ok(!fs.readFileSync(file, 'utf8').includes('BOOT_ID_FILE'), file);
});
