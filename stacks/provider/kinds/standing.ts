/**
 * What GitLab would refuse of the agent's pushes, and who writes where nobody may: asked in each run, since it is
 * changed on GitLab, where no run sees it. A step that hangs on it is refused; where nothing moves it is only told, so
 * that the settings of one project stop no other.
 */
import { posix } from 'node:path';
import { refuse } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
import { copies, phaseTable, type Phase } from '../../../agent/contract/phase';
import type { Fault } from '../../../agent/contract/views';
import type { Standing } from '../gitlab/standing';
import { keyText } from '../gitlab/writers';
import type { Say } from '../engine/say';
import type { Session } from '../session';
import { protectedNames } from './closing';
import { botsOf, inheritedNames, keysAndTokens, ownNames } from './writers';

interface Place {
  readonly project: string;
  readonly phase: Phase;
}

/** Nothing moves: whatever is wrong is told, and the run goes on. */
export async function tellStanding(session: Session, { project, phase }: Place, say: Say): Promise<void> {
  if (!copies(phase)) return;
  const standing = await session.gitlab.standing(project, isClosed(phase));
  const key = await session.publicKey();
  const refs = protectedNames(standing.protections);
  const found = [
    ...(standing.isThere ? [] : [faults.projectGone({ project }).fault]),
    ...archived(project, standing),
    ...(standing.isThere ? keyFaults(project, standing, key) : []),
    ...(refs.length === 0 ? [] : [faults.protectedRefs({ project, refs }).fault]),
  ];
  for (const { message, next } of found) say('warning', `${message} ${next}`);
  tellRules(project, standing, say);
  if (!isClosed(phase)) return;
  const writers = await keysAndTokens(session, standing, { key, replaces: false });
  tellWriters(
    { project, next: ' Take that right from them there.' },
    [...writers, ...(await ownNames(session, standing))],
    say,
  );
}

/** A preview of a move. What is missing may be made by the same run, and who is a member is lowered by it. */
export async function refuseStanding(session: Session, { project, phase }: Place, say: Say): Promise<void> {
  if (copies(phase)) {
    const standing = await session.gitlab.standing(project, isClosed(phase));
    const own = { key: await session.publicKey(), replaces: true };
    refuse([
      ...archived(project, standing),
      ...(isClosed(phase) ? closedFaults(project, await keysAndTokens(session, standing, own)) : []),
    ]);
    tellRules(project, standing, say);
  }
  if (!isClosed(phase)) return;
  tellWriters({ project, how: ', by their role in the group' }, await inheritedNames(session, project), say);
  tellUntold(project, (await session.gitlab.inheritedTokens(project)).untold, say);
}

/** The step itself: keys are there by now. Answers the bots of known tokens. */
export async function refuseStandingNow(
  session: Session,
  { project, phase }: Place,
  say: Say,
): Promise<ReadonlySet<number>> {
  if (!copies(phase)) return new Set();
  const standing = await session.gitlab.standingNow(project, isClosed(phase));
  const key = (await session.call('installed', {}))?.publicKey ?? null;
  refuse([...archived(project, standing), ...keyFaults(project, standing, key)]);
  tellUntold(project, standing.untold, say);
  if (!isClosed(phase)) return new Set();
  refuse(closedFaults(project, await keysAndTokens(session, standing, { key, replaces: false })));
  return botsOf(standing.tokens);
}

function isClosed(phase: Phase): boolean {
  return !phaseTable[phase].gitlabOpen;
}

function archived(project: string, standing: Standing): Fault[] {
  return standing.archived ? [faults.archived({ project }).fault] : [];
}

/** Nothing is said where GitLab told no keys, or the agent has none yet. */
function keyFaults(project: string, { keys }: Standing, key: string | null): Fault[] {
  if (keys === null || key === null) return [];
  const own = keys.find((one) => one.key === keyText(key));
  if (own === undefined) return [faults.deployKey({ project, why: 'is none of its deploy keys' }).fault];
  if (!own.canPush) return [faults.deployKey({ project, why: 'may not write there' }).fault];
  return own.expired ? [faults.deployKey({ project, why: 'has expired' }).fault] : [];
}

function closedFaults(project: string, writers: readonly string[]): Fault[] {
  return writers.length === 0 ? [] : [faults.foreignWriters({ project, writers }).fault];
}

function tellRules(project: string, { pushRules, untold }: Standing, say: Say): void {
  if (pushRules.length > 0)
    say(
      'warning',
      `GitLab's push rules may refuse what is pushed to ${posix.basename(project)}: ${pushRules.join(', ')}. Lift them under Settings, Repository of the project for as long as old takes pushes, or let people keep them.`,
    );
  tellUntold(project, untold, say);
}

interface Writing {
  readonly project: string;
  readonly how?: string;
  readonly next?: string;
}

function tellWriters({ project, how = '', next = '' }: Writing, writers: readonly string[], say: Say): void {
  if (writers.length === 0) return;
  say(
    'warning',
    `These can push to ${posix.basename(project)} though it is closed${how}: ${writers.join(', ')}. What they push is listed as a conflict.${next}`,
  );
}

function tellUntold(project: string, untold: readonly string[], say: Say): void {
  if (untold.length > 0)
    say('info', `GitLab did not tell of ${posix.basename(project)}, so it was not looked at: ${untold.join(', ')}.`);
}
