/**
 * Rebuilds the state of a repository whose state file, or whole state folder, is gone or cannot be read. Its phase
 * cannot be told from files, so a person names it; both sides are compared first, and what the named phase would set
 * aside is listed.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { systemClock } from '../machine/clock';
import type { RepositoryConfig } from '../contract/configs';
import type { Verbs } from '../contract/verbs';
import { noteDecision } from '../repository/decisions';
import { faults } from '../contract/faults/catalogue';
import { writeFacts } from '../repository/gitfacts';
import { readIfThere, replaceFile } from '../machine/files';
import { openGit } from '../git/git';
import { shortOid, showRef } from '../rules/refs';
import { installHooks } from '../repository/hooks';
import { readLeases } from '../repository/leases';
import { differencesOf, readBothSides, type Difference } from '../sync/bothsides';
import { passUnder } from '../sync/pass';
import { retiredPath } from '../repository/location';
import { takeLock } from '../machine/flock';
import { phaseTable, type Phase } from '../contract/phase';
import {
  identityOf,
  journalOf,
  placeState,
  readAgentConfig,
  stateFolder,
  writeRepository,
} from '../repository/repository';
import { parseState } from '../rules/statefile';
import type { Git, Unlock } from '../rules/ports';
import type { State, Trouble } from '../rules/values';

export interface RebuildRequest {
  readonly path: string;
  readonly who: string;
  readonly apply: boolean;
  readonly phase: Phase;
  readonly config: RepositoryConfig;
}

type Result = Verbs['repair']['result'];

export async function rebuildState(
  folder: string,
  request: RebuildRequest,
  say: (text: string) => void,
): Promise<Result> {
  const state = stateFolder(folder, request.path);
  refuseReadable(state, request);
  const known = lastKnownPhase(folder, request.path);
  if (known !== null && known.phase !== request.phase)
    throw faults.phaseDoubtful({ path: request.path, phase: request.phase, known });
  const directory = request.phase === 'retired' ? retiredPath(request.path) : request.path;
  if (!fs.existsSync(directory)) throw faults.notThere({ path: request.path, phase: request.phase, directory });
  say('comparing both sides');
  const git = openBareGit(folder, request, directory);
  const differences = request.phase === 'old' ? [] : differencesOf(await readBothSides(git, request.config.namespaces));
  const text = describe(request, known !== null, differences);
  if (!request.apply) return { text: `Would rebuild ${text}`, applied: false };
  fs.mkdirSync(path.join(state, 'pushes'), { recursive: true, mode: 0o755 });
  const lock = await takeLock(path.join(state, 'lock'), readAgentConfig(folder).limits.holdMs);
  if (lock === null)
    throw faults.busy({
      what: `rebuild the state of ${request.path}`,
      waitedMs: readAgentConfig(folder).limits.holdMs,
      again: 'Try again',
    });
  try {
    refuseReadable(state, request);
    await place({ folder, state, request, directory, git, differences, lock });
    return { text: `Rebuilt ${text}`, applied: true };
  } finally {
    lock.release();
  }
}

/** A state that can be read is the truth; only a change of phase changes it. */
function refuseReadable(state: string, { path: repositoryPath }: RebuildRequest): void {
  const present = parseState(readOr(path.join(state, 'state')));
  if (present === null) return;
  throw faults.stateReadable({ path: repositoryPath, phase: present.phase });
}

function readOr(file: string): string {
  try {
    return readIfThere(file) ?? '';
  } catch {
    return '';
  }
}

/** What the log wrote down last about a change of phase; null when it does not reach back so far. */
function lastKnownPhase(folder: string, repositoryPath: string): { phase: string; time: string } | null {
  const lines = ['agent.jsonl.1', 'agent.jsonl'].flatMap((name) =>
    Buffer.from(readOr(path.join(folder, 'log', name)), 'latin1')
      .toString('utf8')
      .split('\n'),
  );
  let last: { phase: string; time: string } | null = null;
  for (const line of lines) last = phaseIn(line, repositoryPath) ?? last;
  return last;
}

const renames: Readonly<Record<string, Phase>> = { 'decided-retire': 'retired', 'decided-restore': 'refuse' };

function phaseIn(line: string, repositoryPath: string): { phase: string; time: string } | null {
  if (!/"event":"(?:phase-changed|decided-(?:retire|restore|rebuild))"/.test(line)) return null;
  try {
    const { event, repository, phase, time } = JSON.parse(line) as Record<string, string>;
    return repository === repositoryPath ? { phase: renames[event ?? ''] ?? phase ?? '', time: time ?? '' } : null;
  } catch {
    return null;
  }
}

function openBareGit(folder: string, { path: repositoryPath, config }: RebuildRequest, directory: string): Git {
  const { limits } = readAgentConfig(folder);
  const state = stateFolder(folder, repositoryPath);
  return openGit({
    directory,
    folder,
    quarantine: {},
    url: config.gitlabUrl,
    ciSkip: config.ciSkip,
    askMs: limits.connectMs,
    silentMs: limits.leaseMs,
    ownHooks: '',
    shared: false,
    asideFolder: path.join(state, 'aside'),
    sendFolder: path.join(state, 'sending'),
  });
}

const linesMax = 20;

function describe(
  { path: repositoryPath, phase }: RebuildRequest,
  logged: boolean,
  differences: readonly Difference[],
): string {
  const lines = differences
    .slice(0, linesMax)
    .map(({ ref, old, gitlab }) => `  ${showRef(ref)}: old ${shortOid(old)}, GitLab ${shortOid(gitlab)}`);
  const rest = differences.length > linesMax ? [`  and ${differences.length - linesMax} more`] : [];
  const meaning = phaseTable[phase].toOld
    ? "old gets GitLab's values; what only old has goes to the attic and is listed"
    : phase === 'mirror'
      ? 'GitLab gets what descends from its values or is recorded; everything else is listed'
      : 'nothing moves';
  const word = logged ? 'as the log says' : 'by your word alone: the log does not reach back so far';
  return [
    `the state of ${repositoryPath} in ${phase}, ${word}.`,
    differences.length === 0
      ? 'Nothing differs between both sides.'
      : `${differences.length} refs differ; in ${phase} ${meaning}:`,
    ...lines,
    ...rest,
  ].join('\n');
}

interface Placing {
  readonly folder: string;
  readonly state: string;
  readonly request: RebuildRequest;
  readonly directory: string;
  readonly git: Git;
  readonly differences: readonly Difference[];
  readonly lock: Unlock;
}

/** What would be set aside is listed before the state is there: from then on passes run. */
async function place(parts: Placing): Promise<void> {
  const { folder, state, request, directory, lock } = parts;
  const { phase, config } = request;
  const leases = readLeases(path.join(state, 'pushes'), systemClock.now());
  if (leases.some((lease) => lease.live)) throw faults.pushesRunning({ path: request.path });
  const broken = readOr(path.join(state, 'state'));
  const epochs = leases.map(({ stage }) => (stage.kind === 'acting' ? stage.epoch : 0));
  // Above every epoch that anything still names.
  const epoch = Math.max(1, ...epochs, Number(/^epoch (\d{1,9})$/m.exec(broken)?.[1] ?? 0)) + 1;
  noteDecision(folder, {
    what: 'rebuild',
    repository: request.path,
    who: request.who,
    facts: { phase, epoch, differences: parts.differences.map((one) => ({ ...one, ref: showRef(one.ref) })) },
  });
  if (broken !== '') replaceFile(asideFile(state), broken);
  if (phaseTable[phase].toOld) await listUnsent(parts);
  recoverOwnHooks(state, directory);
  const fresh: State = { phase, epoch, hold: null, directory, identity: identityOf(directory) };
  placeState(folder, config, fresh);
  const repository = await writeRepository(folder, config);
  await installHooks(repository.hooks);
  await writeFacts(repository);
  if (phase !== 'retired') await passUnder(repository.world, lock, phase);
}

function asideFile(state: string): string {
  fs.mkdirSync(path.join(state, 'aside'), { recursive: true });
  return path.join(state, 'aside', `${Date.now()}-state`);
}

/**
 * In the open phases GitLab wins. Had the phase been `mirror`, values that only old has would be acknowledged pushes:
 * each stays listed until a person settles it.
 */
async function listUnsent({ folder, state, request, git, differences, lock }: Placing): Promise<void> {
  const coming = differences.flatMap(({ ref, gitlab }) => (gitlab === null ? [] : [ref]));
  if (coming.length > 0) await git.fetch(coming, lock);
  const journal = journalOf(folder, state, request.config);
  const since = systemClock.wall();
  const troubles: Trouble[] = [];
  for (const { ref, old, gitlab } of differences) {
    if (old === null || (gitlab !== null && (await git.isAncestor(old, gitlab)))) continue;
    troubles.push({
      ref,
      kind: 'unhooked',
      old,
      gitlab,
      agreed: null,
      since,
      words: `Old had ${shortOid(old)} when the state was rebuilt, and GitLab does not contain it; GitLab's value is taken, old's is in the attic.`,
    });
  }
  if (troubles.length > 0) journal.writeTroubles([...knownTroubles(() => journal.troubles()), ...troubles]);
}

function knownTroubles(read: () => Trouble[]): Trouble[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** The hooks themselves know where the repository's own ones are. */
function recoverOwnHooks(state: string, directory: string): void {
  const file = path.join(state, 'former-hooks-path');
  const own = readOr(path.join(directory, 'git-handover', 'where')).split('\n')[1] ?? '';
  if (fs.existsSync(file) || own === '' || own === path.join(directory, 'hooks')) return;
  replaceFile(file, `${own}\n`);
}
