/**
 * What the program asks before it declares anything: ids of groups and people on GitLab, and one look at all
 * repositories.
 */
import { faults } from '../../agent/contract/faults';
import { copies, phaseTable, type Phase } from '../../agent/contract/phase';
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
  await foresee(args.questions, session);
  return { groups, users, keyOwner: await session.gitlab.keyOwner() };
}

/**
 * What is asked of GitLab for each repository that stays where it is begins here, all at once: the engine comes to them
 * one after the other.
 */
async function foresee(questions: readonly Question[], session: Session): Promise<void> {
  const staying: (Question & { readonly to: Phase })[] = [];
  for (const { to, ...question } of questions)
    if (to !== null && copies(to) && (await session.view({ ...question, to })).phase === to)
      staying.push({ ...question, to });
  session.gitlab.expect(staying.map(({ config }) => config.project));
  for (const { config, to } of staying)
    session.gitlab.standing(config.project, !phaseTable[to].gitlabOpen).catch(() => undefined);
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
