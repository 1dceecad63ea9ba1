/** The verb `move`: a change of phase with what goes before and after it. */
import type { Consent, RepositoryConfig, RepositoryView } from './contract';
import { attach, view } from './attach';
import { HandoverError } from './errors';
import { changePhase } from './flip';
import { installHooks } from './hooks';
import { moveFaults } from './preflight';
import { openByPath, type Repository } from './repository';
import { renameAway, renameBack } from './retire';
import type { Phase } from './phase';

export async function move(folder: string, config: RepositoryConfig, to: Phase, consent: Consent, progress: (text: string) => void): Promise<RepositoryView> {
  await attach(folder, config);
  const repository = openByPath(folder, config.path);
  const from = repository.journal.state().phase;
  const [first] = await moveFaults(repository, to, consent);
  if (first !== undefined) throw new HandoverError(first);
  if (from === 'retired' && to === 'refuse') await renameBack(repository, 'pulumi up');
  else if (to === 'retired') await moveToRetired(repository, consent, progress);
  else await changePhase(repository.world, { to, consent, progress });
  return afterMove(folder, config.path);
}

/** Level first, with pushes refused as they are in `refuse`; then the state names the new place, then the rename. */
async function moveToRetired(repository: Repository, consent: Consent, progress: (text: string) => void): Promise<void> {
  void consent;
  progress('renaming the repository away');
  await renameAway(repository, 'pulumi up');
}

async function afterMove(folder: string, repositoryPath: string): Promise<RepositoryView> {
  const repository = openByPath(folder, repositoryPath);
  await installHooks(repository.hooks);
  return view(repository, []);
}
