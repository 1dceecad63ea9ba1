import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { labFolder } from '../lab/folder';
import type { Lab } from '../lab/lab';
import { startRelay } from '../lab/relay';
import { Random } from '../random';
import { done, Fault, type Ground } from './faults/fault';
import { gitlabDamage } from './faults/gitlabdamage';
import { Recorder } from './recorder';
import { plant, refsOf } from './refs';
import { nextTurn, runFaults } from './schedule';

const fault = (name: string, place?: string): Fault => new Fault(name, 0, () => done, place);
const namesOf = (faults: readonly Fault[]): string[] => faults.map(({ name }) => name);

test('faults of one place are never on at once', () => {
  const deck = [fault('one', 'line'), fault('two', 'line'), fault('three'), fault('four')];
  assert.deepEqual(namesOf(nextTurn(deck, 1)), ['one']);
  assert.deepEqual(namesOf(nextTurn(deck, 2)), ['one', 'three']);
  assert.deepEqual(namesOf(nextTurn(deck.slice(0, 2), 2)), ['one']);
});

test('two at once are on together, and what is on for a while stays on for as long as was asked', async () => {
  const told: string[] = [];
  const make = (name: string, holdMs: number): Fault =>
    new Fault(name, holdMs, () => {
      told.push(`${name} on`);
      return () => void told.push(`${name} off`);
    });
  const began = performance.now();
  await runFaults({
    faults: [make('one', 1), make('two', 0)],
    random: Random.stream(1, 'test'),
    forMs: 1,
    graceMs: 10_000,
    atOnce: 2,
    stayMs: 700,
    say: () => undefined,
  });
  assert.deepEqual(told.slice(0, 2).sort(), ['one on', 'two on']);
  assert.deepEqual(told.slice(2).sort(), ['one off', 'two off']);
  assert.ok(performance.now() - began >= 700);
});

/** Both sides have the same repository: one bare repository stands for both. */
async function startGround(t: TestContext): Promise<Ground & { lab: Lab; commit: (ref: string) => string }> {
  const folder = labFolder();
  t.after(() => folder.close());
  const path = join(folder.path, 'app.git');
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@lab.invalid', ...args], {
      cwd: folder.path,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet', '--bare', '--initial-branch=main', path);
  plant(path);
  const relay = await startRelay(() => 1);
  t.after(() => relay.close());
  const gitlab = { misbehave: () => () => undefined, moved: async () => undefined };
  return {
    lab: { gitlab } as unknown as Lab,
    random: Random.stream(1, 'test'),
    recorder: new Recorder(),
    relays: { between: relay, peopleToOld: relay, peopleToGitlab: relay },
    oldRepository: path,
    gitlabRepository: () => path,
    oldSshd: () => 0,
    reboot: async () => undefined,
    mayDamage: () => true,
    commit: (ref) => {
      const value = git('-C', path, 'commit-tree', '-p', 'main', '-m', ref, 'main^{tree}');
      git('-C', path, 'update-ref', ref, value);
      return value;
    },
  };
}

test('GitLab loses refs: each is a fact of the history with what old had of it, and is gone from the disk', async (t) => {
  const ground = await startGround(t);
  const before = refsOf(ground.oldRepository);
  const [loses] = gitlabDamage(ground.lab, ground);
  assert.equal(await loses?.inject(), true);
  const lost = ground.recorder.losses.map(({ update, held }) => [update.ref, update.before, held]);
  assert.ok(lost.length > 0);
  const gone = [...before].filter(([ref]) => !refsOf(ground.oldRepository).has(ref));
  assert.deepEqual(
    lost.sort(),
    gone.map(([ref, value]) => [ref, value, value]),
  );
});

test('GitLab is restored from a backup: refs are what they were, and what came since is gone with its objects', async (t) => {
  const ground = await startGround(t);
  const before = refsOf(ground.oldRepository);
  const restored = gitlabDamage(ground.lab, ground)[1]?.inject();
  const values = [ground.commit('refs/heads/main'), ground.commit('refs/heads/new')];
  assert.equal(await restored, true);
  assert.deepEqual(refsOf(ground.oldRepository), before);
  assert.deepEqual(ground.recorder.losses.map(({ update }) => update.before).sort(), [...values].sort());
  for (const value of values)
    assert.throws(() => execFileSync('git', ['cat-file', '-e', value], { cwd: ground.oldRepository, stdio: 'ignore' }));
});
