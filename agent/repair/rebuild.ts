/**
 * Rebuilds the state of a repository whose state file, or whole state folder, is gone or cannot be read. Its phase
 * cannot be told from files, so a person names it; both sides are compared first, and what the named phase would set
 * aside is listed.
 */
import * as fs from 'node:fs';
import { faults } from '../contract/faults';
import { lastKnownPhase } from './lastphase';
import { placeRebuilt, type RebuildRequest } from './placerebuilt';
import { differencesOf, readBothSides, type Difference } from '../sync/bothsides';
import { withLock } from '../rules/withlock';
import * as path from 'node:path';
import type { Verbs } from '../contract/verbs';
import { readOrNull } from '../machine/files';
import { openGit } from '../git/git';
import { shortOid, showRef } from '../rules/refs';
import { retiredPath } from '../repository/location';
import { takeLock } from '../machine/flock';
import { phaseTable } from '../contract/phase';
import { readAgentConfig, stateFolder } from '../repository/place';
import { gitSettings } from '../repository/open';
import { parseState } from '../rules/statefile';
import type { Git } from '../rules/ports';

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
  const { holdMs } = readAgentConfig(folder).limits;
  return withLock(
    takeLock(path.join(state, 'lock'), holdMs),
    () => faults.busy({ what: `rebuild the state of ${request.path}`, waitedMs: holdMs, again: 'Try again' }),
    async (lock) => {
      refuseReadable(state, request);
      await placeRebuilt({ folder, state, request, directory, git, differences, lock });
      return { text: `Rebuilt ${text}`, applied: true };
    },
  );
}

/** A state that can be read is the truth; only a change of phase changes it. */
function refuseReadable(state: string, { path: repositoryPath }: RebuildRequest): void {
  const present = parseState(readOrNull(path.join(state, 'state')) ?? '');
  if (present === null) return;
  throw faults.stateReadable({ path: repositoryPath, phase: present.phase });
}

function openBareGit(folder: string, { config }: RebuildRequest, directory: string): Git {
  return openGit({
    ...gitSettings(folder, config, readAgentConfig(folder)),
    directory,
    quarantine: {},
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
