/**
 * Before a project closes: nobody may write to it any more, and what GitLab let in must be over
 * (docs/design/change-of-phase.md, "back").
 */
import type { RepositoryConfig } from '../../../agent/contract/configs';
import { faults } from '../../../agent/contract/faults';
import { type Member, roleNames } from '../gitlab/gitlab';
import type { Session } from '../session';
import type { Say } from '../engine/say';
import { pause } from '../stopping';

/** GitLab takes access away in background jobs. */
const closeMs = 120_000;
const lookEveryMs = 1_000;

/** Those who can write to every project of the group: nothing that the stack does closes a project for them. */
export async function inheritedWriters(session: Session, project: string): Promise<Member[]> {
  const group = project.slice(0, project.lastIndexOf('/'));
  const own = await session.gitlab.ownUsers();
  return ((await session.gitlab.groupWriters(group)) ?? []).filter(({ id }) => !own.has(id));
}

export function nameWriters(writers: readonly Member[]): string {
  return writers.map(({ username, level }) => `${username} (${roleNames[level] ?? level})`).join(', ');
}

/** Waits until GitLab's own list of members shows no writer but inherited ones; revoking can be asynchronous. */
export async function waitClosed(session: Session, { project }: RepositoryConfig, say: Say): Promise<void> {
  const deadline = Date.now() + closeMs;
  for (;;) {
    const writers = await ownWriters(session, project);
    if (writers.length === 0) return;
    if (Date.now() > deadline) throw stillWriting(project, writers);
    say('note', `waiting until GitLab shows no writer: ${nameWriters(writers)}`);
    await pause(session.signal, lookEveryMs);
  }
}

async function ownWriters(session: Session, project: string): Promise<Member[]> {
  const inherited = new Set((await inheritedWriters(session, project)).map(({ id }) => id));
  const own = await session.gitlab.ownUsers();
  return ((await session.gitlab.writers(project)) ?? []).filter(({ id }) => !inherited.has(id) && !own.has(id));
}

function stillWriting(project: string, writers: readonly Member[]): Error {
  return faults.openProject({ project, writers: nameWriters(writers) });
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
  const found = await session.gitlab.protections(project);
  const branches = (found?.branches ?? []).filter((name) => !tolerated.branches.includes(name));
  const tags = (found?.tags ?? []).filter((name) => !tolerated.tags.includes(name));
  if (branches.length + tags.length === 0) return;
  const names = [...branches.map((name) => `branch ${name}`), ...tags.map((name) => `tag ${name}`)];
  throw faults.protectedRefs({ project, refs: names });
}
