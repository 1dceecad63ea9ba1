/**
 * The background scan: one repository at a time, slowly, in a process of its own that the timer starts. It only reads,
 * and takes no lock of the repository. A kill costs at most what was read since the last note.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { agentWords } from '../contract/commands';
import { asFault } from '../contract/errors';
import { systemClock } from '../machine/clock';
import { runCommand } from '../machine/command';
import {
  forgetScanAsked,
  isScanAsked,
  readDamage,
  readRound,
  writeDamage,
  writeRound,
  type Damage,
  type Round,
} from '../repository/damage';
import { readIfThere } from '../machine/files';
import { takeLock } from '../machine/flock';
import { openLog } from '../machine/log';
import { checkDerived, checkLoose, checkPack, type Finding, type Step } from '../objects/objectcheck';
import { isDerivedWhole, isLooseWhole, listObjectFiles } from '../objects/objectfiles';
import { phaseTable } from '../contract/phase';
import { attachedFolders, readAgentConfig } from '../repository/place';
import { openRepository, type Repository } from '../repository/open';
import { parseState } from '../rules/statefile';
import { ageMs } from '../rules/time';
import { findMissing, splitByCompleteness } from '../git/walk';

const scanHoursDefault = 24;
const megabytesPerSecondDefault = 20;
/** One process works so long, then the next tick starts another, ms. */
const stepMs = 50_000;
/** Between two notes of how far a pack was read, ms. */
const noteMs = 1_000;

/**
 * The state folder whose turn it is; null when no repository is due. Unfinished rounds first, then the one that was
 * looked at longest ago.
 */
export function dueRepository(folder: string): string | null {
  const hours = readAgentConfig(folder).scanHours ?? scanHoursDefault;
  if (hours === 0) return null;
  const due = attachedFolders(folder)
    .filter(isScanned)
    .map((state) => ({ state, at: turnOf(state, hours) }))
    .filter(({ at }) => at !== null);
  return due.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))[0]?.state ?? null;
}

/** Where GitLab has a copy. In `old` the disk is better spent on the first copy, which reads everything anyway. */
function isScanned(state: string): boolean {
  const phase = parseState(readIfThere(path.join(state, 'state')) ?? '')?.phase ?? 'old';
  return phase === 'mirror' || phaseTable[phase].toOld;
}

/** Null: not due. Smaller is earlier. */
function turnOf(state: string, hours: number): number | null {
  const round = readRound(state);
  if (round === null) return 1;
  if (round.finished === null) return 0;
  if (isScanAsked(state)) return 1;
  const finished = Date.parse(round.finished);
  const { finishedAt } = round;
  const now = systemClock.now();
  // Of another boot, or of an older version, only the clock knows; one that stood ahead must not end all rounds.
  const sinceMs = finishedAt?.boot === now.boot ? ageMs(now, finishedAt) : Date.now() - finished;
  return sinceMs >= hours * 3600_000 || sinceMs < 0 ? finished : null;
}

/** What the tick does: it never waits for a scan. */
export function startScan(folder: string): void {
  if (dueRepository(folder) === null) return;
  const child = spawn(process.execPath, agentWords(folder, 'scan'), {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', (error) => openLog(folder, {}).write('scan-failed', { words: error.message }));
  child.unref();
}

/** One step of the repository whose turn it is; only one scan runs on a server. */
export async function scan(folder: string): Promise<void> {
  const lock = await takeLock(path.join(folder, 'scan.lock'), 0);
  if (lock === null) return;
  try {
    const state = dueRepository(folder);
    if (state === null) return;
    await beModest();
    const megabytes = readAgentConfig(folder).scanMegabytesPerSecond ?? megabytesPerSecondDefault;
    await scanStep(openRepository(folder, state), { pace: paced(megabytes * 1e6), isOver: within(stepMs) });
  } finally {
    lock.release();
  }
}

/** Children inherit both. ionice is not everywhere, and not every disk scheduler heeds it. */
async function beModest(): Promise<void> {
  os.setPriority(19);
  await runCommand('ionice', ['-c', '3', '-p', String(process.pid)]);
}

function within(ms: number): () => boolean {
  const start = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - start) / 1e6 >= ms;
}

function paced(bytesPerSecond: number): Step['pace'] {
  const start = process.hrtime.bigint();
  let read = 0;
  return async (bytes) => {
    read += bytes;
    const aheadMs = (read / bytesPerSecond) * 1000 - Number(process.hrtime.bigint() - start) / 1e6;
    if (aheadMs > 20) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  };
}

async function scanStep(repository: Repository, step: Step): Promise<void> {
  const { state, hooks, world } = repository;
  const objects = path.join(hooks.directory, 'objects');
  let round = readRound(state);
  if (round === null || round.finished !== null) {
    forgetScanAsked(state);
    round = { began: world.clock.wall(), finished: null, done: [], open: null, findings: [] };
  }
  writeRound(state, round);
  for (let part = nextPart(objects, round); part !== null && !step.isOver(); part = nextPart(objects, round)) {
    const after: Round = await scanPart(repository, objects, round, { part, step });
    writeRound(state, after);
    if (after.findings.length > round.findings.length) showEarly(repository, after);
    round = after;
  }
  if (nextPart(objects, round) === null) await finishRound(repository, round);
}

/** A round may take a day: what it finds is shown at once, beside what was known before. */
function showEarly({ state, world }: Repository, { findings }: Round): void {
  const before = (readDamage(state)?.findings ?? []).filter(
    (known) => !findings.some(({ name }) => name === known.name),
  );
  writeDamage(state, { findings: [...before, ...findings], refs: null }, world.clock.wall());
}

function nextPart(objects: string, { done }: Round): string | null {
  const { looseFolders, packs } = listObjectFiles(objects);
  const parts = [
    'derived',
    ...looseFolders.map((name) => `loose/${name}`),
    ...packs.map((name) => `pack/${name}`),
    'walk',
  ];
  return parts.find((part) => !done.includes(part)) ?? null;
}

interface Turn {
  readonly part: string;
  readonly step: Step;
}

async function scanPart(repository: Repository, objects: string, round: Round, { part, step }: Turn): Promise<Round> {
  if (part.startsWith('pack/')) return scanPack(objects, round, { part, step });
  const found =
    part === 'derived'
      ? checkDerived(objects)
      : part === 'walk'
        ? await walk(repository, round)
        : await checkLoose(objects, part.slice('loose/'.length), step);
  return { ...round, done: [...round.done, part], findings: [...round.findings, ...found] };
}

/** Notes how far it came, so that a kill in a large pack does not begin it again. */
async function scanPack(objects: string, round: Round, { part, step }: Turn): Promise<Round> {
  const from = round.open?.part === part ? round.open.next : 0;
  const soon = within(noteMs);
  const { findings, next } = await checkPack(objects, part.slice('pack/'.length), from, {
    pace: step.pace,
    isOver: () => soon() || step.isOver(),
  });
  const all = [...round.findings, ...findings];
  return next === null
    ? { ...round, done: [...round.done, part], open: null, findings: all }
    : { ...round, open: { part, next }, findings: all };
}

async function walk({ hooks }: Repository, { findings }: Round): Promise<Finding[]> {
  const missing = await findMissing({ ...hooks, quarantine: {} });
  if (missing.oids.length > 0)
    return missing.oids.map((oid) => ({ kind: 'missing', name: oid, objects: [oid], words: `${oid} is missing` }));
  // What stopped git is known already, or git says it itself.
  return missing.broken && findings.length === 0
    ? [{ kind: 'missing', name: 'walk', objects: [], words: missing.words }]
    : [];
}

async function finishRound(repository: Repository, round: Round): Promise<void> {
  const { state, hooks, world } = repository;
  const findings: Finding[] = [];
  for (const finding of round.findings)
    if (await isStillTrue(path.join(hooks.directory, 'objects'), finding)) findings.push(finding);
  if (findings.length > 0) {
    writeDamage(state, { findings, refs: await lackingRefs(repository) }, world.clock.wall());
    world.log.write('damage-found', { findings: findings.map(({ words }) => words) });
  } else writeDamage(state, null, world.clock.wall());
  writeRound(state, { ...round, finished: world.clock.wall(), finishedAt: world.clock.now() });
}

/** Null: too many to say which. A round that cannot end would keep every other repository from being read. */
async function lackingRefs({ hooks, world }: Repository): Promise<Damage['refs']> {
  const old = await world.git.oldSide().catch((error: unknown) => {
    if (asFault(error).code === 'too-many-refs') return null;
    throw error;
  });
  if (old === null) return null;
  const split = await splitByCompleteness({ ...hooks, quarantine: {} }, old.refs);
  return split.unknown.size > 0 ? null : [...split.lacking].map(([ref, value]) => ({ ref, value }));
}

/** A round is long: a repair, or git itself, may have replaced what was bad. */
async function isStillTrue(objects: string, { kind, name }: Finding): Promise<boolean> {
  if (kind === 'loose') return !(await isLooseWhole(objects, name));
  if (kind === 'derived') return !isDerivedWhole(path.join(objects, name));
  return (
    kind === 'missing' ||
    ['pack', 'idx'].some((ending) => fs.existsSync(path.join(objects, name.replace(/pack$/, ending))))
  );
}
