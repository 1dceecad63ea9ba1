/** Git in one repository on old: the port Git of rules/ports.ts, opened for real. */
import type { Git } from '../rules/ports';
import { gitlabDoor } from './gitlabdoor';
import type { GitSettings } from './gitsettings';
import { oldDoor } from './olddoor';

export function openGit(settings: GitSettings): Git {
  return {
    ...oldDoor(settings),
    ...gitlabDoor(settings),
  };
}
