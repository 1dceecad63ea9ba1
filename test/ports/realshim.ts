/**
 * The hooks as attach installs them, in a repository to which real git pushes. One pair serves all stories; each begins
 * with the files that an attach leaves. Woken passes do not run: we are the resident, and only see that it is wanted.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { startOf } from '../../agent/machine/processes';
import { openByPath, type Repository } from '../../agent/repository/open';
import { readAgentConfig, writeJson } from '../../agent/repository/place';
import { writeResident } from '../../agent/resident/resident';
import type { Phase } from '../../agent/contract/phase';
import { fenceText } from '../../agent/git/fencevalue';
import { fenceRef, newFence, withLanded, withNext } from '../../agent/rules/fence';
import type { Fence, Hold, Oid, State } from '../../agent/rules/values';
import { kill } from '../git/kit/gate';
import { startPair, type Pair } from '../git/kit/pair';
import { gitlabFaults, serveWithFaults } from './kit/gitlab';
import { empty, git, makeTemplate, oidOf, readRefs, setRef } from './kit/template';
import { longMs, push, readLeases, type Site } from './realpush';
import { noteAllGone, passCode, type HoldKind, type ShimSetUp } from './shim';

export interface RealShims {
  open(): Promise<ShimSetUp>;
  /** Installs a shim with other words in it; answers what installs the right one again. */
  spoil(name: string, words: string, others: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** How long a push tries where that cannot help, ms. */
const shortMs = 300;

export async function startRealShims(): Promise<RealShims> {
  const pair = await startPair();
  await pair.move('mirror');
  await serveWithFaults(pair);
  const at = (name: string): string => path.join(pair.folder, name);
  const arrived = at('arrived');
  const site: Site = {
    pair,
    template: makeTemplate(at('template.git'), at('home')),
    faults: gitlabFaults(pair.gitlab, `rm -rf ${arrived}; cp -r ${path.join(pair.state, 'pushes')} ${arrived}`),
    repository: open(pair),
    arrived,
    facts: fs.readFileSync(path.join(pair.state, 'facts')),
    pushes: 0,
    running: null,
  };
  fs.mkdirSync(path.join(pair.agentFolder, 'wake'), { recursive: true });
  writeResident(pair.agentFolder);
  return {
    open: async () => {
      await begin(site);
      return setUp(site);
    },
    spoil: (name, words, others) => spoil(site, { name, words, others }),
    close: () => pair.close(),
  };
}

/** Hooks give up soon on a look that finds no fence; passes have the time that they need on a loaded machine. */
function open(pair: Pair): Repository {
  const { world } = openByPath(pair.agentFolder, pair.old);
  tryFor(pair, shortMs);
  const repository = openByPath(pair.agentFolder, pair.old);
  return { ...repository, world: { ...world, journal: repository.journal } };
}

async function spoil(
  { pair, repository }: Site,
  { name, words, others }: { name: string; words: string; others: string },
): Promise<() => Promise<void>> {
  const file = path.join(pair.agentFolder, 'shims', name);
  const right = fs.readFileSync(file, 'utf8');
  if (!right.includes(words)) throw new Error(`Cannot spoil ${name}: it does not say ${JSON.stringify(words)}.`);
  const install = async (text: string): Promise<void> => {
    fs.writeFileSync(file, text);
    await repository.world.mendHooks();
  };
  await install(right.replace(words, others));
  return () => install(right);
}

/** Everything that the story before left goes. */
async function begin({ pair, template, faults, repository: { journal, world } }: Site): Promise<void> {
  for (const side of [pair.old, pair.gitlab]) empty(template, side);
  for (const name of ['pushes', 'away', 'dropped', 'sending', 'aside'])
    fs.rmSync(path.join(pair.state, name), { recursive: true, force: true });
  fs.mkdirSync(path.join(pair.state, 'pushes'), { mode: 0o700 });
  faults.gone(false);
  faults.declines(null);
  faults.loseAnswers('never');
  tryFor(pair, longMs);
  journal.forget();
  journal.writeTries({ sent: new Map(), late: new Map(), unanswered: null });
  journal.writeTroubles([]);
  journal.markSkipped(false);
  world.fence.setCopy(null);
  await journal.changeState((state) => ({ ...state, phase: 'old', epoch: 1, hold: null, fence: null }));
}

function setUp(site: Site): ShimSetUp {
  const { pair, template, faults } = site;
  const directories = { old: pair.old, gitlab: pair.gitlab };
  const at: ShimSetUp = {
    ...stateOf(site),
    ...marksOf(site),
    ...agentOf(site.repository),
    oid: (letter) => oidOf(template, letter),
    push: (updates, script) => push(site, updates, { ...script, at }),
    kill: async (victim) => {
      if (site.running !== null) kill(site.running[victim].pid);
    },
    set: async (side, ref, to) => setRef(template, directories[side], ref, to),
    refs: async (side) => readRefs(directories[side]),
    gitlabGone: async (isGone) => {
      tryFor(pair, isGone ? shortMs : longMs);
      faults.gone(isGone);
    },
    declines: async (ref) => faults.declines(ref),
    loseAnswers: async (when) => faults.loseAnswers(when),
    unwritable: async (isUnwritable) => {
      const [from, to] = isUnwritable ? ['pushes', 'away'] : ['away', 'pushes'];
      if (fs.existsSync(path.join(pair.state, from)))
        fs.renameSync(path.join(pair.state, from), path.join(pair.state, to));
    },
    leases: () => ['pushes', 'away'].flatMap((name) => readLeases(path.join(pair.state, name))),
    close: () => Promise.resolve(),
  };
  return at;
}

function stateOf(site: Site): Pick<ShimSetUp, 'state' | 'setPhase' | 'hold' | 'endHold' | 'spoilHold' | 'skipped'> {
  const { pair, repository } = site;
  const { journal } = repository;
  const change = (next: (state: State) => State): Promise<void> => journal.changeState(next).then(() => undefined);
  const hold = (kind: HoldKind): Promise<void> => change((state) => ({ ...state, hold: holdOf(repository, kind) }));
  return {
    state: () => {
      const { phase, epoch, hold } = journal.state();
      return { phase, epoch, isHeld: hold !== null };
    },
    setPhase: async (phase) => {
      if (phase === 'old') journal.forget();
      else if (journal.agreed() === null) journal.writeAgreed(readRefs(pair.gitlab));
      const fence = fenceIn(site, phase);
      await change((state) => ({ ...state, phase, epoch: state.epoch + 1, hold: null, fence }));
    },
    hold,
    endHold: () => change((state) => ({ ...state, hold: null })),
    spoilHold: (how) => hold(how === 'owner' ? 'of a dead owner' : 'over'),
    skipped: async (isSkipped) => journal.markSkipped(isSkipped),
  };
}

/** A repository that is let go of has none; one that had none begins one. */
function fenceIn({ pair, template, repository: { journal, world } }: Site, phase: Phase): Fence | null {
  const { fence } = journal.state();
  if (phase !== 'old' && fence !== null) return { ...fence, gate: false };
  if (fence !== null) markRef(pair, fence, null);
  if (fence !== null || phase === 'old') world.fence.setCopy(null);
  if (phase === 'old') return null;
  const next = world.fence.newValue();
  git(template.home, pair.gitlab, ['hash-object', '-w', '--stdin'], fenceText(next.random));
  const begun = withLanded(withNext(newFence(world.fence.newId()), next), world.clock.now(), 0);
  markRef(pair, begun, begun.last);
  world.fence.setCopy(begun.last);
  return begun;
}

function markRef({ gitlab }: Pair, fence: Fence, value: Oid | null): void {
  const file = path.join(gitlab, fenceRef(fence));
  fs.rmSync(file, { force: true });
  if (value === null) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${value}\n`);
}

function marksOf({ pair, repository }: Site): Pick<ShimSetUp, 'fence' | 'markGitlab' | 'unseen'> {
  const { journal, world } = repository;
  return {
    fence: () => ({ fence: journal.state().fence, copy: world.fence.copy() }),
    markGitlab: async (isThere) => {
      const { fence } = journal.state();
      if (fence !== null) markRef(pair, fence, isThere ? fence.last : null);
    },
    unseen: async () => {
      const unseen = (fence: Fence): Fence => ({ ...fence, seen: null });
      await journal.changeState((now) => (now.fence === null ? null : { ...now, fence: unseen(now.fence) }));
    },
  };
}

function agentOf({ journal, world }: Repository): Pick<ShimSetUp, 'pass' | 'noteGone' | 'troubles' | 'tries'> {
  return {
    pass: () => passCode(world, longMs),
    noteGone: async () => noteAllGone(journal, world),
    troubles: () => journal.troubles(),
    tries: () => journal.tries(),
  };
}

/** How long a push tries to reach GitLab. It looks once: what landed is there when its answer is lost. */
function tryFor({ agentFolder }: Pair, connectMs: number): void {
  const config = readAgentConfig(agentFolder);
  const limits = { ...config.limits, connectMs, lookMs: shortMs };
  writeJson(path.join(agentFolder, 'config.json'), { ...config, limits });
}

function holdOf({ world }: Repository, kind: HoldKind): Hold {
  const { boot, uptimeMs } = world.clock.now();
  const pid = kind === 'of a dead owner' ? spawnSync('true').pid : process.pid;
  return {
    id: `${pid}.${startOf(process.pid) ?? ''}.x`,
    boot: kind === 'of another boot' ? 'another' : boot,
    endUptimeMs: kind === 'over' ? uptimeMs - 2_000 : uptimeMs + longMs,
  };
}
