/** What a person types for a trouble that `status` lists. Each command can be pasted as it stands. */
import { quote } from '../contract/shellword';
import { showRef } from '../rules/refs';
import type { Trouble } from '../rules/values';

type Keep = 'old' | 'gitlab' | 'both';

type Listed = Pick<Trouble, 'kind' | 'ref' | 'old' | 'gitlab'>;

/** The commands that settle it; without `--yes` they only show both histories. */
export function nextStep(path: string, { kind, ref, old, gitlab }: Listed): string {
  const command = (keep: Keep): string =>
    `npm run resolve -- ${quote(path)} ${quote(showRef(ref))} --keep ${keep} --reason "…"`;
  if (kind === 'unhooked' && old === gitlab)
    return `Nothing is lost: stop that writer. To take it off the list: ${command('gitlab')}`;
  return kind === 'travelled' ? rejoinStep(path) : steps[kind](command);
}

function rejoinStep(path: string): string {
  const command = (keep: Keep): string => `npm run rejoin -- ${quote(path)} --keep ${keep} --reason "…"`;
  return `If the right one comes back, this ends by itself. To go on with GitLab's refs: ${command('gitlab')}\nTo go on with old's: ${command('old')}`;
}

const steps: Readonly<Record<Exclude<Trouble['kind'], 'travelled'>, (command: (keep: Keep) => string) => string>> = {
  stopped: (command) => `If GitLab is right: ${command('gitlab')}\nIf it lost them: ${command('old')}`,
  doubtful: (command) => `To keep old's value: ${command('old')}\nTo keep GitLab's: ${command('gitlab')}`,
  declined: (command) => `Mend what GitLab names; the next pass sends it again. Or give it up: ${command('gitlab')}`,
  unset: (command) => `Remove on old what git names; a pass tries again within a minute. At once: ${command('gitlab')}`,
  unfetched: (command) =>
    `Rewrite it on GitLab, or let git on old take it (\`fetch.fsck.<what git names>\` in its configuration); a pass tries again within ten minutes. At once: ${command('gitlab')}`,
  unsent: () =>
    "Each pass tries again. A lock goes with GitLab's housekeeping, after an hour; else have who runs GitLab remove what it names.",
  unhooked: (command) => `To send old's value: ${command('old')}\nTo leave it in the attic: ${command('gitlab')}`,
  aliased: (command) =>
    `To make it a ref of its own on old, with GitLab's value: ${command('gitlab')}\nTo keep the other name, and delete GitLab's ref (its value goes to the attic): ${command('old')}`,
  damaged: (command) => `To keep old's value: ${command('old')}\nTo keep GitLab's: ${command('gitlab')}`,
  conflict: (command) =>
    `To keep old's value: ${command('old')}\nTo keep GitLab's: ${command('gitlab')}\nTo keep both, one under a name of its own: ${command('both')}`,
};
