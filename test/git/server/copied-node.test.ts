/** A Node in the agent's folder, as the stacks copy it: a newer one is renamed over it, or another takes its place. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { startProcess, until } from '../../lab/processes';
import { callAgent } from '../kit/agent';
import { untilLevel } from '../kit/ending';
import { noConsent, startPair, type Pair } from '../kit/pair';

const withinMs = 60_000;

function pidOf({ agentFolder }: Pair): number {
  const file = path.join(agentFolder, 'serve.pid');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('.')[0]) : 0;
}

/** What the resident runs; null where none lives. */
function programOf(pair: Pair): string | null {
  try {
    return fs.readlinkSync(`/proc/${pidOf(pair)}/exe`);
  } catch {
    return null;
  }
}

function nodeOf({ agentFolder }: Pair): string {
  return path.join(agentFolder, 'node');
}

function surroundings({ folder }: Pair): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: path.join(folder, 'home') };
}

/** As `pulumi up` does it. */
function putNode(pair: Pair): void {
  fs.copyFileSync(process.execPath, `${nodeOf(pair)}.new`, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(`${nodeOf(pair)}.new`, 0o755);
  fs.renameSync(`${nodeOf(pair)}.new`, nodeOf(pair));
}

async function servedByCopy(t: TestContext): Promise<Pair> {
  const pair = await startPair();
  putNode(pair);
  const serving = startProcess(nodeOf(pair), [path.join(pair.agentFolder, 'agent.cjs'), 'serve'], {
    env: surroundings(pair),
    cwd: '/',
  });
  t.after(async () => {
    if (programOf(pair) !== null) process.kill(pidOf(pair), 'SIGKILL');
    await serving.stop();
    await pair.close();
  });
  await until('the resident to serve', () => programOf(pair) === nodeOf(pair), withinMs);
  return pair;
}

test('a newer Node is renamed over the one that runs: the next resident runs it, and no push is missed', async (t) => {
  const pair = await servedByCopy(t);
  await pair.move('mirror');
  const before = pidOf(pair);
  const clone = await pair.clone('old', 'ada');
  putNode(pair);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A', withinMs);
  const isNext = (): boolean => pidOf(pair) !== before && programOf(pair) === nodeOf(pair);
  await until('a resident on the newer Node', isNext, withinMs);
});

test('a Node that is gone ends no resident: nothing could follow it', async (t) => {
  const pair = await servedByCopy(t);
  await pair.move('mirror');
  fs.rmSync(nodeOf(pair));
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A', withinMs);
  assert.equal(programOf(pair), `${nodeOf(pair)} (deleted)`);
});

test('setting up with another Node lets the resident go, and takes the copied one away once nothing runs it', async (t) => {
  const pair = await servedByCopy(t);
  const installed = await pair.call('installed', {});
  assert.ok(installed);
  await pair.call('setup', { config: installed.config });
  await until('the resident to go', () => programOf(pair) === null, withinMs);
  await pair.call('setup', { config: installed.config });
  assert.equal(fs.existsSync(nodeOf(pair)), false);
});

test('hooks that name another Node than ours are not as they should be, and attaching mends that', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  const current = async (env: NodeJS.ProcessEnv): Promise<boolean | undefined> => {
    const request = { repositories: [{ config: pair.config, to: null, consent: noConsent }] };
    return (await callAgent(pair.agentFolder, 'inspect', request, { ...surroundings(pair), ...env })).repositories[0]
      ?.current;
  };
  assert.equal(await current({}), true);
  // A preview by a Node that goes again: what counts is the one that will stay.
  const lasting = { GIT_HANDOVER_NODE: nodeOf(pair) };
  assert.equal(await current(lasting), false);
  await callAgent(pair.agentFolder, 'attach', { config: pair.config }, { ...surroundings(pair), ...lasting });
  assert.deepEqual([await current(lasting), await current({})], [true, false]);
  assert.match(fs.readFileSync(path.join(pair.state, 'state'), 'utf8'), new RegExp(`^node ${nodeOf(pair)}$`, 'm'));
});
