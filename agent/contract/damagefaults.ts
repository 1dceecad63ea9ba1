/** Why a repair, or the rebuilding of a state, does not run. */
import { type Phase } from './phase';
import { environment, ended, mistake, needless } from './fault';
import { quote } from './shellword';

const app = '/srv/git/app.git';

export const damageFaults = {
  noCopy: mistake(
    'no-copy',
    ({ path, phase }: { path: string; phase: Phase }) => [
      `Cannot repair ${path} from GitLab: it is ${phase}, and only mirror, both, warn and refuse have a copy to repair from.`,
      phase === 'old'
        ? 'GitLab has no copy yet: use a backup, or move it to mirror, which copies what can be read.'
        : `Restore it first: \`npm run restore -- ${quote(path)}\`.`,
    ],
    { path: app, phase: 'old' },
  ),
  notDamaged: needless(
    'not-damaged',
    ({ path }: { path: string }) => [`Nothing is damaged in ${path}.`, 'See `npm run status`.'],
    { path: app },
  ),
  repairing: environment(
    'repairing',
    ({ path }: { path: string }) => [`Cannot repair ${path}: another repair of it is running.`, 'Wait for it.'],
    { path: app },
  ),
  borrowedAway: environment(
    'borrowed-away',
    ({ away }: { away: string }) => [
      `Cannot repair: ${away}, from which objects are borrowed (objects/info/alternates), is not there.`,
      'Bring that folder back first.',
    ],
    { away: '/srv/git/pool/objects' },
  ),
  noRepairFolder: environment(
    'no-repair-folder',
    ({ directory, words }: { directory: string; words: string }) => [
      ended(`Cannot make a folder for the repair in ${directory}: ${words}`),
      'Check that the disk has room and can be written.',
    ],
    { directory: app, words: 'No space left on device' },
  ),
  repairFetchFailed: environment(
    'repair-fetch-failed',
    ({ words }: { words: string }) => [
      `${ended(`Cannot fetch from GitLab for the repair: ${words === '' ? 'no progress within the deadline' : words}`)} Nothing was changed.`,
      'Try again when GitLab answers.',
    ],
    { words: 'Connection refused' },
  ),
  refsLocked: environment(
    'refs-locked',
    ({ directory }: { directory: string }) => [
      `Cannot mend packed-refs of ${directory}: somebody is writing it, packed-refs.lock is there.`,
      'Try again in ten minutes: a lock that was left behind goes by itself.',
    ],
    { directory: app },
  ),
  stateReadable: needless(
    'state-readable',
    ({ path, phase }: { path: string; phase: Phase }) => [
      `The state of ${path} can be read: it is in ${phase}.`,
      'There is nothing to rebuild.',
    ],
    { path: app, phase: 'both' },
  ),
  phaseDoubtful: mistake(
    'phase-doubtful',
    ({ path, phase, known }: { path: string; phase: Phase; known: { phase: string; time: string } }) => [
      `Cannot rebuild ${path} in ${phase}: the agent's log says ${known.phase} since ${known.time}.`,
      `Name ${known.phase}; \`pulumi up\` moves on from there.`,
    ],
    { path: app, phase: 'mirror', known: { phase: 'both', time: '2030-01-31T09:00:00Z' } },
  ),
  notThere: mistake(
    'not-there',
    ({ path, phase, directory }: { path: string; phase: Phase; directory: string }) => [
      `Cannot rebuild ${path} in ${phase}: the repository does not lie at ${directory}, nothing is there.`,
      'Bring it back to that place, or name another phase.',
    ],
    { path: app, phase: 'retired', directory: '/srv/git/app.git.moved-to-gitlab' },
  ),
  pushesRunning: environment(
    'pushes-running',
    ({ path }: { path: string }) => [
      `Cannot rebuild the state of ${path}: a push is running.`,
      'Try again in a moment: new pushes are refused until the state is there.',
    ],
    { path: app },
  ),
};
