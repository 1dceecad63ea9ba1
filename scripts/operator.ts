/**
 * What every command of the operator shares: arguments, the stack, the connection to the old server, errors and exit
 * codes.
 */
import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Verbs } from '../agent/contract/verbs';
import type { ExitCode } from '../agent/contract/views';
import { asFault } from '../agent/contract/errors';
import { faults } from '../agent/contract/faults';
import { nameStack, nameStackIn, type Naming } from '../agent/contract/naming';
import { stateName } from '../agent/contract/statename';
import type { RepositorySettings } from '../stacks/config';
import { openAgent, type Agent } from './agent';
import { projectFolder, readStack, selectedOfSeveral, type StackPlace } from './stack';
import { openTerminal, tellFault, type Host, type Terminal } from './terminal';

export interface Command {
  /** Shown by --help: one line of purpose, options, examples. */
  readonly usage: string;
  /** Options of its own beside those that all have. */
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  run(session: Session): Promise<ExitCode>;
}

export interface Session {
  readonly terminal: Terminal;
  readonly place: StackPlace;
  readonly repositories: readonly RepositorySettings[];
  readonly words: readonly string[];
  readonly json: boolean;
  option(name: string): string | undefined;
  flag(name: string): boolean;
  readonly call: Agent['call'];
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

const shared = { stack: 'string', cwd: 'string', json: 'boolean', help: 'boolean' } as const;

/** Runs a command to its end and sets the exit code of `host`. */
export function runCommand(host: Host, command: Command): void {
  void execute(openTerminal(host), command, host.argv.slice(2)).then((code) => {
    host.exitCode = code;
  });
}

async function execute(plain: Terminal, command: Command, args: readonly string[]): Promise<ExitCode> {
  let json = args.includes('--json');
  let terminal = plain;
  try {
    const { values, positionals } = parse(command, args);
    json = values['json'] === true;
    if (values['help'] === true) {
      terminal.print(command.usage.trim());
      return 0;
    }
    const place = placeOf(values);
    terminal = named(plain, { stack: place.stack, cwd: textOf(values, 'cwd') });
    const stack = place.stack ?? (await selectedOfSeveral(place.project));
    terminal = named(plain, { stack, cwd: textOf(values, 'cwd') });
    return await withSession({ terminal, place: { ...place, stack }, values }, positionals, command);
  } catch (error) {
    const fault = asFault(error);
    if (json) printJson(terminal, { fault });
    else tellFault(terminal, fault);
    return fault.exit;
  }
}

function parse({ options }: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const all = Object.entries({ ...shared, ...options }).map(([name, type]) => [name, { type }] as const);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(all),
      allowPositionals: true,
      strict: true,
    });
    // No option of ours may be given several times, so no value is a list.
    return { values: values as Values, positionals };
  } catch (error) {
    throw faults.arguments({ words: error instanceof Error ? error.message : String(error) });
  }
}

/** What is printed there names the stack in each command. */
function named(terminal: Terminal, naming: Naming): Terminal {
  return {
    ...terminal,
    print: (text) => terminal.print(nameStack(text, naming)),
    tell: (text) => terminal.tell(nameStack(text, naming)),
    inJson: (value) => nameStackIn(value, naming),
  };
}

function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function placeOf(values: Values): StackPlace {
  const folder = textOf(values, 'cwd') ?? (existsSync('Pulumi.yaml') ? '.' : projectFolder);
  return { stack: textOf(values, 'stack'), project: resolve(folder) };
}

interface Opened {
  readonly terminal: Terminal;
  readonly place: StackPlace;
  readonly values: Values;
}

/** The connection is made before the work and closed at the end. */
async function withSession(
  { terminal, place, values }: Opened,
  words: readonly string[],
  command: Command,
): Promise<ExitCode> {
  const { server, repositories } = await readStack(place);
  const agent = openAgent(server, (text) => terminal.tell(text));
  try {
    await agent.reach();
    return await command.run({
      terminal,
      place,
      repositories,
      words,
      json: values['json'] === true,
      option: (name) => textOf(values, name),
      flag: (name) => values[name] === true,
      call: agent.call,
    });
  } finally {
    agent.close();
  }
}

/** A repository by its key in the configuration, its path on old, or its project. */
export function findRepository(
  { repositories }: Session,
  word: string,
): { readonly key: string | null; readonly path: string } {
  const found = repositories.find(({ key, config }) => [key, config.path, config.project].includes(word));
  if (found !== undefined) return { key: found.key, path: found.config.path };
  if (word.startsWith('/')) return { key: null, path: word };
  throw faults.unknownRepository({ word, known: repositories.map(({ key }) => key) });
}

/** The state of all that the agent looks at, and a fault for what is configured and was not looked at. */
export async function statusOfAll(session: Session): Promise<Verbs['status']['result']> {
  const { repositories, faults: told } = await session.call('status', { paths: [] });
  const known = (path: string): boolean =>
    repositories.some((one) => one.path === path) ||
    told.some(({ message }) => message.includes(path) || message.includes(stateName(path)));
  const paths = session.repositories.map(({ config }) => config.path).filter((path) => !known(path));
  return { repositories, faults: paths.length === 0 ? told : [...told, faults.notLookedAt({ paths }).fault] };
}

/** As the configuration calls it. */
export function nameOf({ repositories }: Session, path: string): string {
  return repositories.find(({ config }) => config.path === path)?.key ?? path;
}

export function operatorName(session: Session): string {
  return session.option('who') ?? `${userInfo().username}@${hostname()}`;
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.print(JSON.stringify(terminal.inJson(value), null, 2));
}
