/**
 * The verb `repair`: brings back what GitLab and the records of old still have, keeps what was damaged, and says what
 * is lost.
 */
import * as path from 'node:path';
import type { Verbs } from '../contract/verbs';
import { forgetScanAsked, writeDamage } from '../repository/damage';
import { noteDecision } from '../repository/decisions';
import { faults } from '../contract/faults/catalogue';
import { dropGoodCopy } from './goodcopy';
import { shortOid, isSynced, showRef } from '../rules/refs';
import { quote } from '../contract/shellword';
import { takeLock } from '../machine/flock';
import { phaseTable } from '../contract/phase';
import type { Lost } from '../rules/refplan';
import { applyRepair, checkRepaired, showRefs, type Applied } from './apply';
import { surveyDamage, type Survey } from './survey';
import { openByPath, type Repository } from '../repository/repository';
import { rebuildState } from './rebuild';
import { whoHas } from './whohas';

type Request = Verbs['repair']['request'];
type Result = Verbs['repair']['result'];

export async function repair(folder: string, request: Request, say: (text: string) => void): Promise<Result> {
  if (request.apply && request.who.trim() === '') throw faults.who({ what: 'repair' });
  if (request.state !== undefined) return rebuildState(folder, { ...request, ...request.state }, say);
  const repository = openByPath(folder, request.path);
  requireCopy(repository);
  const guard = await takeLock(path.join(repository.state, 'repair.lock'), 0);
  if (guard === null) throw faults.repairing({ path: request.path });
  try {
    const survey = await surveyDamage(repository, say);
    return await repairSurveyed(repository, request, survey);
  } finally {
    dropGoodCopy(repository.hooks.directory);
    guard.release();
  }
}

function requireCopy({ config, journal }: Repository): void {
  const { phase } = journal.state();
  if (phase === 'mirror' || phaseTable[phase].toOld) return;
  throw faults.noCopy({ path: config.path, phase });
}

async function repairSurveyed(repository: Repository, request: Request, survey: Survey): Promise<Result> {
  const { world } = repository;
  if (isHealthy(repository, survey)) {
    writeDamage(repository.state, null, world.clock.wall());
    throw faults.notDamaged({ path: request.path });
  }
  // Asked before a pass forgets the records.
  const lost = await lostLines(repository, survey, survey.plan.lost);
  const found = foundLines(survey);
  if (!request.apply)
    return { text: [...found, ...wouldLines(repository, survey), ...lost].join('\n'), applied: false };
  const applied = await applyUnderLock(repository, request, survey);
  // A whole walk: passes need not wait for it.
  const whole = await noteOutcome(repository);
  return { text: [...found, ...doneLines(survey, applied, whole), ...lost].join('\n'), applied: true };
}

async function applyUnderLock(
  repository: Repository,
  { path: repositoryPath, who }: Request,
  survey: Survey,
): Promise<Applied> {
  const { folder, journal, world } = repository;
  const lock = await journal.lock(world.limits.holdMs);
  if (lock === null)
    throw faults.busy({ what: `repair ${repositoryPath}`, waitedMs: world.limits.holdMs, again: 'Try again' });
  try {
    noteDecision(folder, { what: 'repair', repository: repositoryPath, who, facts: factsOf(survey) });
    return await applyRepair(repository, survey, lock);
  } finally {
    lock.release();
  }
}

/** Refs that only differ are a pass's, not ours. */
function isHealthy({ journal }: Repository, { findings, raw, headWhole, plan, missing }: Survey): boolean {
  const differs = journal.state().phase === 'mirror' && plan.restored.length > 0;
  return (
    findings.length === 0 &&
    raw.broken.length === 0 &&
    raw.badLines.length === 0 &&
    headWhole &&
    missing.length === 0 &&
    plan.lost.length === 0 &&
    !differs
  );
}

const linesMax = 20;

function some(lines: readonly string[]): string[] {
  return lines.length > linesMax ? [...lines.slice(0, linesMax), `  and ${lines.length - linesMax} more`] : [...lines];
}

function foundLines({ findings, raw, headWhole, missing }: Survey): string[] {
  const files = some(findings.map(({ words }) => `  ${words}`));
  const refs = raw.broken.map((ref) => `  ${showRef(ref)} cannot be read`);
  const packed = raw.badLines.length === 0 ? [] : [`  packed-refs: ${raw.badLines.length} lines cannot be read`];
  const gone =
    missing.length === 0
      ? []
      : [`  ${missing.length} objects that refs need are missing, such as ${missing.slice(0, 3).join(', ')}`];
  return [
    'Damaged on old:',
    ...files,
    ...refs,
    ...packed,
    ...(headWhole ? [] : ['  HEAD cannot be read']),
    ...gone,
    ...(files.length + refs.length + packed.length + gone.length === 0 && headWhole
      ? ['  refs that went back or are gone']
      : []),
  ];
}

function restoredLines(survey: Survey): string[] {
  return some(
    survey.plan.restored.map(
      ({ ref, before, after }) => `  ${showRef(ref)}: ${shortOid(before)} becomes ${shortOid(after)} again`,
    ),
  );
}

function wouldLines({ journal }: Repository, survey: Survey): string[] {
  const { phase } = journal.state();
  const refs =
    phase === 'mirror'
      ? restoredLines(survey)
      : ["  refs: GitLab's values, by a pass; what old had beside them goes to the attic"];
  return [
    `Would come back, from GitLab and from what old can still read:`,
    `  objects: ${survey.coming.filter((name) => !name.endsWith('.idx')).length} new files`,
    ...refs,
    'Would be kept below git-handover-damaged/ in the repository: all that is damaged, and the refs as they are.',
  ];
}

function doneLines(survey: Survey, { aside, plan, failed }: Applied, whole: boolean): string[] {
  const moved = failed.length === 0 ? [] : [`Changed meanwhile and left alone: ${showRefs(failed)}`];
  const end = whole
    ? 'Everything that the refs need is here now.'
    : 'Objects are still missing; see below, and `npm run status`.';
  return [
    'Brought back, from GitLab and from what old could still read:',
    `  objects: ${survey.coming.filter((name) => !name.endsWith('.idx')).length} new files`,
    ...restoredLines({ ...survey, plan }),
    ...moved,
    `Kept: ${aside}`,
    end,
  ];
}

/** Names the value, who has it, and what they type. */
async function lostLines(repository: Repository, { gitlab, copy }: Survey, lost: readonly Lost[]): Promise<string[]> {
  const { config, journal, world } = repository;
  const leases = journal.leases();
  const lines: string[] = [];
  for (const { ref, value, named } of lost.slice(0, linesMax)) {
    const other = gitlab.get(ref) ?? null;
    lines.push(
      `  ${showRef(ref)} at ${value}: ${await whoHas({ leases, clock: world.clock, place: copy.place }, value)}`,
      `    ${nextFor(config.path, { ref, value, named }, { phase: journal.state().phase, gitlab: shortOid(other), synced: isSynced(ref, config.namespaces) })}`,
    );
  }
  return lines.length === 0 ? [] : ['Cannot be brought back, as neither side has all its objects:', ...some(lines)];
}

interface Where {
  readonly phase: keyof typeof phaseTable;
  readonly gitlab: string;
  readonly synced: boolean;
}

function nextFor(repositoryPath: string, { ref, value, named }: Lost, { phase, gitlab, synced }: Where): string {
  const push = `whoever has it pushes it again: git push <old> ${value}:${showRef(ref)}`;
  if (!synced) return `${push} (this namespace is not on GitLab)`;
  if (phase !== 'mirror') return `GitLab's ${gitlab} takes its place; ${push}`;
  if (!named) return push;
  return `first give up what cannot be read (npm run resolve -- ${quote(repositoryPath)} ${quote(showRef(ref))} --keep gitlab --reason "…" --yes), then ${push}`;
}

function factsOf({ findings, plan, missing }: Survey): Record<string, unknown> {
  return {
    findings: findings.map(({ words }) => words).slice(0, 100),
    missing: missing.slice(0, 100),
    restored: plan.restored.map((one) => ({ ...one, ref: showRef(one.ref) })),
    lost: plan.lost.map((one) => ({ ...one, ref: showRef(one.ref) })),
  };
}

/** Damage that stays is shown by `status` until the next scan or repair. */
async function noteOutcome(repository: Repository): Promise<boolean> {
  const { state, world } = repository;
  const whole = await checkRepaired(repository);
  if (whole) writeDamage(state, null, world.clock.wall());
  else
    writeDamage(
      state,
      {
        findings: [
          { kind: 'missing', name: 'repair', objects: [], words: 'A repair could not bring everything back.' },
        ],
        refs: null,
      },
      world.clock.wall(),
    );
  forgetScanAsked(state);
  return whole;
}
