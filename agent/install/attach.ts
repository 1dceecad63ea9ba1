/** Attaching and detaching: hooks go in while the repository is `old`, and come out only in `old` or `retired`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryConfig } from '../contract/configs';
import type { RepositoryView } from '../contract/views';
import { asError } from '../contract/errors';
import { faults } from '../contract/faults';
import { writeFacts } from '../repository/gitfacts';
import { readIfThere } from '../machine/files';
import { lookAfterHooks, requireInstalled } from '../repository/hookless';
import { removeHooks } from '../repository/hooks';
import { leaveRefusal } from '../repository/leftrefusal';
import { layoutFaults } from './preflight';
import { refuseOtherMaster } from '../repository/master';
import { attachedFolders, isAttached, isStateLost, stateFolder } from '../repository/place';
import { openByPath, writeRepository, type Repository } from '../repository/open';
import type { Unlock, World } from '../rules/ports';
import { parseState } from '../rules/statefile';
import { wakeMode } from '../repository/sharing';
import { openWakes } from '../resident/wakes';
import { text } from '../rules/texts';
import { gitProcessesIn, isReceivePack } from '../git/gitwork';
import { waitFor } from '../rules/time';
import { withLock } from '../rules/withlock';
import { stateLost, view } from './inspect';
import { dropUnusedNode } from './unusednode';

export async function attach(folder: string, config: RepositoryConfig): Promise<RepositoryView> {
  if (isStateLost(folder, config.path)) throw stateLost(config.path);
  if (!isAttached(folder, config.path)) {
    const [first] = await layoutFaults(folder, config.path);
    if (first !== undefined) throw asError(first);
    refuseTwin(folder, config);
    refuseOtherMaster(`attach ${config.path}`, { directory: config.path, state: stateFolder(folder, config.path) });
  }
  const repository = await writeRepository(folder, config);
  await requireInstalled(repository.hooks);
  await writeFacts(repository);
  openWakes(folder, wakeMode(attachedFolders(folder)));
  dropUnusedNode(folder);
  return { ...view(repository, []), warnings: await hooklessWarnings(repository) };
}

/** In `old` nothing hangs on the hooks yet. */
async function hooklessWarnings({ hooks, world, config }: Repository): Promise<string[]> {
  const { hookless } = await lookAfterHooks(hooks, world.log);
  return hookless === null
    ? []
    : [`${config.path}: git on the old server would not run its hooks: ${hookless.words}. ${hookless.next}`];
}

/** One repository by two paths would have two states, and hooks that know only the later one. */
function refuseTwin(folder: string, config: RepositoryConfig): void {
  const real = fs.realpathSync(config.path);
  for (const state of attachedFolders(folder)) {
    const directory = parseState(readIfThere(path.join(state, 'state')) ?? '')?.directory;
    if (directory !== undefined && fs.existsSync(directory) && fs.realpathSync(directory) === real)
      throw faults.twoPaths({ path: config.path, directory });
  }
}

type Leave = (world: World, lock: Unlock) => Promise<string[]>;

/**
 * Leaves the repository as it was before; its state folder goes too. Repeating it does nothing. Answers what people
 * must know of what stays. `leave` comes first, under the lock: afterwards nobody knows what was at GitLab.
 */
export async function detach(folder: string, repositoryPath: string, leave: Leave): Promise<string[]> {
  if (!isAttached(folder, repositoryPath)) return [];
  const repository = openByPath(folder, repositoryPath);
  const { phase, directory } = repository.journal.state();
  if (phase !== 'old' && phase !== 'retired') throw faults.phaseOpen({ open: [{ path: repositoryPath, phase }] });
  // Its hooks would go, and with them the pushes that only they see.
  if (fs.existsSync(directory))
    refuseOtherMaster(`let go of ${repositoryPath}`, { directory, state: repository.state });
  // A push that read the old state runs its hooks from files that are about to go.
  await waitFor(
    repository.world.clock,
    repository.agent.limits.holdMs,
    50,
    () => !fs.existsSync(directory) || !gitProcessesIn(directory).some(isReceivePack),
  );
  return withLock(
    repository.journal.lock(repository.agent.limits.holdMs),
    () =>
      faults.busy({
        what: `let go of ${repositoryPath}`,
        waitedMs: repository.agent.limits.holdMs,
        again: 'Run `pulumi up` again',
      }),
    async (lock) => {
      const left = await leave(repository.world, lock);
      if (fs.existsSync(directory)) await releaseDirectory(repository);
      forgetState(stateFolder(folder, repositoryPath));
      return left;
    },
  );
}

async function releaseDirectory(repository: Repository): Promise<void> {
  await removeHooks(repository.hooks);
  if (repository.journal.state().phase === 'retired')
    await leaveRefusal(repository.hooks, text(repository.agent, 'retired', repository.config));
}

/** Renamed first: a timer's pass that looks at the same moment finds all of it or nothing. */
function forgetState(state: string): void {
  const away = path.join(path.dirname(state), `.gone-${process.pid}-${path.basename(state)}`);
  fs.renameSync(state, away);
  fs.rmSync(away, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
