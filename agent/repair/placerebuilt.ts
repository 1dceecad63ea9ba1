/**
 * Puts a rebuilt state in its place: what the named phase would set aside is listed before the state is there, since
 * passes run from then on.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { systemClock } from '../machine/clock';
import type { RepositoryConfig } from '../contract/configs';
import { noteDecision } from '../repository/decisions';
import { writeFacts } from '../repository/gitfacts';
import { readOrNull, replaceFile } from '../machine/files';
import { shortOid, showRef } from '../rules/refs';
import { installHooks } from '../repository/hooks';
import { readWhere } from '../repository/master';
import { readLeases } from '../repository/leases';
import type { Difference } from '../sync/bothsides';
import { passUnder } from '../sync/pass';
import { phaseTable, type Phase } from '../contract/phase';
import { identityOf, placeState } from '../repository/place';
import { journalOf, writeRepository } from '../repository/open';
import type { Git, Unlock } from '../rules/ports';
import type { State, Trouble } from '../rules/values';

export interface RebuildRequest {
  readonly path: string;
  readonly who: string;
  readonly apply: boolean;
  readonly phase: Phase;
  readonly config: RepositoryConfig;
}

export interface Placing {
  readonly folder: string;
  readonly state: string;
  readonly request: RebuildRequest;
  readonly directory: string;
  readonly git: Git;
  readonly differences: readonly Difference[];
  readonly lock: Unlock;
}

/** What would be set aside is listed before the state is there: from then on passes run. */
export async function placeRebuilt(parts: Placing): Promise<void> {
  const { folder, state, request, directory, lock } = parts;
  const { phase, config } = request;
  const leases = readLeases(path.join(state, 'pushes'), systemClock.now());
  if (leases.some((lease) => lease.live)) throw faults.pushesRunning({ path: request.path });
  const broken = readOrNull(path.join(state, 'state')) ?? '';
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
  const fresh: State = { phase, epoch, hold: null, fence: null, directory, identity: identityOf(directory) };
  placeState(folder, config, fresh);
  const repository = await writeRepository(folder, config);
  repository.world.fence.setCopy(null);
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
  const refused = coming.length === 0 ? null : await git.fetch(coming, lock);
  if (refused !== null) throw faults.fetchFailed({ words: refused });
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
  const own = (readWhere(directory) ?? '').split('\n')[1] ?? '';
  if (fs.existsSync(file) || own === '' || own === path.join(directory, 'hooks')) return;
  replaceFile(file, `${own}\n`);
}
