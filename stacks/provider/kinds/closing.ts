/**
 * Before a project closes: nobody may write to it any more, and what GitLab let in must be over
 * (docs/design/change-of-phase.md, "back").
 */
import type { RepositoryConfig } from '../../../agent/contract/configs';
import { faults } from '../../../agent/contract/faults';
import type { ProjectProtections } from '../gitlab/protections';
import type { Member } from '../gitlab/writers';
import { inheritedWriters, nameMembers } from './writers';
import type { Session } from '../session';
import type { Say } from '../engine/say';
import { pause } from '../waiting/stopping';

/** GitLab takes access away in background jobs. */
const closeMs = 120_000;
const lookEveryMs = 1_000;

/**
 * Waits until GitLab's own list of members shows no writer but inherited ones; revoking can be asynchronous. `bots` are
 * members as well, and their tokens speak for them.
 */
export async function waitClosed(
  session: Session,
  { project }: RepositoryConfig,
  bots: ReadonlySet<number>,
  say: Say,
): Promise<void> {
  const deadline = performance.now() + closeMs;
  for (;;) {
    const writers = (await ownWriters(session, project)).filter(({ id }) => !bots.has(id));
    if (writers.length === 0) return;
    if (performance.now() > deadline) throw stillWriting(project, writers);
    say('note', `waiting until GitLab shows no writer: ${nameMembers(writers).join(', ')}`);
    await pause(session.signal, lookEveryMs);
  }
}

async function ownWriters(session: Session, project: string): Promise<Member[]> {
  const inherited = new Set((await inheritedWriters(session, project)).map(({ id }) => id));
  const own = await session.gitlab.ownUsers();
  return ((await session.gitlab.writers(project)) ?? []).filter(({ id }) => !inherited.has(id) && !own.has(id));
}

function stillWriting(project: string, writers: readonly Member[]): Error {
  return faults.openProject({ project, writers: nameMembers(writers).join(', ') });
}

/** Counts from the moment at which nobody could begin another push. */
export async function waitOver(session: Session, say: Say): Promise<void> {
  for (let left = session.settings.longestPushSeconds; left > 0; left--) {
    say('note', `GitLab is closed; ${left} s until the last push that it let in is over`);
    await pause(session.signal, Math.min(1, left) * 1000);
  }
}

/**
 * While refs are copied nothing may be protected: over git nobody deletes a protected branch or moves a protected tag.
 * `tolerated` are the stack's own protections, which are taken away in the same run.
 */
export async function refuseProtected(
  session: Session,
  project: string,
  tolerated: Session['settings']['protections'],
): Promise<void> {
  const refs = protectedNames(await session.gitlab.protections(project), tolerated);
  if (refs.length > 0) throw faults.protectedRefs({ project, refs });
}

export function protectedNames(
  found: ProjectProtections | null,
  tolerated: Session['settings']['protections'] = { branches: [], tags: [] },
): string[] {
  const named = (what: string, rows: ProjectProtections['branches'], but: readonly string[]): string[] =>
    rows
      .filter(({ name }) => !but.includes(name))
      .map(({ name, lets }) => `${what} ${name}${lets.length === 0 ? '' : ` (but for ${lets.join(', ')})`}`);
  return found === null
    ? []
    : [...named('branch', found.branches, tolerated.branches), ...named('tag', found.tags, tolerated.tags)];
}
