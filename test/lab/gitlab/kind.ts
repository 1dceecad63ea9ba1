/** Which kind of GitLab a lab has: it travels in the environment, so that tests need not pass it on. */
import type { GitlabKind } from './standin';

const variable = 'GIT_HANDOVER_LAB_GITLAB';

export function usualKind(): GitlabKind {
  return process.env[variable] === 'gitaly' ? 'gitaly' : 'plain';
}

/** Takes `--gitlab` of a command line, where it was given; false for a kind that does not exist. */
export function chooseKind(named: string | undefined): boolean {
  if (named === undefined) return true;
  if (named !== 'plain' && named !== 'gitaly') return false;
  process.env[variable] = named;
  return true;
}
