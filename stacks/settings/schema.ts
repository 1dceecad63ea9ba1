/** The shape of everything that a stack's configuration may say, below `git-handover:`. Pure. */
import { z } from 'zod';
import type { TextName } from '../../agent/contract/configs';
import { phases } from '../../agent/contract/phase';
import { gitlabUrl, isPrivate } from './gitlaburl';
import { object } from './object';
import { webhook } from './webhook';
import { absolutePath, account, host, hostKeys, message, namespace, pattern, port, seconds } from './words';

const server = object({
  host,
  port: port.default(22),
  user: account,
  hostKeys,
  privateKeyFile: z.string().min(1).optional(),
  root: absolutePath,
  folder: z
    .string()
    .regex(
      /^~?(?:\/[A-Za-z0-9._-]+)+$/,
      'expected an absolute path or one that begins with ~/, of letters, digits, dots, dashes and underscores',
    )
    .default('~/.git-handover'),
  node: z.string().min(1).default('auto'),
});

const visibility = z.enum(['private', 'internal', 'public']);

const group = object({
  path: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/,
      'expected the path of a group such as "code" or "company/code"',
    ),
  create: z.boolean().default(false),
  visibility: visibility.default('private'),
  existingSubgroups: z.array(z.string().min(1)).default([]),
});

interface Ends {
  readonly url?: unknown;
  readonly plainHttp?: unknown;
}

const gitlab = object({
  url: gitlabUrl,
  plainHttp: z.boolean().default(false),
  movedFrom: gitlabUrl.optional(),
  sshHost: host.optional(),
  sshPort: port.default(22),
  sshUser: account.default('git'),
  sshHostKeys: hostKeys,
  peopleUrl: z.string().includes('{project}', 'expected an address that contains {project}').optional(),
  group,
  keyToken: z.string().min(1).optional(),
}).refine((written: Ends | undefined) => written?.plainHttp === true || isPrivate(written?.url), {
  when: () => true,
  path: ['url'],
  error: 'expected https://, or plainHttp: true where everybody on the way may read the token',
});

const oneOf = (a: unknown, b: unknown): boolean => (a === undefined) !== (b === undefined);
const access = z.enum(['developer', 'maintainer']).default('developer');
const id = z.int().min(1).optional();

const people = object({
  groups: z
    .array(
      object({ path: z.string().min(1).optional(), id, access }).refine(
        (one) => oneOf(one.path, one.id),
        'expected either "path" or "id"',
      ),
    )
    .default([]),
  users: z
    .array(
      object({ username: z.string().min(1).optional(), id, access }).refine(
        (one) => oneOf(one.username, one.id),
        'expected either "username" or "id"',
      ),
    )
    .default([]),
});

const time = z.iso.datetime({ offset: true });
const brownout = object({ from: time, to: time }).refine(
  ({ from, to }) => Date.parse(from) < Date.parse(to),
  'expected "from" to be before "to"',
);

const phase = z.enum(phases);

const repository = object({
  project: z.string().min(1).optional(),
  phase: phase.optional(),
  namespaces: z.array(namespace).default([]),
  waivedNamespaces: z.array(namespace).default([]),
  hooksAfterPass: z.boolean().default(true),
  ciSkip: z.boolean().default(true),
  brownouts: z.array(brownout).default([]),
  defaultBranch: z
    .string()
    .regex(/^(?!refs\/)[^\s~^:?*[\\]+$/, 'expected the name of a branch, without refs/heads/')
    .optional(),
  abandon: z.boolean().default(false),
  otherFences: z
    .array(z.string().regex(/^[0-9a-f]+$/, 'expected what stands behind refs/handover/fence/ at GitLab'))
    .default([]),
  acknowledgeUnhookedWriters: z.boolean().default(false),
  endOlderPushes: z.boolean().default(false),
});

/** Written out so that a text that the agent gains or loses is an error of types here. */
const texts: Readonly<Record<TextName, z.ZodOptional<z.ZodType<string, string>>>> = {
  warn: message.optional(),
  refuse: message.optional(),
  brownout: message.optional(),
  stale: message.optional(),
  staleUnhealed: message.optional(),
  stopped: message.optional(),
  unknown: message.optional(),
  unreachable: message.optional(),
  declined: message.optional(),
  accepted: message.optional(),
  damaged: message.optional(),
  travelled: message.optional(),
  stateUnreadable: message.optional(),
  retired: message.optional(),
};

const agent = object({
  queueDelaySeconds: seconds.default(2),
  timer: z.enum(['auto', 'systemd', 'cron', 'none']).default('auto'),
  holdSeconds: seconds.min(1).default(60),
  leaseSeconds: seconds.min(1).default(3600),
  connectSeconds: seconds.min(1).default(20),
  lookSeconds: seconds.min(1).default(30),
  breakerShare: z.number().min(0).max(1).default(0.33),
  breakerRefs: z.int().min(0).default(3),
  fence: z.boolean().default(true),
  lagSeconds: seconds.max(600).default(60),
  mirrorAfterRestart: z.enum(['take', 'refuse']).default('take'),
  refsPerPush: z.int().min(1).max(10_000).default(2000),
  scanHours: z.number().min(0).default(24),
  scanMegabytesPerSecond: z.number().min(0.1).default(20),
  passMegabytes: z.int().min(128).default(1024),
  webhook: webhook.optional(),
  texts: object(texts).default({}),
});

const level = z.enum(['no one', 'developer', 'maintainer']);

const protections = object({
  branches: z
    .array(
      object({
        name: pattern,
        push: level.default('maintainer'),
        merge: level.default('maintainer'),
        allowForcePush: z.boolean().default(false),
      }),
    )
    .default([]),
  tags: z.array(object({ name: pattern, create: level.default('maintainer') })).default([]),
});

export const schema = object({
  phase: phase.default('old'),
  server,
  gitlab,
  people: people.prefault({}),
  repositories: z.record(
    z.string().min(1),
    z.preprocess((value) => value ?? {}, repository),
  ),
  agent: agent.prefault({}),
  protections: protections.prefault({}),
  longestPushSeconds: seconds.default(90),
});

/** What was written, checked, with defaults in. */
export type Written = z.output<typeof schema>;
export type WrittenRepository = z.output<typeof repository>;
