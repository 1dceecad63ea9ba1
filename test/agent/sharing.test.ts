import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { parseRequest } from '../../agent/hook/askwords';
import { appendPlain, readPlain, replaceFile } from '../../agent/machine/files';
import { leaseFrom } from '../../agent/rules/leasefile';
import { openRoom } from '../../agent/contract/room';
import { parseSharing } from '../../agent/repository/sharing';

test('core.sharedRepository is read as git reads it', () => {
  assert.deepEqual(['', '0', 'false', 'umask', '0644', '0640', '0700'].map(parseSharing), Array(7).fill('nobody'));
  assert.deepEqual(
    ['1', 'true', 'group', 'all', 'world', 'everybody', '2', '0660', '0664'].map(parseSharing),
    Array(9).fill('group'),
  );
  assert.equal(parseSharing('0666'), 'everybody');
});

test('a request names one lease and one repository, and nothing that leads elsewhere', () => {
  const good = { state: 'app-0123456789', lease: 'abc-1.1.2.3.4', what: 'push', quarantine: null };
  assert.deepEqual(parseRequest(JSON.stringify(good)), good);
  for (const bad of [
    { state: '..' },
    { state: 'a/b' },
    { lease: '../x.1.2.3.4' },
    { lease: 'a.1.2.3.4.refs' },
    { what: 'look-0' },
    { quarantine: 1 },
  ])
    assert.equal(parseRequest(JSON.stringify({ ...good, ...bad })), null);
  assert.equal(parseRequest('null'), null);
});

test('whose push it was: the account, the key as ssh-keygen shows it, the address', () => {
  const from = (account: string | null, control: string): string | null | undefined => {
    const lease = leaseFrom(
      { id: 'x', boot: 'b', pids: [], account, control, refs: () => '', landed: () => '' },
      { boot: 'b', uptimeMs: 0 },
    );
    return lease === 'refused' ? undefined : lease.from;
  };
  const key = 'key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n';
  assert.equal(from(null, 'enter 1.00\n'), null);
  assert.equal(from(null, 'enter 1.00\nfrom ada at 10.0.0.7\n'), 'ada at 10.0.0.7');
  assert.equal(from('ada', 'enter 1.00\nfrom 10.0.0.7\n'), 'ada at 10.0.0.7');
  assert.match(
    from(null, `enter 1.00\nfrom 10.0.0.7\n${key}`) ?? '',
    /^somebody with the key SHA256:[A-Za-z0-9+/]{43} at 10\.0\.0\.7$/,
  );
});

test('files that others may have made: no link is followed, no pipe waited for', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gh-plain-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const [secret, link] = [path.join(folder, 'secret'), path.join(folder, 'link')];
  fs.writeFileSync(secret, 'mine\n');
  fs.symlinkSync(secret, link);
  assert.equal(readPlain(link), null);
  assert.throws(() => appendPlain(link, 'theirs\n', false));
  fs.symlinkSync(secret, `${path.join(folder, 'state')}.${process.pid}.draft`);
  replaceFile(path.join(folder, 'state'), 'new\n');
  assert.equal(fs.readFileSync(secret, 'utf8'), 'mine\n');
  assert.equal(readPlain(path.join(folder, 'state')), 'new\n');
});

test('a room lets in so many, the others in their order, and nobody for ever', async () => {
  const room = openRoom(1);
  const leave = await room.take(10);
  assert.ok(leave);
  assert.equal(await room.take(10), null);
  const next = room.take(1_000);
  leave();
  leave();
  assert.ok(await next);
  assert.equal(await room.take(10), null);
});
