/** Why a repository is not renamed away or back. */
import type { Phase } from './phase';
import { environment, ended, mistake, needless } from './fault';

const app = '/srv/git/app.git';
const away = '/srv/git/app.git.moved-to-gitlab';

export const retireFaults = {
  notRefusing: mistake(
    'not-refusing',
    ({ path, phase }: { path: string; phase: Phase }) => [
      `Cannot retire ${path}: its phase is ${phase}, not refuse.`,
      'Move it to refuse first.',
    ],
    { path: app, phase: 'warn' },
  ),
  borrowed: mistake(
    'borrowed',
    ({ path, borrowers }: { path: string; borrowers: readonly string[] }) => [
      `Cannot retire ${path}: ${borrowers.join(', ')} ${borrowers.length === 1 ? 'borrows' : 'borrow'} objects from it (objects/info/alternates).`,
      `Give each its own copy: \`git -C ${borrowers[0] ?? ''} repack -a -d && rm ${borrowers[0] ?? ''}/objects/info/alternates\`.`,
    ],
    { path: app, borrowers: ['/srv/git/fork.git'] },
  ),
  notLevel: mistake(
    'not-level',
    ({ path, why }: { path: string; why: string }) => [
      ended(`Cannot retire ${path}: both sides are not level: ${why}`),
      'See `npm run verify`, and `npm run status`, which prints what settles it; then try again.',
    ],
    { path: app, why: '2 refs differ' },
  ),
  pathTaken: mistake(
    'path-taken',
    ({ what, place }: { what: string; place: string }) => [
      `Cannot ${what}: the name ${place} is taken, something lies there.`,
      'Move it out of the way first.',
    ],
    { what: `retire ${app}`, place: away },
  ),
  folderReadOnly: mistake(
    'folder-read-only',
    ({ folder }: { folder: string }) => [
      `Cannot rename a repository in ${folder}: the agent's account may not write there.`,
      'Give the account the right to write there, or rename by hand with the rights of its owner.',
    ],
    { folder: '/srv/git' },
  ),
  renameFailed: environment(
    'rename-failed',
    ({ from, to, words }: { from: string; to: string; words: string }) => [
      ended(`Cannot rename ${from} to ${to}: ${words}`),
      'Mend the cause on the old server, then try again.',
    ],
    { from: app, to: away, words: 'Error: EROFS: read-only file system, rename' },
  ),
  alreadyThere: needless(
    'already-there',
    ({ path, phase, directory }: { path: string; phase: 'retired' | 'refuse'; directory: string }) => [
      phase === 'retired'
        ? `${path} is retired already: it lies at ${directory}.`
        : `${path} is not retired: it is refuse.`,
      'There is nothing to do.',
    ],
    { path: app, phase: 'retired', directory: away },
  ),
  notRetired: needless(
    'not-retired',
    ({ path, phase }: { path: string; phase: Phase }) => [
      `${path} is not retired: it is ${phase}.`,
      'There is nothing to do.',
    ],
    { path: app, phase: 'both' },
  ),
  sameRepository: needless(
    'same-repository',
    ({ directory }: { directory: string }) => [
      `${directory} is the repository that was attached.`,
      'There is nothing to do.',
    ],
    { directory: app },
  ),
};
