/**
 * The rooms of this project, from the bottom up: what each is for, and what it may import besides itself. The tidy test
 * holds the code to it, and docs/design/rooms.md is made from it (`npm run docs`). A file belongs to the longest path
 * that it lies below.
 */

export interface Room {
  /** A folder or a file, relative to the project. */
  readonly path: string;
  /** One sentence: what it is for. */
  readonly says: string;
  /** The rooms that it may import, by their paths. */
  readonly may: readonly string[];
  /** Modules of Node and packages that it may use; `any`: all that package.json names. */
  readonly uses: 'any' | readonly string[];
}

const contract = 'agent/contract';
const rules = 'agent/rules';
const sync = 'agent/sync';
const machine = 'agent/machine';
const git = 'agent/git';
const objects = 'agent/objects';
const repository = 'agent/repository';
const hook = 'agent/hook';
const repair = 'agent/repair';
const resident = 'agent/resident';
const install = 'agent/install';
const verbs = 'agent/verbs';
const stacks = 'stacks';
const scripts = 'scripts';

const agent: readonly Room[] = [
  {
    path: contract,
    says: 'What both ends of the SSH connection must agree on: the only room of the agent that stacks and scripts may use.',
    may: [],
    uses: ['node:crypto', 'node:path'],
  },
  {
    path: rules,
    says: 'Values, parsers and every decision about a ref, a push or a record: pure.',
    may: [contract],
    uses: ['node:crypto'],
  },
  {
    path: sync,
    says: 'The protocol, over the ports alone: a pass of each kind, a push, a change of phase, a settlement. It is what the simulation runs.',
    may: [contract, rules],
    uses: [],
  },
  {
    path: machine,
    says: 'The Linux below us: files, /proc, flock, the clock, the log, commands. It knows no repository and no git.',
    may: [contract, rules],
    uses: 'any',
  },
  {
    path: git,
    says: "Everything that starts git or reads git's files: the only place that knows git's words.",
    may: [contract, rules, machine],
    uses: 'any',
  },
  {
    path: objects,
    says: 'Packs, indexes and loose objects, read byte by byte. Starts no process.',
    may: [rules, machine],
    uses: 'any',
  },
  {
    path: repository,
    says: 'What stands on disk about one repository (state, journal, leases, hooks, sharing), and the World made of it.',
    may: [contract, rules, machine, git, objects],
    uses: 'any',
  },
  {
    path: hook,
    says: 'One push on old: what a hook asks of Node, and what another account asks over the socket.',
    may: [contract, rules, sync, machine, git, repository],
    uses: 'any',
  },
  {
    path: repair,
    says: 'Finds damage on old, and brings back from GitLab what is damaged.',
    may: [contract, rules, sync, machine, git, objects, repository],
    uses: 'any',
  },
  {
    path: resident,
    says: 'The process that keeps looking: turns, wake-ups, webhooks, the warm connection, the tick.',
    may: [contract, rules, sync, machine, repository, hook, repair],
    uses: 'any',
  },
  {
    path: install,
    says: "Puts the agent and a repository's hooks on the server, and says why that cannot be done.",
    may: [contract, rules, machine, git, repository, resident],
    uses: 'any',
  },
  {
    path: verbs,
    says: 'One file for each verb of the contract: read the request, call, word the answer.',
    may: [contract, rules, sync, machine, git, objects, repository, hook, repair, resident, install],
    uses: 'any',
  },
  {
    path: 'agent/main.ts',
    says: 'The entry points of the agent, exit codes and standard streams.',
    may: [contract, rules, sync, machine, git, objects, repository, hook, repair, resident, install, verbs],
    uses: 'any',
  },
];

const say = 'stacks/provider/engine';
const ssh = 'stacks/provider/ssh';
const rest = 'stacks/provider/gitlab';
const node = 'stacks/provider/node';
const waiting = 'stacks/provider/waiting';
/** Files that need each other, and none of them more than the others. */
const shared = [
  {
    path: 'stacks/provider/session.ts',
    says: 'What one run of the provider shares: a connection, what old and GitLab said, each asked once.',
  },
  { path: 'stacks/provider/old.ts', says: 'The old server as one run asks it: one connection, and calls.' },
  {
    path: 'stacks/provider/bundle.ts',
    says: "The agent's files, here and on old: what differs is copied, what is equal is left alone.",
  },
  { path: 'stacks/provider/call.ts', says: "One verb of the agent's contract, asked over SSH." },
  {
    path: 'stacks/provider/survey.ts',
    says: 'What the program asks before it declares anything: ids on GitLab, and one look at all repositories.',
  },
];
const session = shared.map(({ path }) => path);
const kinds = 'stacks/provider/kinds';
const settings = 'stacks/settings';
const sentence = 'stacks/sentence.ts';
const config = 'stacks/config.ts';

const provider: readonly Room[] = [
  { path: waiting, says: 'Ends of a wait other than its own, and what is done again.', may: [contract], uses: [] },
  {
    path: ssh,
    says: 'The one way to the old server: a connection, its words, its faults.',
    may: [contract, waiting],
    uses: 'any',
  },
  {
    path: node,
    says: 'Which Node runs the agent on old, and how one gets there where there is none that will do.',
    may: [contract, ssh],
    uses: 'any',
  },
  { path: rest, says: "GitLab's REST interface, as far as we ask it.", may: [contract, waiting], uses: 'any' },
  {
    path: say,
    says: "Pulumi's engine: its wire, its plain values, and how a resource speaks to whoever watches the run.",
    may: [contract],
    uses: 'any',
  },
  ...shared.map((room) => ({
    ...room,
    may: [contract, ssh, node, rest, say, waiting, ...session],
    uses: 'any' as const,
  })),
  {
    path: kinds,
    says: 'One file for each kind of resource: what differs, and how it is made, changed and taken away.',
    may: [contract, ssh, node, rest, say, waiting, ...session],
    uses: 'any',
  },
  {
    path: 'stacks/provider',
    says: "The provider's entry point and the verbs of Pulumi's protocol.",
    may: [contract, ssh, node, rest, say, waiting, ...session, kinds],
    uses: 'any',
  },
];

const program: readonly Room[] = [
  {
    path: sentence,
    says: 'A mistake of the operator, as one sentence that Pulumi prints.',
    may: [contract],
    uses: ['@pulumi/pulumi'],
  },
  {
    path: settings,
    says: 'The settings of a stack: their shapes, and every mistake in them in one report.',
    may: [contract, sentence],
    uses: ['zod', 'node:path', 'node:path/posix', 'node:net'],
  },
  {
    path: config,
    says: "The one reader of a stack's configuration.",
    may: [contract, settings, sentence],
    uses: 'any',
  },
  {
    path: 'stacks/resources',
    says: 'What the program declares, a file for each kind of thing.',
    may: [contract, config, sentence, 'stacks/provider/survey.ts', 'stacks/provider/session.ts'],
    uses: 'any',
  },
  {
    path: stacks,
    says: 'The Pulumi program.',
    may: [contract, config, settings, sentence, 'stacks/resources', 'stacks/provider/survey.ts', 'sdks'],
    uses: 'any',
  },
];

/** What a pure test needs of Node. */
const asserting = ['node:test', 'node:assert/strict'];

const others: readonly Room[] = [
  { path: scripts, says: 'What people type besides `pulumi up`.', may: [contract, stacks], uses: 'any' },
  {
    path: 'test/random.ts',
    says: 'One generator of chance, from a seed.',
    may: [],
    uses: [],
  },
  {
    path: 'test/history',
    says: 'What happened in a run, and the checkers that judge it by the promises: pure.',
    may: [],
    uses: asserting,
  },
  {
    path: 'test/unit',
    says: 'Tests of what is pure: it starts no process, opens no file and no socket, and all of it takes seconds.',
    may: [contract, rules, sync, settings, config, 'test/property.ts'],
    uses: [...asserting, 'node:path'],
  },
  {
    path: 'test/simulation',
    says: "The protocol in a simulated world: it runs the agent's own rules and protocol, and none of its doors.",
    may: [contract, rules, sync, 'test/history', 'test/random.ts'],
    uses: 'any',
  },
];

export const rooms: readonly Room[] = [...agent, ...provider, ...program, ...others];
