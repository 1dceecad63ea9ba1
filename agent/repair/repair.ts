/**
 * The verb `repair`: brings back what GitLab and the records of old still have, keeps what was damaged, and says what
 * is lost.
 */
import * as path from 'node:path';
import type { Verbs } from '../contract/verbs';
import { forgetScanAsked, writeDamage } from '../repository/damage';
import { noteDecision } from '../repository/decisions';
import { faults } from '../contract/faults';
import { dropGoodCopy } from './goodcopy';
import { takeLock } from '../machine/flock';
import { phaseTable } from '../contract/phase';
import { applyRepair, checkRepaired, type Applied } from './apply';
import { surveyDamage, type Survey } from './survey';
import { openByPath, type Repository } from '../repository/open';
import { rebuildState } from './rebuild';
import { withLock } from '../rules/withlock';
import { doneLines, factsOf, foundLines, lostLines, wouldLines } from './report';

type Request = Verbs['repair']['request'];
type Result = Verbs['repair']['result'];

export async function repair(folder: string, request: Request, say: (text: string) => void): Promise<Result> {
  if (request.apply && request.who.trim() === '') throw faults.who({ what: 'repair' });
  if (request.state !== undefined) return rebuildState(folder, { ...request, ...request.state }, say);
  const repository = openByPath(folder, request.path);
  requireCopy(repository);
  return withLock(
    takeLock(path.join(repository.state, 'repair.lock'), 0),
    () => faults.repairing({ path: request.path }),
    () => surveyAndRepair(repository, request, say),
  );
}

async function surveyAndRepair(repository: Repository, request: Request, say: (text: string) => void): Promise<Result> {
  try {
    return await repairSurveyed(repository, request, await surveyDamage(repository, say));
  } finally {
    dropGoodCopy(repository.hooks.directory);
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

function applyUnderLock(
  repository: Repository,
  { path: repositoryPath, who }: Request,
  survey: Survey,
): Promise<Applied> {
  const { folder, journal, world } = repository;
  return withLock(
    journal.lock(world.limits.holdMs),
    () => faults.busy({ what: `repair ${repositoryPath}`, waitedMs: world.limits.holdMs, again: 'Try again' }),
    (lock) => {
      noteDecision(folder, { what: 'repair', repository: repositoryPath, who, facts: factsOf(survey) });
      return applyRepair(repository, survey, lock);
    },
  );
}

/** Refs that only differ are a pass's, not ours. */
function isHealthy({ journal }: Repository, { findings, raw, headWhole, plan, missing }: Survey): boolean {
  const differs = journal.state().phase === 'mirror' && plan.back.length > 0;
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
