/**
 * What the program asks before it declares anything: ids of groups and people on GitLab, and one look at all
 * repositories.
 */
import { faults } from '../../agent/contract/faults';
import type { Question, Session } from './session';

export interface SurveyArgs {
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly questions: readonly Question[];
  /** A group whose default branches must not be protected by themselves; null when the stack makes it. */
  readonly unprotectedGroup: string | null;
  /** This is a preview: what would be refused later is refused now. */
  readonly preview: boolean;
}

export interface SurveyResult {
  readonly groups: Readonly<Record<string, number>>;
  readonly users: Readonly<Record<string, number>>;
  /** The user whose token makes the deploy key. */
  readonly keyOwner: number;
}

export async function survey(args: SurveyArgs, session: Session): Promise<SurveyResult> {
  const looking = session.survey(args.questions, args.preview);
  looking.catch(() => undefined);
  const groups = await ids(args.groups, async (path) => (await session.gitlab.group(path))?.id ?? null, 'group');
  const users = await ids(args.users, (username) => session.gitlab.userId(username), 'user');
  if (args.unprotectedGroup !== null) await refuseDefaultProtection(session, args.unprotectedGroup);
  await looking;
  return { groups, users, keyOwner: await session.gitlab.keyOwner() };
}

async function ids(
  names: readonly string[],
  find: (name: string) => Promise<number | null>,
  what: string,
): Promise<Record<string, number>> {
  const found = await Promise.all(names.map(async (name) => [name, await find(name)] as const));
  const missing = found.filter(([, id]) => id === null).map(([name]) => name);
  if (missing.length > 0) throw faults.gitlabMissing({ what, missing });
  return Object.fromEntries(found.flatMap(([name, id]) => (id === null ? [] : [[name, id]])));
}

async function refuseDefaultProtection(session: Session, path: string): Promise<void> {
  if ((await session.gitlab.group(path))?.protectsDefault !== true) return;
  throw faults.defaultProtection({ group: path });
}
