import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noexecMount } from '../../agent/machine/mounts';

const table = [
  '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '40 27 0:30 / /srv rw,nosuid,noexec,relatime shared:1 - ext4 /dev/vdb rw',
  '41 40 0:31 / /srv/git rw,relatime - ext4 /dev/vdc rw',
  '42 27 0:32 / /my\\040disk/gr\xc3\xbc\xc3\x9fe rw,noexec - ext4 /dev/vdd rw',
  '43 27 0:33 / /twice rw,noexec - ext4 /dev/vde rw',
  '44 43 0:34 / /twice rw - ext4 /dev/vdf rw',
  '',
].join('\n');

for (const [place, mount] of [
  ['/srv/app.git', '/srv'],
  ['/srv', '/srv'],
  ['/srv/git/app.git', null],
  ['/srvlike/app.git', null],
  ['/my disk/grüße/app.git', '/my disk/grüße'],
  ['/twice/app.git', null],
  ['/', null],
] as const) {
  test(`the kernel's table of mounts: programs run from ${place}: ${mount === null ? 'yes' : `no, ${mount} keeps them`}`, () => {
    assert.equal(noexecMount(place, table), mount);
  });
}

test('without a table nothing is known, and nothing is claimed', () => {
  assert.equal(noexecMount('/srv', ''), null);
});
