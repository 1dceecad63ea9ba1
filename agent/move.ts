/** The verb `move`: a change of phase with what goes before and after it. */
import type { RepositoryView, Verbs } from './contract';
import { attach, view } from './attach';
import { HandoverError } from './errors';
import { changePhase } from './flip';
import { installHooks } from './hooks';
import { moveFaults } from './preflight';
import { openByPath, type Repository } from './repository';
import { renameAway, renameBack } from './retire';

export async function move(folder: string, { config, to, consent }: Verbs['move']['request'], progress: (text: string) => void): Promise<RepositoryView> {
  await attach(folder, config);
  const repository = openByPath(folder, config.path);
  const from = repository.journal.state().phase;
  const [first] = await moveFaults(repository, to, consent);
  if (first !== undefined) throw new HandoverError(first);
  if (from === 'retired' && to === 'refuse') await renameBack(repository, 'pulumi up');
  else if (to === 'retired') await retireNow(repository, progress);
  else await changePhase(repository.world, { to, consent, progress });
  return afterMove(folder, config.path);
}

/** No hold: in `refuse` no push acts, so there is nothing to drain. The rename levels and compares under the repository's lock. */
async function retireNow(repository: Repository, progress: (text: string) => void): Promise<void> {
  progress('levelling, then renaming the repository away');
  await renameAway(repository, 'pulumi up');
}

async function afterMove(folder: string, repositoryPath: string): Promise<RepositoryView> {
  const repository = openByPath(folder, repositoryPath);
  await installHooks(repository.hooks);
  return view(repository, []);
}
