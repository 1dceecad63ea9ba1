/** What stops the passes of a repository that is too large, and of no other. */
import { mistake } from './fault';

const app = '/srv/git/app.git';

interface LongList {
  readonly path: string;
  readonly side: 'old' | 'GitLab';
  readonly refs: number;
  /** False: it was not listened to to its end. */
  readonly isAll: boolean;
  readonly bytes: number;
  readonly mostBytes: number;
  /** MB that it would take. */
  readonly enough: number;
}

interface Parking {
  readonly path: string;
  readonly since: string;
  readonly message: string;
  readonly next: string;
  readonly minutes: number;
}

const counted = (number: number): string => number.toLocaleString('en-US');

const inMegabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

const lessRefs = (megabytes: number): string =>
  `Delete refs that nobody needs there, or set \`agent.passMegabytes\` to ${megabytes} and run \`pulumi up\`: a pass takes so much memory on the old server while it runs.`;

export const largeFaults = {
  tooManyRefs: mistake(
    'too-many-refs',
    ({ path, side, refs, isAll, bytes, mostBytes, enough }: LongList) => [
      `Cannot look at ${path}: ${side} lists ${isAll ? '' : 'at least '}${counted(refs)} refs there (${inMegabytes(bytes)}), and \`agent.passMegabytes\` is enough for ${inMegabytes(mostBytes)} of each side.`,
      lessRefs(enough),
    ],
    { path: app, side: 'GitLab', refs: 660_000, isAll: true, bytes: 90_000_000, mostBytes: 67_108_864, enough: 1536 },
  ),
  passOutgrew: mistake(
    'pass-outgrew',
    ({ path, refs, megabytes }: { path: string; refs: number; megabytes: number }) => [
      `Cannot end a pass of ${path}: with ${counted(refs)} packed refs on old it took more than the ${counted(megabytes)} MB of memory of \`agent.passMegabytes\`, and was ended.`,
      lessRefs(2 * megabytes),
    ],
    { path: app, refs: 660_000, megabytes: 1024 },
  ),
  passOutran: mistake(
    'pass-outran',
    ({ path, refs, minutes }: { path: string; refs: number; minutes: number }) => [
      `Cannot end a pass of ${path}: with ${counted(refs)} packed refs on old it took longer than ${counted(minutes)} minutes, and was ended.`,
      'Delete refs that nobody needs there, on the side that decides; log/agent.jsonl on the old server says how far passes come.',
    ],
    { path: app, refs: 660_000, minutes: 720 },
  ),
  parked: mistake(
    'parked',
    ({ path, since, message, next, minutes }: Parking) => [
      `Cannot keep both sides of ${path} level: it is parked since ${since}, so that it stops no other repository. ${message}`,
      `${next} It is tried again ${minutes} minutes after the last time, and as soon as the setting is another one or old has fewer packed refs.`,
    ],
    {
      path: app,
      since: '2030-01-31T09:00:00Z',
      message: 'Cannot look at /srv/git/app.git: GitLab lists 660,000 refs there.',
      next: 'Delete refs that nobody needs there.',
      minutes: 10,
    },
  ),
};
