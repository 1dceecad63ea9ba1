/** What the control file of a lease says, and what is written into it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../agent/machine/clock';
import { startOf } from '../../agent/machine/processes';
import { leaseFile, readLeases, removeRefused } from '../../agent/repository/leases';
import { endOfSending, leaseFrom, printControl } from '../../agent/rules/leasefile';
import type { Lease } from '../../agent/rules/values';

const now = { boot: 'b', uptimeMs: 2_340 };

function lease(control: string): Lease | 'refused' {
  return leaseFrom({ id: '', boot: 'b', pids: [1], account: null, control, refs: () => '', landed: () => '' }, now);
}

test('the last whole line about it says how far a push has come', () => {
  const stage = (control: string): unknown => (lease(control) as Lease).stage;
  assert.deepEqual(stage(printControl('enter 1.00')), { kind: 'entering' });
  assert.deepEqual(stage(printControl('enter 1.00', 'wait')), { kind: 'waiting' });
  assert.deepEqual(stage(printControl('enter 1.00', 'wait', 'enter 2.00')), { kind: 'entering' });
  assert.deepEqual(stage(printControl('enter 1.00', 'act 3 both', 'from ada at 10.0.0.7', 'updated')), {
    kind: 'acting',
    epoch: 3,
    phase: 'both',
  });
  assert.deepEqual(stage(`${printControl('enter 1.00')}wait`), { kind: 'entering' });
  assert.equal(lease(printControl('enter 1.00', 'refused')), 'refused');
});

test('the end of a client is told of what was sent and not answered, also after a line that was cut short', () => {
  const sent = printControl('enter 1.00', 'act 3 both', 'sent 1.50');
  const after = lease(sent + endOfSending(sent, now)) as Lease;
  assert.deepEqual([after.gone, after.sent], [true, now]);
  const cut = `${sent}answ`;
  assert.deepEqual((lease(cut + endOfSending(cut, now)) as Lease).answered, false);
  assert.equal((lease(cut + endOfSending(cut, now)) as Lease).gone, true);
  assert.equal(endOfSending(printControl('enter 1.00'), now), '');
  assert.equal(endOfSending(`${sent}${printControl('answered')}`, now), '');
  assert.equal(endOfSending('sent 1.5', now), '');
});

test('reading leases takes nothing away; what a refused push left goes when a pass asks for it, and not while it lives', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gh-leases-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const { boot } = systemClock.now();
  const living = `${boot}.${process.pid}.${startOf(process.pid) ?? ''}.1.1`;
  const dead = '0-0.1.1.1.1';
  for (const id of [living, dead]) fs.writeFileSync(path.join(folder, id), printControl('enter 1.00', 'refused'));
  fs.writeFileSync(path.join(folder, `${dead}.refs`), '');
  assert.deepEqual(readLeases(folder, systemClock.now()), []);
  assert.equal(fs.readdirSync(folder).length, 3);
  removeRefused(folder, systemClock.now());
  assert.deepEqual(fs.readdirSync(folder), [living]);
});

test('what is sent is on disk before: the line that says so, the records that explain it, and their names', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gh-leases-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'lease');
  for (const name of [file, `${file}.refs`]) fs.writeFileSync(name, '');
  const flushed: string[] = [];
  const { fsyncSync } = fs;
  t.mock.method(fs, 'fsyncSync', (descriptor: number) => {
    flushed.push(path.basename(fs.readlinkSync(`/proc/self/fd/${descriptor}`)));
    fsyncSync(descriptor);
  });
  leaseFile(file).note('sent 1.00', true);
  assert.deepEqual(flushed.sort(), ['lease', 'lease.refs', path.basename(folder)].sort());
  fs.rmSync(`${file}.refs`);
  assert.throws(() => leaseFile(file).note('sent 2.00', true), /lease\.refs is not there/);
  leaseFile(file).note('answered', false);
});
