/**
 * GitLab's default branch: while old is the authority old's HEAD decides, unless the settings name one. A branch that
 * GitLab does not have cannot be its default: that is told by each run, and done by the first that finds the branch.
 */
import type { Phase } from '../../../agent/contract/phase';
import type { Say } from '../engine/say';
import type { Session } from '../session';

export interface WantedBranch {
  readonly project: string;
  readonly phase: Phase;
  /** What the settings name. Null: GitLab's follows old's HEAD in `mirror`. */
  readonly defaultBranch: string | null;
}

/** Answers what is remembered in the state: the setting that was done; null where there is none, or it waits. */
export async function setDefaultBranch(
  session: Session,
  inputs: WantedBranch,
  head: string | null,
  say: Say,
): Promise<string | null> {
  const { project, phase, defaultBranch } = inputs;
  const followed = phase === 'mirror' ? (head?.replace(/^refs\/heads\//, '') ?? null) : null;
  const wanted = phase === 'old' ? null : (defaultBranch ?? followed);
  if (wanted === null) return null;
  const now = await session.gitlab.defaultBranch(project);
  if (wanted === now) return defaultBranch;
  if (await session.gitlab.hasBranch(project, wanted)) {
    await session.gitlab.setDefaultBranch(project, wanted);
    return defaultBranch;
  }
  if (defaultBranch !== null) say('warning', missingWords(project, defaultBranch, now));
  return null;
}

/** What waited for its branch, and can be done now; tells where it still waits. `done`: by the state. */
export async function waitingBranch(
  session: Session,
  { project, phase, defaultBranch }: WantedBranch,
  done: unknown,
  say: Say,
): Promise<string | null> {
  if (phase === 'old' || defaultBranch === null || done === defaultBranch) return null;
  const now = await session.gitlab.defaultBranch(project);
  if (now === defaultBranch) return null;
  if (await session.gitlab.hasBranch(project, defaultBranch))
    return `GitLab's default branch is ${now ?? 'none'} and will be ${defaultBranch}.`;
  say('warning', missingWords(project, defaultBranch, now));
  return null;
}

function missingWords(project: string, branch: string, now: string | null): string {
  const kept = now === null ? '' : ` Its default branch stays ${now}.`;
  return `${project} has no branch ${branch} on GitLab, which \`defaultBranch\` names.${kept} The first \`pulumi up\` that finds the branch sets it.`;
}
