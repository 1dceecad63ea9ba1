/**
 * A repository and its phase as a resource. The agent is asked where it stands; the state only says what was wanted
 * last.
 */
import { hostname, userInfo } from 'node:os';
import { faults } from '../../../agent/contract/faults';
import type { RepositoryConfig } from '../../../agent/contract/configs';
import type { Consent } from '../../../agent/contract/verbs';
import type { RepositoryView } from '../../../agent/contract/views';
import { refuse } from '../../../agent/contract/errors';
import { closesGitlab, copies, phaseTable, type Phase } from '../../../agent/contract/phase';
import { same } from '../engine/canonical';
import { refuseProtected, waitClosed, waitOver } from './closing';
import { setDefaultBranch, waitingBranch } from './defaultbranch';
import type { Difference, Request, ResourceKind } from './resource';
import { refuseStanding, refuseStandingNow, tellStanding } from './standing';
import type { Values } from '../engine/values';
import type { Question, Session } from '../session';

interface RepositoryInputs extends RepositoryConfig {
  readonly phase: Phase;
  readonly consent: Consent;
  /** Null: GitLab's default branch follows old's HEAD while old is the authority. */
  readonly defaultBranch: string | null;
}

interface RepositoryOutputs extends RepositoryInputs {
  readonly epoch: number;
  readonly head: string | null;
  /** The `defaultBranch` that was set on GitLab; null while it waits for its branch. Absent in a state of before. */
  readonly defaultDone?: string | null;
}

export const repositoryKind: ResourceKind = {
  check: (news) => news,
  diff: (olds, news, request) =>
    diff(olds as unknown as RepositoryOutputs, news as unknown as RepositoryInputs, request),
  create: async (news, request) => {
    const inputs = news as unknown as RepositoryInputs;
    return {
      id: inputs.path,
      outputs: request.preview ? await previewed(inputs, request) : await bring(inputs, request),
    };
  },
  update: async (olds, news, request) =>
    request.preview ? { ...olds, ...news } : bring(news as unknown as RepositoryInputs, request),
  delete: async (olds, { session, say }) => {
    if ((await session.look()).installed) await session.call('detach', { path: String(olds['path']) }, say);
  },
};

const configNames = [
  'project',
  'gitlabUrl',
  'peopleUrl',
  'namespaces',
  'waivedNamespaces',
  'hooksAfterPass',
  'ciSkip',
  'brownouts',
  'otherFences',
] as const;

function configOf(inputs: RepositoryInputs): RepositoryConfig {
  const { path, project, gitlabUrl, peopleUrl, namespaces, waivedNamespaces, hooksAfterPass, ciSkip, brownouts } =
    inputs;
  const config = { path, project, gitlabUrl, peopleUrl, namespaces, waivedNamespaces, hooksAfterPass, ciSkip };
  const { otherFences } = inputs;
  return { ...config, brownouts, ...(otherFences === undefined ? {} : { otherFences }) };
}

async function diff(olds: RepositoryOutputs, news: RepositoryInputs, request: Request): Promise<Difference> {
  if (olds.path !== news.path) throw faults.pathChanged({ from: String(olds.path), to: String(news.path) });
  const view = await look(news, request);
  const changed: string[] = [...configNames, 'defaultBranch' as const].filter((name) => !same(olds[name], news[name]));
  if (view.phase !== news.phase || olds.phase !== news.phase) changed.push('phase');
  if (view.phase !== olds.phase && view.phase !== news.phase)
    request.say('warning', `The old server says ${view.phase ?? 'not attached'} where the state says ${olds.phase}.`);
  const drift = drifts(olds, news, view) ?? (changed.length === 0 ? await waiting(olds, news, request) : null);
  if (drift !== null && changed.length === 0) request.say('info', drift);
  return { changed, drift: drift !== null };
}

function waiting({ defaultDone }: RepositoryOutputs, news: RepositoryInputs, request: Request): Promise<string | null> {
  return waitingBranch(request.session, news, defaultDone, request.say);
}

function drifts(olds: RepositoryOutputs, { phase }: RepositoryInputs, view: RepositoryView): string | null {
  if (!view.current)
    return 'The hooks or settings of this repository differ on the old server and will be put in place.';
  if (phase !== 'mirror' || view.head === olds.head) return null;
  return `HEAD on the old server is ${view.head ?? 'detached'} now; GitLab's default branch will follow.`;
}

/** New to this stack, and not to the agent: one of another backend, or a run that was cut off, brought it there. */
async function previewed(inputs: RepositoryInputs, request: Request): Promise<Values> {
  const { phase } = await look(inputs, request);
  if (phase !== null)
    request.say(
      'warning',
      `${inputs.path} is attached already, and ${phase}: by another stack, or by a run that was cut off. This one takes it over, with its own settings.`,
    );
  return { ...inputs };
}

/**
 * Where the repository stands; a preview throws when the move that is wanted would be refused. One that stays is only
 * looked at: what is wrong on GitLab is told, and is no change.
 */
async function look(inputs: RepositoryInputs, { session, say }: Request): Promise<RepositoryView> {
  const view = await session.view({ config: configOf(inputs), to: inputs.phase, consent: inputs.consent });
  if (view.phase === inputs.phase) {
    await tellStanding(session, inputs, say);
    return view;
  }
  if (!session.previewing()) return view;
  refuse(view.refusals);
  for (const warning of view.warnings) say('warning', warning);
  if (copies(inputs.phase)) await refuseProtected(session, inputs.project, session.settings.protections);
  await refuseStanding(session, inputs, say);
  return view;
}

async function bring(inputs: RepositoryInputs, request: Request): Promise<Values> {
  const view = await takeThere(inputs, request);
  const defaultDone = await setDefaultBranch(request.session, inputs, view.head, request.say);
  return { ...inputs, phase: view.phase ?? inputs.phase, epoch: view.epoch, head: view.head, defaultDone };
}

async function takeThere(inputs: RepositoryInputs, { session, say }: Request): Promise<RepositoryView> {
  const config = configOf(inputs);
  const { phase: to, consent } = inputs;
  const before = await whereNow({ config, to, consent }, session);
  if (before?.phase === to || (before?.phase === null && to === 'old')) return session.call('attach', { config }, say);
  refuse(before?.refusals ?? []);
  await prepare(before?.phase ?? 'old', inputs, session, say);
  const seen = before?.phase ?? null;
  return session.call('move', { config, to, consent, who: whoRuns(), ...(seen === null ? {} : { from: seen }) }, say);
}

/**
 * What is done on GitLab before a step into a closed phase hangs on it, so old is asked again: others may have moved it
 * on since this run began. Into an open one what the run saw at its beginning will do, as the move itself looks again.
 */
async function whereNow(
  question: Question & { readonly to: Phase },
  session: Session,
): Promise<RepositoryView | undefined> {
  if (phaseTable[question.to].gitlabOpen) {
    const seen = await session.view(question);
    if (seen.phase !== null && seen.phase !== question.to && seen.refusals.length === 0) return seen;
  }
  return (await session.call('inspect', { repositories: [question] })).repositories[0];
}

/** For the next one who would undo it. */
function whoRuns(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** What must be true on GitLab before old switches. */
async function prepare(from: Phase, inputs: RepositoryInputs, session: Session, say: Request['say']): Promise<void> {
  if (copies(inputs.phase)) await refuseProtected(session, inputs.project, { branches: [], tags: [] });
  const bots = await refuseStandingNow(session, inputs, say);
  if (!phaseTable[inputs.phase].gitlabOpen) await waitClosed(session, inputs, bots, say);
  if (closesGitlab(from, inputs.phase)) await waitOver(session, say);
}
