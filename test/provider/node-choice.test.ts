/** Which Node runs the agent on old, by what one command saw there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HandoverError } from '../../agent/contract/errors';
import { type Choice, chooseNode } from '../../stacks/provider/node/choose';
import { parseSeen } from '../../stacks/provider/node/seen';
import { programs } from '../lab/programs';

const server = { host: 'old', port: 22, user: 'git', hostKeys: [], folder: '~/.git-handover' };
const debian = [
  'machine x86_64',
  'library glibc 2.36',
  'disk /dev/sda1 1000 400 600000 40% /',
  'mount rw,relatime',
  'gzip',
];

function choose(setting: string, ...lines: readonly string[]): Choice {
  return chooseNode({ ...server, node: setting }, parseSeen(`${lines.join('\n')}\n`));
}

function pin(...lines: readonly string[]): string {
  const choice = choose('push', ...lines);
  assert.equal(choice.kind, 'copy');
  return choice.pin;
}

function refused(code: string, words: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof HandoverError, String(thrown));
    assert.equal(thrown.fault.code, code);
    assert.match(thrown.message, words);
    return true;
  };
}

test('auto takes a Node on PATH from 16 on, and copies one where there is none, or an older one', () => {
  assert.deepEqual(choose('auto', 'node v16.0.0', ...debian), { kind: 'there', program: 'node' });
  const copied = { kind: 'copy', pin: 'linux-x64-24' };
  assert.deepEqual(choose('auto', 'node v14.21.3', ...debian), { ...copied, why: 'the one on PATH is 14.21.3' });
  const none = { ...copied, why: 'there is none on PATH' };
  assert.deepEqual(choose('auto', 'node sh: 1: node: not found', ...debian), none);
  // Debian had another program of this name.
  assert.deepEqual(choose('auto', 'node axnode 1.0', ...debian), none);
});

test('push copies one whatever is there; a program that is named is taken, and nothing else', () => {
  assert.equal(choose('push', 'node v24.0.0', ...debian).kind, 'copy');
  assert.deepEqual(choose('/opt/node', 'node v18.1.0'), { kind: 'there', program: '/opt/node' });
  assert.throws(() => choose('/opt/node', 'node v14.21.3'), refused('old-node', /needs Node 16 .* finds 14\.21\.3/));
  assert.throws(() => choose('node', 'node sh: 1: node: not found'), refused('no-node', /node: not found/));
});

test("the server's processor and C library say which one it can run", () => {
  assert.equal(pin('machine aarch64', 'library glibc 2.36'), 'linux-arm64-24');
  assert.equal(pin('machine x86_64', 'library glibc 2.28'), 'linux-x64-24');
  assert.equal(pin('machine x86_64', 'library glibc 2.27'), 'linux-x64-16');
  assert.equal(pin('machine x86_64', 'library glibc 2.17'), 'linux-x64-16');
  assert.equal(
    pin('machine x86_64', 'library GNU C Library (GNU libc) stable release version 2.17, by Roland McGrath et al.'),
    'linux-x64-16',
  );
  assert.equal(
    pin('machine x86_64', 'library GNU C Library (Ubuntu GLIBC 2.31-0ubuntu9.9) stable release version 2.31.'),
    'linux-x64-24',
  );
  assert.equal(pin('machine x86_64', 'library glibc 3.0'), 'linux-x64-24');
  assert.equal(pin('machine x86_64', 'library'), 'linux-x64-16');
});

test('a processor or a C library that no Node of ours runs on is refused in one sentence', () => {
  assert.throws(() => pin('machine armv7l', 'library glibc 2.36'), refused('node-machine', /it is armv7l\.$/));
  const library = (words: string): RegExp => new RegExp(`its C library is ${words}, and Node needs glibc 2\\.17`);
  assert.throws(() => pin('machine x86_64', 'library glibc 2.12'), refused('node-library', library('glibc 2\\.12')));
  assert.throws(() => pin('machine x86_64', 'library', 'musl'), refused('node-library', library('musl')));
});

test('room, noexec and the copy that is there are read from what df, findmnt and sha256sum print', () => {
  const seen = parseSeen(
    [
      'disk /dev/mapper/vg--old srv 10240 9000 1240 88% /srv old',
      'mount rw,noexec',
      `copied ${'a'.repeat(64)}  -`,
    ].join('\n'),
  );
  assert.deepEqual([seen.freeKib, seen.noexec, seen.copied], [1240, true, 'a'.repeat(64)]);
  const other = parseSeen('disk \nmount rw,exec\ncopied ');
  assert.deepEqual([other.freeKib, other.noexec, other.copied], [null, false, null]);
});

test('each Node that may be chosen is pinned', () => {
  const lock = JSON.parse(readFileSync(join(__dirname, '../../scripts/node/package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  const chosen = ['x86_64', 'aarch64'].flatMap((machine) =>
    ['2.17', '2.28'].map((version) => pin(`machine ${machine}`, `library glibc ${version}`)),
  );
  for (const name of chosen) assert.match(lock.packages[`node_modules/${name}`]?.integrity ?? '', /^sha512-/, name);
});

test('the page of what old needs names the programs that a bare server has in the tests, and no other', () => {
  const page = readFileSync(join(__dirname, '../../docs/operate/prepare.md'), 'utf8');
  const table = /### Programs on old\n[^#]*?\|---\|---\|\n((?:\|.*\n)+)/.exec(page)?.[1] ?? '';
  const named = [...table.matchAll(/`([^`]+)`/g)].flatMap(([, words = '']) => words.split(' '));
  assert.deepEqual(named, Object.values(programs).flat());
});
