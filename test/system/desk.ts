/** What one person works with against the old server. */
import type { LabPerson } from '../lab/person';
import { expectDone, type Walk } from './walk';

export const app = 'team/app.git';

export interface Desk {
  readonly walk: Walk;
  readonly person: LabPerson;
  readonly clone: string;
}

export async function firstHistory(walk: Walk, person: LabPerson): Promise<string> {
  const clone = await person.clone(walk.lab.oldUrl(app));
  for (const message of ['one', 'two', 'three']) await person.commit(clone, message);
  expectDone(await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main', 'HEAD~1:refs/heads/older'));
  return clone;
}
