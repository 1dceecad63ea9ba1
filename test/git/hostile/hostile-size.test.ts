/**
 * A repository with very many refs, which anybody who may push can make: it stops no other, and its own pushes go on.
 * The resident's heap is small here, so that fewer refs are too many.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { noConsent, startPair, type Pair, type PairOptions } from '../kit/pair';
import { run } from '../kit/command';
import { packMany } from '../kit/manyrefs';
import { until } from '../../lab/processes';

const refs = 100_000;
const heapMegabytes = 48;
const withinMs = 120_000;

interface Server extends Pair {
  /** Another repository of the same server. */
  readonly small: { readonly old: string; readonly gitlab: string };
  /** The resident's process id; 0 when it is gone. */
  resident(): number;
}

/** Both repositories in `both`, the pair's own with many refs on both sides, and a resident that begins to look. */
async function serverWithMany(t: TestContext, options: PairOptions): Promise<Server> {
  const pair = await startPair(options);
  t.after(() => pair.close());
  const small = await attachSmall(pair);
  for (const to of ['mirror', 'both'] as const) await pair.move(to);
  for (const side of [pair.old, pair.gitlab]) await packMany(pair, side, refs);
  const agent = path.join(pair.agentFolder, 'agent.cjs');
  const ended = run(process.execPath, [`--max-old-space-size=${heapMegabytes}`, agent, 'serve'], {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home') },
  });
  t.after(async () => {
    if (resident() > 0) process.kill(resident(), 'SIGKILL');
    await ended;
  });
  const file = path.join(pair.agentFolder, 'serve.pid');
  const resident = (): number => {
    const pid = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('.')[0]) : 0;
    return pid > 0 && fs.existsSync(`/proc/${pid}/cwd`) ? pid : 0;
  };
  await until('the resident to serve', () => resident() > 0, withinMs);
  return { ...pair, small, resident };
}

async function attachSmall(pair: Pair): Promise<Server['small']> {
  const small = { old: path.join(pair.folder, 'srv/small.git'), gitlab: path.join(pair.folder, 'gitlab/small.git') };
  await pair.must(pair.folder, 'clone', '--quiet', '--bare', pair.old, small.old);
  await pair.must(pair.folder, 'init', '--quiet', '--bare', small.gitlab);
  await pair.must(small.gitlab, 'config', 'receive.advertisePushOptions', 'true');
  const gitlabUrl = pair.config.gitlabUrl.replace(pair.gitlab, small.gitlab);
  const config = { ...pair.config, path: small.old, project: 'team/small', gitlabUrl };
  await pair.call('attach', { config });
  for (const to of ['mirror', 'both'] as const) await pair.call('move', { config, to, consent: noConsent });
  return small;
}

/** Somebody pushes to the other repository's GitLab, and old has it soon. */
async function expectSmallGoesOn(server: Server, name: string): Promise<void> {
  const clone = path.join(server.folder, `small-${name}`);
  await server.must(server.folder, 'clone', '--quiet', server.small.gitlab, clone);
  const oid = await server.commit(clone, name);
  await server.must(clone, 'push', '--quiet', 'origin', 'main');
  const isThere = async (): Promise<boolean> =>
    (await server.must(server.small.old, 'rev-parse', 'main')).trim() === oid;
  await until(`old to follow ${name} of the other repository`, isThere, withinMs);
}

async function statusOf(server: Server): Promise<{ codes: string[]; words: string }> {
  const { faults } = await server.call('status', { paths: [] });
  return {
    codes: faults.map(({ code }) => code),
    words: faults.map(({ message, next }) => `${message} ${next}`).join(' '),
  };
}

async function untilParked(server: Server): Promise<string> {
  await until(
    'status to say that it is parked',
    async () => (await statusOf(server)).codes.includes('parked'),
    withinMs,
  );
  return (await statusOf(server)).words;
}

/** Somebody else was faster at GitLab, and no pass can bring old level. */
async function expectToldAtOnce(server: Server, clone: string): Promise<void> {
  await server.commit(clone, 'C');
  await server.must(clone, 'push', '--quiet', server.gitlab, 'main');
  await server.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await server.commit(clone, 'D');
  const { code, output } = await server.git(clone, 'push', '--quiet', 'origin', 'main');
  assert.equal(code, 1);
  assert.match(output, /brought level with it: it has more refs than this server can look at\./);
}

test('a repository that is too large for its memory is parked, and the others go on', async (t) => {
  const server = await serverWithMany(t, { passMegabytes: 64 });
  const pid = server.resident();
  const words = await untilParked(server);
  assert.match(words, /app\.git level: it is parked since .*old lists 100,00\d refs there \(6\.\d MB\)/);
  assert.match(words, /or set `agent\.passMegabytes` to 256 and run `pulumi up`/);
  await expectSmallGoesOn(server, 'A');
  const clone = await server.clone('old', 'ada');
  const oid = await server.commit(clone, 'B');
  await server.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.equal((await server.must(server.gitlab, 'rev-parse', 'main')).trim(), oid, 'its own pushes need no pass');
  await expectToldAtOnce(server, clone);
  assert.equal(server.resident(), pid, 'the resident is the same process');
  for (const side of [server.old, server.gitlab]) await packMany(server, side, 3);
  await until(
    'parking to end when the number falls',
    async () => (await statusOf(server)).codes.length === 0,
    withinMs,
  );
});

test('a large repository that has room for itself goes on, in a process of its own', async (t) => {
  const server = await serverWithMany(t, { passMegabytes: 256 });
  const pid = server.resident();
  const clone = await server.clone('gitlab', 'ada');
  const oid = await server.commit(clone, 'A');
  await server.must(clone, 'push', '--quiet', 'origin', 'main');
  const isThere = async (): Promise<boolean> => (await server.must(server.old, 'rev-parse', 'main')).trim() === oid;
  await until('old to follow', isThere, withinMs);
  await expectSmallGoesOn(server, 'B');
  assert.deepEqual((await statusOf(server)).codes, []);
  assert.equal(server.resident(), pid, 'the resident is the same process');
});
