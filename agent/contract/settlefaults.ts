/** Why a ref in trouble cannot be settled as asked. */
import { environment, ended, mistake, needless } from './fault';
import { quote } from './shellword';

const app = '/srv/git/app.git';
const main = 'refs/heads/main';
const attic = 'refs/handover/attic/20300131T090000000Z-0/heads/main';
const commit = '3f786850e387550fdab836ed7e6dc881de23001b';

export const settleFaults = {
  who: mistake(
    'who',
    ({ what }: { what: string }) => [
      `Cannot ${what} without recording who decided it: the name is empty.`,
      'Name yourself with `--who`.',
    ],
    { what: 'settle a ref' },
  ),
  reason: mistake('reason', () => [
    'Cannot settle a ref without recording why: the reason is empty.',
    'Say why with `--reason`.',
  ]),
  inNoTrouble: needless(
    'in-no-trouble',
    ({ ref, path }: { ref: string; path: string }) => [`${ref} of ${path} is in no trouble.`, 'See `npm run status`.'],
    { ref: main, path: app },
  ),
  giveBackPhase: mistake(
    'give-back-phase',
    ({ phase }: { phase: string }) => [
      `Cannot give a value back in ${phase}: only both, warn and refuse take values over from GitLab.`,
      'Give it back once the repository is in one of them.',
    ],
    { phase: 'mirror' },
  ),
  notInAttic: mistake(
    'not-in-attic',
    ({ attic, path }: { attic: string; path: string }) => [
      `Cannot give ${attic} back: the attic of ${path} has no such ref of a branch or tag.`,
      '`npm run status` prints the whole command.',
    ],
    { attic, path: app },
  ),
  givenBack: needless(
    'given-back',
    ({ ref, value }: { ref: string; value: string }) => [
      `GitLab has ${ref} at ${value} already.`,
      'Look with `npm run verify`.',
    ],
    { ref: main, value: commit },
  ),
  atticIncomplete: environment(
    'attic-incomplete',
    ({ attic, value, path }: { attic: string; value: string; path: string }) => [
      `Cannot give ${attic} back: some objects of ${value} are missing on old.`,
      `Run \`npm run repair -- ${quote(path)}\` first.`,
    ],
    { attic, value: commit, path: app },
  ),
  refBusy: environment(
    'ref-busy',
    ({ ref }: { ref: string }) => [`Cannot settle ${ref}: a push is moving it.`, 'Try again when it has ended.'],
    { ref: main },
  ),
  oneByOne: mistake(
    'one-by-one',
    ({ path }: { path: string }) => [
      `Cannot settle several refs of ${path} at once: only what a stopped pass asks is settled so.`,
      'Name one ref.',
    ],
    { path: app },
  ),
  travelled: mistake(
    'travelled',
    ({ path }: { path: string }) => [
      `Cannot settle one ref of ${path}: GitLab and the old server are not where they left each other, one of them went back in time.`,
      'Settle the repository as a whole first: `npm run status` prints the command.',
    ],
    { path: app },
  ),
  notTravelled: needless(
    'not-travelled',
    ({ path }: { path: string }) => [
      `GitLab and the old server are where they left each other with ${path}.`,
      'See `npm run status`.',
    ],
    { path: app },
  ),
  rejoinPhase: mistake(
    'rejoin-phase',
    ({ phase }: { phase: string }) => [
      `Cannot bring both sides together in ${phase}: nothing is kept level there.`,
      'Name with `--phase` the one that the repository was in: mirror, both, warn or refuse.',
    ],
    { phase: 'old' },
  ),
  rejoinMoved: environment(
    'rejoin-moved',
    ({ path }: { path: string }) => [
      `Cannot bring both sides of ${path} together: somebody moved a ref meanwhile.`,
      'What was done so far stays, and what it took away is in the attic. Look again, then run it again.',
    ],
    { path: app },
  ),
  rejoinNotSent: environment(
    'rejoin-not-sent',
    ({ path, words }: { path: string; words: string }) => [
      ended(`Cannot bring both sides of ${path} together: GitLab does not take it${words === '' ? '' : `: ${words}`}`),
      'Mend what it names, then run it again.',
    ],
    { path: app, words: 'You are not allowed to push code to this project.' },
  ),
  noPass: mistake(
    'no-pass',
    ({ phase }: { phase: string }) => [
      `Cannot let a pass through in ${phase}: only both, warn and refuse have passes from GitLab.`,
      'See `npm run status`.',
    ],
    { phase: 'mirror' },
  ),
  noAttic: environment(
    'no-attic',
    ({ ref, what }: { ref: string; what: string }) => [
      `Cannot settle ${ref}: the value that loses cannot be kept in the attic, ${what}.`,
      'Check that GitLab answers and that the repository on old can be written.',
    ],
    { ref: main, what: `GitLab's ${commit} could not be fetched` },
  ),
  unknown: environment(
    'unknown',
    ({ ref, words }: { ref: string; words: string }) => [
      ended(`Cannot tell whether GitLab took ${ref}: it gave no answer${words === '' ? '' : `: ${words}`}`),
      'Look with `npm run verify`, then settle it again.',
    ],
    { ref: main, words: 'Connection reset by peer' },
  ),
  notSent: environment(
    'not-sent',
    ({ ref, words }: { ref: string; words: string }) => [
      `${ended(`Cannot send ${ref} to GitLab: ${words === '' ? 'no answer' : words}`)} Nothing was changed.`,
      'Try again when GitLab answers.',
    ],
    { ref: main, words: 'Connection refused' },
  ),
  moved: environment(
    'moved',
    ({ ref, side }: { ref: string; side: 'GitLab' | 'old' }) => [
      side === 'GitLab'
        ? `Cannot send ${ref} to GitLab: its value moved there since it was shown.`
        : `Cannot set ${ref} on old: its value moved since it was shown.`,
      'Look again, then decide again.',
    ],
    { ref: main, side: 'GitLab' },
  ),
  notSetOnOld: environment(
    'not-set-on-old',
    ({ ref, words }: { ref: string; words: string }) => [
      ended(`Cannot set ${ref} on old: ${words}`),
      'Remove on old what git names, then try again.',
    ],
    { ref: main, words: "cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'" },
  ),
  declined: mistake(
    'declined',
    ({ ref, words }: { ref: string; words: string }) => [
      ended(`Cannot send ${ref} to GitLab: GitLab declines it${words === '' ? ' without a word' : `: ${words}`}`),
      "Mend what GitLab names, or keep GitLab's value.",
    ],
    { ref: main, words: 'You are not allowed to force push code to a protected branch' },
  ),
  oneValue: mistake(
    'one-value',
    ({ ref, deletion }: { ref: string; deletion: boolean }) => [
      `Cannot keep both values of ${ref}: ${deletion ? 'the one that would get a new name is a deletion' : 'both sides have the same'}.`,
      'Keep one of them.',
    ],
    { ref: main, deletion: false },
  ),
  valueIncomplete: environment(
    'value-incomplete',
    ({ value, path }: { value: string; path: string }) => [
      `Cannot keep ${value} under a new name: some of its objects are missing on old.`,
      `Run \`npm run repair -- ${quote(path)}\` first, or keep one value.`,
    ],
    { value: commit, path: app },
  ),
  name: mistake(
    'name',
    ({ ref, why }: { ref: string; why: string }) => [
      `Cannot keep a value under the name ${ref}: ${why}.`,
      'Choose another one with `--name`.',
    ],
    { ref: 'refs/heads/a..b', why: 'git takes no such name' },
  ),
  nameTaken: mistake(
    'name-taken',
    ({ value, ref }: { value: string; ref: string }) => [
      `Cannot keep ${value} under the name ${ref}: that name is taken on one side or both.`,
      'Choose another one with `--name`.',
    ],
    { value: commit, ref: 'refs/heads/other' },
  ),
  nameTakenMeanwhile: environment(
    'name-taken-meanwhile',
    ({ ref }: { ref: string }) => [
      `Cannot make ${ref} on old: that name was taken meanwhile, or a name above or below it is.`,
      'Choose another one with `--name`.',
    ],
    { ref: 'refs/heads/other' },
  ),
};
