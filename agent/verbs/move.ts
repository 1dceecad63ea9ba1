/** The verb `move`: a change of phase with what goes before and after it. */
import type { Verbs } from '../contract/verbs';
import type { RepositoryView } from '../contract/views';
import { attach } from '../install/attach';
import { look, repositoryOrNull, view } from '../install/inspect';
import { asFault, refuse } from '../contract/errors';
import { faults } from '../contract/faults';
import { changePhase } from '../sync/phasechange';
import { mendHooks } from '../repository/hooks';
import { hooklessFaults, moveFaults } from '../install/preflight';
import { noteMoved } from '../repository/moved';
import { openByPath, type Repository } from '../repository/open';
import { renameAway, renameBack } from './retire';

interface Telling {
  readonly progress: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** Nothing is touched where the preview would refuse. */
export async function move(
  folder: string,
  { config, to, consent, who = 'pulumi up', from: seen }: Verbs['move']['request'],
  { progress, warn }: Telling,
): Promise<RepositoryView> {
  const judged = repositoryOrNull(folder, config.path) !== null;
  refuse((await look(folder, config, to, consent)).refusals);
  await attach(folder, config);
  const repository = openByPath(folder, config.path);
  // Settings that could not be read before are there now, and so are the hooks.
  refuse(judged ? await hooklessFaults(repository, to) : await moveFaults(repository, to, consent));
  const from = repository.journal.state().phase;
  if (seen !== undefined && from !== seen && from !== to)
    throw faults.movedOn({ path: config.path, before: seen, now: from });
  if (from === 'retired' && to === 'refuse') await renameBack(repository, who);
  else if (to === 'retired') await retireNow(repository, who, progress);
  else
    await changePhase(repository.world, { to, consent, progress, warn }).catch((thrown: unknown) => {
      // Another change of phase made the same move meanwhile.
      if (asFault(thrown).code !== 'moved-on' || repository.journal.state().phase !== to) throw thrown;
    });
  if (from !== to) noteMoved(repository.state, { to, who, time: new Date().toISOString() });
  return afterMove(folder, config.path);
}

/**
 * No hold: in `refuse` no push acts, so there is nothing to drain. The rename levels and compares under the
 * repository's lock.
 */
async function retireNow(repository: Repository, who: string, progress: (text: string) => void): Promise<void> {
  progress('levelling, then renaming the repository away');
  await renameAway(repository, who);
}

async function afterMove(folder: string, repositoryPath: string): Promise<RepositoryView> {
  const repository = openByPath(folder, repositoryPath);
  await mendHooks(repository.hooks);
  return view(repository, []);
}
