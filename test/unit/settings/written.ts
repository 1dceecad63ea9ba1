/** A small configuration that is complete, and what is wrong with another. */
import { HandoverError } from '../../../agent/contract/errors';
import { readConfig } from '../../../stacks/config';

export const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

export function written(
  repositories: Record<string, unknown> = { 'team/app.git': {} },
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    server: { host: 'git.example.com', user: 'git', hostKeys: [key], root: '/srv/git' },
    gitlab: { url: 'https://gitlab.example.com', sshHostKeys: [key], group: { path: 'code' } },
    repositories,
    ...more,
  };
}

export function mistakesIn(values: unknown): string[] {
  try {
    readConfig(values);
  } catch (thrown) {
    if (!(thrown instanceof HandoverError)) throw thrown;
    return thrown.fault.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}
