/** Why git would not run the hooks of a repository as they were installed, and whose they are. */
import { mistake } from './fault';
import type { Phase } from './phase';

const app = '/srv/git/app.git';

/** Why git would not run the hooks; null of `words` where nobody said more. */
export type WhyHookless =
  | { readonly kind: 'noexec'; readonly file: string; readonly mount: string }
  | { readonly kind: 'closed'; readonly file: string; readonly words: string }
  | { readonly kind: 'elsewhere'; readonly directory: string; readonly found: string }
  | { readonly kind: 'link'; readonly directory: string; readonly name: string }
  | { readonly kind: 'unmendable'; readonly file: string; readonly words: string }
  | { readonly kind: 'not-started'; readonly file: string; readonly words: string };

/** What is so, and what to do: the trouble in `status`, and the second half of the refusal. */
export function tellHookless(why: WhyHookless): { readonly words: string; readonly next: string } {
  switch (why.kind) {
    case 'noexec':
      return {
        words: `no program runs from the disk of ${why.file}, ${why.mount} is mounted with noexec`,
        next: `Mount it without noexec (\`mount -o remount,exec ${why.mount}\`, and /etc/fstab), or move the repository to another disk.`,
      };
    case 'closed':
      return {
        words: `${why.file} may not be executed (${why.words})`,
        next: 'Let the accounts that push enter the folders above it and execute it; `namei -l` shows the rights on the way.',
      };
    case 'elsewhere':
      return {
        words: `git looks for hooks in ${why.found}`,
        next: `Remove the setting that leads there; \`git -C ${why.directory} config --show-origin --get-all core.hooksPath\` names its place, and \`env | grep GIT_CONFIG\` one that sshd gives to logins.`,
      };
    case 'link':
      return {
        words: `${why.name} in ${why.directory} is a symbolic link, and other repositories may share what it leads to`,
        next: `Find out who made it (\`ls -l ${why.directory}/${why.name}\`), and remove it.`,
      };
    case 'unmendable':
      return {
        words: `${why.file} is not as it was installed, and cannot be replaced (${why.words})`,
        next: "Let the agent's account write git-handover and config in the repository again: see their owner, their rights, and `lsattr`.",
      };
    case 'not-started':
      return {
        words: `${why.file} does not start (${why.words})`,
        next: 'Make it start: /bin/sh must be there, and no policy of the server (SELinux, AppArmor, fapolicyd) may keep it from running.',
      };
  }
}

export const hookFaults = {
  hookless: mistake(
    'hookless',
    ({ what, words, next }: { what: string; words: string; next: string }) => [
      `Cannot ${what}: git on the old server would take pushes without git-handover, ${words}.`,
      next,
    ],
    {
      what: `move ${app} to both`,
      ...tellHookless({ kind: 'noexec', file: `${app}/git-handover/hooks/pre-receive`, mount: '/srv' }),
    },
  ),
  otherMaster: mistake(
    'other-master',
    ({ what, state, phase }: { what: string; state: string; phase: Phase | null }) => [
      `Cannot ${what}: another agent has it, its hooks are those of ${state} (${phase === null ? 'whose state cannot be read' : `phase ${phase}`}).`,
      `Drop it from the stack of that agent first. If nobody uses that agent any more, move ${state} out of its folder; if this repository is a copy, remove git-handover in it.`,
    ],
    { what: `attach ${app}`, state: '/home/ada/.git-handover/repositories/app.git-1f0c', phase: 'both' },
  ),
};
