/** What stops the agent on the old server while it works: locks, its own files, git, and the way to GitLab. */
import { environment, ended, mistake } from './fault';

const app = '/srv/git/app.git';
const state = '/home/git/.git-handover/state/1f0c';

const rebuild = (name: string): string =>
  `Rebuild it: \`npm run repair -- ${name} --state --phase <phase>\`, with the phase that the repository was in; without \`--yes\` it only compares both sides.`;

export const passFaults = {
  busy: environment(
    'busy',
    ({ what, waitedMs, again }: { what: string; waitedMs: number; again: 'Run `pulumi up` again' | 'Try again' }) => [
      waitedMs === 0
        ? `Cannot ${what}: a pass keeps the lock of the repository.`
        : `Cannot ${what}: another pass has kept the lock of the repository for ${waitedMs} ms.`,
      `${again}; \`npm run status\` shows when the last pass ended.`,
    ],
    { what: `level ${app}`, waitedMs: 30_000, again: 'Run `pulumi up` again' },
  ),
  locked: environment(
    'locked',
    ({ file, waitedMs }: { file: string; waitedMs: number }) => [
      `Cannot go on: another process has kept ${file} locked for ${waitedMs} ms.`,
      'Try again.',
    ],
    { file: `${state}/state.lock`, waitedMs: 10_000 },
  ),
  diskFull: environment(
    'disk-full',
    ({ words }: { words: string }) => [
      `Cannot go on: a disk is full (${words}).`,
      "Make room on the old server for the agent's folder (`server.folder`) and for the repository, then run it again.",
    ],
    { words: 'ENOSPC' },
  ),
  passFailed: environment(
    'pass-failed',
    ({ path, since, message, next }: { path: string; since: string; message: string; next: string }) => [
      `Cannot keep both sides of ${path} level: its passes fail since ${since}. ${message}`,
      next,
    ],
    {
      path: app,
      since: '2030-01-31T09:00:00Z',
      message: 'Cannot fetch from GitLab: Connection refused.',
      next: 'Nothing was changed; the next pass tries again.',
    },
  ),
  passLate: environment(
    'pass-late',
    ({ path, minutes, lastPass }: { path: string; minutes: number; lastPass: string }) => [
      `Cannot keep both sides of ${path} level: the last pass ended at ${lastPass}, and one has to end every ${minutes} minutes.`,
      'Check on the old server that the timer runs (`agent.timer`) and that the disk of `server.folder` is not full; log/agent.jsonl there says more.',
    ],
    { path: app, minutes: 10, lastPass: '2030-01-31T09:00:00Z' },
  ),
  gitlabLags: environment(
    'gitlab-lags',
    ({ path }: { path: string }) => [
      `Cannot level ${path}: GitLab shows how it was a moment ago, as a replica does that lags behind.`,
      'Nothing was changed; the next pass looks again.',
    ],
    { path: app },
  ),
  otherFence: mistake(
    'other-fence',
    ({ path, id, url }: { path: string; id: string; url: string }) => [
      `Cannot copy ${path} to ${url}: an old server brought that project there before, its mark refs/handover/fence/${id} is in it. Either another one is attached to it, or this one came back from a backup of earlier.`,
      `Look at GitLab's side first: a copy writes over what is there. If another old server belongs to this project too, add ${id} to \`otherFences\` of this repository. If nobody is attached to it any more, take the mark away: \`git push ${url} :refs/handover/fence/${id}\`.`,
    ],
    { path: app, id: '0f9e', url: 'git@gitlab.example.com:team/app.git' },
  ),
  fenceMoved: environment(
    'fence-moved',
    ({ path }: { path: string }) => [
      `Cannot level ${path}: GitLab, or the repository, changed while the pass looked at it.`,
      'Nothing was changed; the next pass looks again.',
    ],
    { path: app },
  ),
  fenceDeclined: environment(
    'fence-declined',
    ({ path, words }: { path: string; words: string }) => [
      ended(
        `Cannot level ${path}: GitLab takes nothing from the agent's key${words === '' ? '' : `, and says: ${words}`}`,
      ),
      'Mend what GitLab names; `pulumi preview` asks GitLab what would refuse pushes. Where it refuses nothing but refs below refs/handover/, `agent.fence: false` does without them.',
    ],
    { path: app, words: 'You are not allowed to push code to this project.' },
  ),
  pushesRefused: mistake(
    'pushes-refused',
    ({ path, count, since, words }: { path: string; count: number; since: string; words: string }) => [
      ended(
        `Cannot bring pushes to ${path} to GitLab: since ${since} it refused ${count} one after the other, and said: ${words}`,
      ),
      'Mend what GitLab names; `pulumi preview` asks GitLab what would refuse pushes. The next one that it takes ends this.',
    ],
    { path: app, count: 3, since: '2030-01-31T09:00:00Z', words: 'You are not allowed to push code to this project.' },
  ),
  notAttached: mistake(
    'not-attached',
    ({ path }: { path: string }) => [
      `Cannot find ${path}: it is not attached, the agent does not know it.`,
      'Add it to `repositories` in the configuration and run `pulumi up`.',
    ],
    { path: app },
  ),
  notLookedAt: mistake(
    'not-looked-at',
    ({ paths }: { paths: readonly string[] }) => [
      `Cannot say how ${paths.join(', ')} ${paths.length === 1 ? 'is: it is' : 'are: they are'} configured, and the agent does not look at ${paths.length === 1 ? 'it' : 'them'}.`,
      'Run `pulumi up`, or take what no longer belongs there out of `repositories`.',
    ],
    { paths: [app] },
  ),
  notInstalled: mistake(
    'not-installed',
    ({ what, file }: { what: string; file: string }) => [
      `Cannot go on without ${what}: ${file} is missing.`,
      'Run `pulumi up`.',
    ],
    { what: "the agent's configuration", file: '/home/git/.git-handover/config.json' },
  ),
  configUnreadable: environment(
    'config-unreadable',
    ({ what, words }: { what: string; words: string }) => [
      ended(`Cannot read ${what}: ${words}`),
      'Run `pulumi up`: it writes the file again.',
    ],
    { what: "the agent's configuration", words: 'Error: it is cut short' },
  ),
  stateLost: environment(
    'state-lost',
    ({ path, quoted }: { path: string; quoted: string }) => [
      `Cannot use ${path}: what git-handover knows of it is gone from the agent's folder, and its hooks refuse every push.`,
      rebuild(quoted),
    ],
    { path: app, quoted: app },
  ),
  stateUnreadable: environment(
    'state-unreadable',
    ({ file }: { file: string }) => [
      `Cannot read the state of this repository: ${file} is missing, cut short or altered.`,
      rebuild('<repository>'),
    ],
    { file: `${state}/state` },
  ),
  journalUnreadable: environment(
    'journal-unreadable',
    ({ what, words }: { what: 'state' | 'journal'; words: string }) => [
      ended(`Cannot read the ${what} of this repository: ${words}`),
      'Check the disk that holds the state folder.',
    ],
    { what: 'journal', words: 'Error: EIO: i/o error, read' },
  ),
  noObjects: environment(
    'no-objects',
    ({ path, refs }: { path: string; refs: number }) => [
      `Cannot run a pass of ${path}: the objects of all ${refs} refs are missing. Nothing was changed.`,
      'Check on the old server that the disk of the objects folder, and of those named in objects/info/alternates, is there.',
    ],
    { path: app, refs: 12 },
  ),
  gitFailed: environment(
    'git-failed',
    ({ what, exit, words }: { what: string; exit: number | null; words: string }) => [
      ended(`Cannot ${what}: git ended with ${exit ?? 'a signal'}${words === '' ? '' : `: ${words}`}`),
      'Check the repository with `git fsck` on the old server.',
    ],
    { what: 'list the refs of old', exit: 128, words: 'fatal: unexpected line in packed-refs: garbage' },
  ),
  configFailed: environment(
    'config-failed',
    ({ file, words }: { file: string; words: string }) => [
      ended(`Cannot use the configuration ${file}: ${words}`),
      'Check the file and its permissions on the old server.',
    ],
    { file: `${app}/config`, words: 'fatal: bad config line 3' },
  ),
  gitlabUnreachable: environment(
    'gitlab-unreachable',
    ({ what, words }: { what: string; words: string }) => [
      ended(`Cannot ${what}: ${words === '' ? 'no answer' : words}`),
      'Check `gitlab.sshHost` and `gitlab.sshPort`, that GitLab is up, and that the old server reaches its SSH port.',
    ],
    { what: `ask GitLab for its refs of ${app}`, words: 'connect to host gitlab.example.org port 22: timed out' },
  ),
  fetchFailed: environment(
    'fetch-failed',
    ({ words }: { words: string }) => [
      ended(`Cannot fetch from GitLab: ${words === '' ? 'no progress within the deadline' : words}`),
      'Nothing was changed; the next pass tries again.',
    ],
    { words: 'Connection reset by peer' },
  ),
  noSendFolder: environment(
    'no-send-folder',
    ({ folder, words }: { folder: string; words: string }) => [
      ended(`Cannot send to GitLab: its folder ${folder} cannot be made: ${words}`),
      "Check that the disk of the agent's folder has room and can be written.",
    ],
    { folder: `${state}/send`, words: 'ENOSPC: no space left on device' },
  ),
  unknownVerb: mistake(
    'unknown-verb',
    ({ verb, known }: { verb: string; known: readonly string[] }) => [
      `Cannot answer ${JSON.stringify(verb)}: the agent does not know that verb, it knows ${known.join(', ')}.`,
      'Run `pulumi up`, so that agent and provider are of one version.',
    ],
    { verb: 'listen', known: ['hello', 'setup', 'status'] },
  ),
};
