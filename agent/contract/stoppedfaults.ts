/** Why a stopped pass cannot be settled as asked. */
import { ended, environment, isOrAre, mistake } from './fault';

const app = '/srv/git/app.git';
const main = 'refs/heads/main';

export const stoppedFaults = {
  stoppedBoth: mistake(
    'stopped-both',
    ({ path }: { path: string }) => [
      `Cannot keep both sides of ${path} while it is stopped: one of them is wrong.`,
      'Keep one with `--keep old` or `--keep gitlab`; what loses is in the attic.',
    ],
    { path: app },
  ),
  onlyOnGitlab: mistake(
    'only-on-gitlab',
    ({ refs, path, command }: { refs: readonly string[]; path: string; command: string }) => [
      `Cannot give all refs of ${path} back to GitLab: ${refs.join(', ')} ${isOrAre(refs)} where only GitLab has some commits, and nobody named ${refs.length === 1 ? 'it' : 'them'}.`,
      `To take those commits off GitLab and keep them in the attic: ${command}`,
    ],
    {
      refs: [main],
      path: app,
      command: `npm run resolve -- ${app} refs/ ${main} --keep old --reason "…"`,
    },
  ),
  backPartly: mistake(
    'back-partly',
    ({ path, done, rest }: { path: string; done: number; rest: readonly string[] }) => [
      ended(`Cannot give all refs of ${path} back to GitLab: it has ${done} again, and not ${rest.join('; ')}`),
      'Mend what is named (a protected branch takes no forced push), or wait for it, then run it again.',
    ],
    { path: app, done: 7, rest: [`${main}: You are not allowed to force push code to a protected branch`] },
  ),
  backUnreachable: environment(
    'back-unreachable',
    ({ path, done, words }: { path: string; done: number; words: string }) => [
      ended(
        `Cannot give all refs of ${path} back to GitLab: it has ${done} again, then ${words === '' ? 'it gave no answer' : words}`,
      ),
      'Run it again when GitLab answers.',
    ],
    { path: app, done: 0, words: 'Connection refused' },
  ),
  backUnknown: environment(
    'back-unknown',
    ({ path, done, unknown }: { path: string; done: number; unknown: number }) => [
      `Cannot tell whether GitLab took all refs of ${path}: it has ${done} again, and gave no answer for ${unknown}.`,
      'Run it again: it sends what is still missing.',
    ],
    { path: app, done: 7, unknown: 1 },
  ),
};
