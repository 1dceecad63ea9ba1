/** Where a migration stands in which everything is cut short once, and what ada does in it. */
import type { LabPerson } from '../lab/person';
import { fingerprint } from './fingerprint';
import { expectDone, type Walk } from './walk';

export const app = 'team/app.git';
export const main = 'refs/heads/main';
/** Never leaves `old`, and nobody pushes to it. */
export const still = 'team/still.git';

export interface Scene {
  readonly walk: Walk;
  readonly ada: LabPerson;
  readonly clone: string;
  /** Of the repository that stays, before anything was installed. */
  readonly before: Record<string, string>;
}

export async function startScene(walk: Walk): Promise<Scene> {
  const { lab } = walk;
  const ada = lab.person('ada');
  const clone = await ada.clone(lab.oldUrl(app));
  await ada.commit(clone, 'first');
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  expectDone(await ada.git(clone, 'push', lab.oldUrl(still), 'HEAD:refs/heads/main', 'HEAD:refs/heads/other'));
  const before = fingerprint(lab.old.repositoryPath(still));
  expectDone(await walk.up());
  walk.choose('old', still);
  return { walk, ada, clone, before };
}

export async function push(
  { ada, clone }: Scene,
  message: string,
): Promise<{ commit: string; code: number; output: string; ms: number }> {
  const commit = await ada.commit(clone, message);
  return { commit, ...(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main')) };
}

/** Puts ada's branch where the servers are, as after a push whose fate nobody told her. */
export async function catchUp({ ada, clone }: Scene): Promise<void> {
  expectDone(await ada.git(clone, 'pull', '--quiet', '--rebase', 'origin', 'main'));
}
