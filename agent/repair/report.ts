/** What a repair says to whoever asked for it, and what it leaves of itself in the log of decisions. */
import { quote } from '../contract/shellword';
import type { phaseTable } from '../contract/phase';
import type { Repository } from '../repository/open';
import { isSynced, shortOid, showRef } from '../rules/refs';
import type { Lost } from '../rules/refplan';
import { showRefs, type Applied } from './apply';
import type { Survey } from './survey';
import { whoHas } from './whohas';

const linesMax = 20;

function some(lines: readonly string[]): string[] {
  return lines.length > linesMax ? [...lines.slice(0, linesMax), `  and ${lines.length - linesMax} more`] : [...lines];
}

export function foundLines({ findings, raw, headWhole, missing }: Survey): string[] {
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

function backLines(survey: Survey): string[] {
  return some(
    survey.plan.back.map(
      ({ ref, before, after }) => `  ${showRef(ref)}: ${shortOid(before)} becomes ${shortOid(after)} again`,
    ),
  );
}

export function wouldLines({ journal }: Repository, survey: Survey): string[] {
  const { phase } = journal.state();
  const refs =
    phase === 'mirror'
      ? backLines(survey)
      : ["  refs: GitLab's values, by a pass; what old had beside them goes to the attic"];
  return [
    `Would come back, from GitLab and from what old can still read:`,
    `  objects: ${survey.coming.filter((name) => !name.endsWith('.idx')).length} new files`,
    ...refs,
    'Would be kept below git-handover-damaged/ in the repository: all that is damaged, and the refs as they are.',
  ];
}

export function doneLines(survey: Survey, { aside, plan, failed }: Applied, whole: boolean): string[] {
  const moved = failed.length === 0 ? [] : [`Changed meanwhile and left alone: ${showRefs(failed)}`];
  const end = whole
    ? 'Everything that the refs need is here now.'
    : 'Objects are still missing; see below, and `npm run status`.';
  return [
    'Brought back, from GitLab and from what old could still read:',
    `  objects: ${survey.coming.filter((name) => !name.endsWith('.idx')).length} new files`,
    ...backLines({ ...survey, plan }),
    ...moved,
    `Kept: ${aside}`,
    end,
  ];
}

/** Names the value, who has it, and what they type. */
export async function lostLines(
  repository: Repository,
  { gitlab, copy }: Survey,
  lost: readonly Lost[],
): Promise<string[]> {
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

export function factsOf({ findings, plan, missing }: Survey): Record<string, unknown> {
  return {
    findings: findings.map(({ words }) => words).slice(0, 100),
    missing: missing.slice(0, 100),
    restored: plan.back.map((one) => ({ ...one, ref: showRef(one.ref) })),
    lost: plan.lost.map((one) => ({ ...one, ref: showRef(one.ref) })),
  };
}
