/** One push to a real repository: where it waits, what happens meanwhile, and what its pusher and the files tell. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive, type ProcessId } from '../../agent/machine/processes';
import type { Repository } from '../../agent/repository/open';
import { leaseEndings } from '../../agent/rules/leasefile';
import type { RefName, Update } from '../../agent/rules/values';
import { putGate, type Gate } from '../git/kit/gate';
import type { Pair } from '../git/kit/pair';
import { until } from '../lab/processes';
import type { GitlabFaults } from './kit/gitlab';
import type { Template } from './kit/template';
import { isWaiting, type LeaseFiles, type PushSeen, type Script, type ShimSetUp } from './shim';

/** What a push on a loaded machine may take, ms. */
export const longMs = 60_000;

export interface Site {
  readonly pair: Pair;
  readonly template: Template;
  readonly faults: GitlabFaults;
  readonly repository: Repository;
  /** Where GitLab notes which leases there were when a request came. */
  readonly arrived: string;
  /** What a pass wrote down of the repository's configuration. */
  readonly facts: Buffer;
  /** Pushes so far. */
  pushes: number;
  /** The processes of the push that runs, as its lease names them. */
  running: PushProcesses | null;
}

interface PushProcesses {
  readonly 'receive-pack': ProcessId;
  readonly hook: ProcessId;
}

export async function push(
  site: Site,
  updates: readonly Update[],
  { at, ...script }: Script & { at: ShimSetUp },
): Promise<PushSeen> {
  site.pushes += 1;
  site.running = null;
  const gate = prepare(site, script);
  const { looks, woke } = watch(site);
  const ours = newLease(site);
  const isHeld = isLive(site.repository);
  const pushing = { isOver: false };
  const ending = startPush(site, updates, script).finally(() => (pushing.isOver = true));
  const visit = async (isThere: () => boolean, meanwhile: () => Promise<void>): Promise<PushSeen['held']> => {
    await until('a push to wait, or to end', () => isThere() || pushing.isOver, longMs);
    if (!isThere()) return null;
    ours();
    const seen = at.leases();
    await meanwhile();
    return seen;
  };
  const held = isHeld
    ? await visit(
        () => isWaiting(ours()),
        () => script.held.run(at),
      )
    : null;
  const { inHook: meanwhile } = script;
  const inHook =
    gate === null || meanwhile === null
      ? null
      : await visit(
          () => gate.isThere(),
          () => meanwhile.run(at),
        );
  gate?.open();
  const { output } = await ending;
  await untilEnded(site);
  return {
    outcome: new Map(updates.map(({ ref }) => [ref, outcomeOf(output, ref)])),
    words: output.replace(/^remote: /gm, ''),
    held,
    inHook,
    atGitlab: fs.existsSync(site.arrived) ? readLeases(site.arrived) : null,
    row: looks(),
    woke: woke(),
  };
}

/** Files as the story wants them; answers the place in the own hook where the push waits. */
function prepare({ pair, facts, pushes, arrived }: Site, { odd, declined, inHook }: Script): HookGate | null {
  fs.rmSync(arrived, { recursive: true, force: true });
  if (odd) fs.rmSync(path.join(pair.state, 'facts'), { force: true });
  else fs.writeFileSync(path.join(pair.state, 'facts'), facts);
  const folder = path.join(pair.old, 'hooks');
  const own = path.join(folder, 'pre-receive');
  fs.rmSync(own, { force: true });
  if (declined) fs.writeFileSync(own, '#!/bin/sh\ncat >/dev/null\necho "our rules" >&2\nexit 1\n', { mode: 0o755 });
  if (declined || inHook === null) return null;
  const mark = `gate-${pushes}`;
  const gate = putGate(pair, folder, 'pre-receive', mark);
  return { open: () => gate.open(), isThere: () => fs.existsSync(path.join(pair.folder, `${mark}.here`)) };
}

type HookGate = Pick<Gate, 'open'> & { isThere(): boolean };

/** From now on: the row that the agent chose last, and whether a pass was woken. */
function watch({ pair }: Site): { looks: () => string | null; woke: () => boolean } {
  const log = path.join(pair.agentFolder, 'log/agent.jsonl');
  const wake = path.join(pair.agentFolder, 'wake', path.basename(pair.state));
  fs.rmSync(wake, { force: true });
  const read = (): Buffer => (fs.existsSync(log) ? fs.readFileSync(log) : Buffer.alloc(0));
  const before = read().length;
  const looks = (): string | null => {
    const lines = read().subarray(before).toString('utf8').split('\n');
    const [last] = lines.filter((line) => line.includes('"push-looked"')).slice(-1);
    return last === undefined ? null : (JSON.parse(last) as { row: string }).row;
  };
  return { looks, woke: () => fs.existsSync(wake) };
}

/** The control file of the lease that comes from now on; it names the processes. */
function newLease(site: Site): () => string {
  const folder = path.join(site.pair.state, 'pushes');
  const known = new Set(readLeases(folder).map(({ id }) => id));
  return () => {
    const lease = readLeases(folder).find(({ id }) => !known.has(id));
    if (lease !== undefined) site.running = processesOf(lease.id);
    return lease?.control ?? '';
  };
}

/** Pushes wait for a hold of ours. */
function isLive({ world, journal }: Repository): boolean {
  const { hold } = journal.state();
  const { boot, uptimeMs } = world.clock.now();
  return hold !== null && hold.id.startsWith(`${process.pid}.`) && hold.boot === boot && hold.endUptimeMs > uptimeMs;
}

function startPush({ pair, template }: Site, updates: readonly Update[], { atomic }: Script): ReturnType<Pair['git']> {
  const specs = updates.map(({ ref, after }) => (after === null ? `:${ref}` : `+${after}:${ref}`));
  return pair.git(template.directory, 'push', '--porcelain', ...(atomic ? ['--atomic'] : []), pair.old, ...specs);
}

/** A hook goes on without its receive-pack. */
async function untilEnded({ running }: Site): Promise<void> {
  if (running !== null)
    await until('the processes of a push to end', () => !Object.values(running).some(isAlive), longMs);
}

/** As `git push --porcelain` tells it. */
function outcomeOf(output: string, ref: RefName): 'ok' | 'refused' | 'cut off' {
  const line = output.split('\n').find((one) => /^[ +*!=-]\t/.test(one) && one.split('\t')[1]?.endsWith(`:${ref}`));
  if (line === undefined || line.includes('remote failure')) return 'cut off';
  return line.startsWith('!') ? 'refused' : 'ok';
}

function processesOf(id: string): PushProcesses {
  const [, pid = '', start = '', hookPid = '', hookStart = ''] = id.split('.');
  return { 'receive-pack': { pid: Number(pid), start }, hook: { pid: Number(hookPid), start: hookStart } };
}

export function readLeases(folder: string): LeaseFiles[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names.filter((name) => /(\.\d+){4}$/.test(name)).map((id) => readLease(folder, id));
}

function readLease(folder: string, id: string): LeaseFiles {
  const read = (ending: string): string => {
    const file = path.join(folder, id + ending);
    return fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : '';
  };
  const processes = processesOf(id);
  return {
    id,
    control: read(''),
    refs: read(leaseEndings.refs),
    landed: read(leaseEndings.landed),
    lives: (['receive-pack', 'hook'] as const).filter((name) => isAlive(processes[name])),
  };
}
