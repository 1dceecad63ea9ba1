/** One call of the agent: a verb and a request to the old server, JSON lines back. */
import type { Fault } from '../../agent/contract/views';
import type { Line, Verbs } from '../../agent/contract/verbs';
import { HandoverError, asError } from '../../agent/contract/errors';
import { faults } from '../../agent/contract/faults';
import { allPrintable } from '../../agent/contract/printable';
import { agentFile, agentWords } from '../../agent/contract/commands';
import { nodeThere } from './node/node';
import { isCopying } from './node/seen';
import type { Connection } from './ssh/ssh';
import { address } from './ssh/address';

export interface CallOptions {
  /** Progress and warnings, as they come. */
  readonly onLine?: ((line: { readonly kind: 'progress' | 'warning'; readonly text: string }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The agent's bundle, brought along for this one call: used where none is installed yet. */
  readonly carried?: Buffer | undefined;
  /** Shell text that names Node in $node; by default the one that is there. */
  readonly node?: string | undefined;
}

/** Verbs that look and answer; the others may take as long as their work takes. */
const quickMs = 120_000;
const quick: ReadonlySet<keyof Verbs> = new Set([
  'hello',
  'reach',
  'listen',
  'installed',
  'inspect',
  'status',
  'setup',
  'attach',
  'remove',
]);

/** Exit codes of the shell for a command that a signal ended. */
const signalledFrom = 129;

/**
 * Answers the result, or throws the agent's own fault. Anything else that the server says is a fault of the
 * environment.
 */
export async function callAgent<V extends keyof Verbs>(
  connection: Connection,
  verb: V,
  request: Verbs[V]['request'],
  options: CallOptions | CallOptions['onLine'] = {},
): Promise<Verbs[V]['result']> {
  const { onLine, signal, carried, node } = typeof options === 'function' ? { onLine: options } : options;
  const answer: Answer<Verbs[V]['result']> = { last: null, garbage: null };
  const finished = await connection.run(script(connection, verb, { carried, node }), {
    stdin: Buffer.concat([carried ?? Buffer.alloc(0), Buffer.from(JSON.stringify(request))]),
    onLine: (line) => take(line, answer, onLine),
    ...(quick.has(verb) ? { withinMs: quickMs } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.garbage === null && answer.last?.kind === 'result') return answer.last.value;
  if (answer.garbage === null && answer.last?.kind === 'error') throw asError(allPrintable(answer.last.fault));
  throw unusable(connection, verb, answer.garbage ?? finished.stderr.trim(), finished.code);
}

/** A carried bundle comes first on standard input, then the request; its folder goes when the call ends. */
function script(
  connection: Connection,
  verb: string,
  { carried, node = nodeThere(connection) }: Pick<CallOptions, 'carried' | 'node'>,
): string {
  if (carried === undefined) return `${node}; exec "$node" ${agentWords(connection.folder, 'call', verb).join(' ')}`;
  return `d=$(mktemp -d) || exit 1; trap 'rm -rf "$d"' EXIT; trap 'exit 143' HUP INT TERM; head -c ${carried.length} > "$d/${agentFile}" && { ${node}; "$node" ${agentWords('"$d"', 'call', verb).join(' ')}; }`;
}

interface Answer<T> {
  last: Line<T> | null;
  /** The first line that is none of the contract's. */
  garbage: string | null;
}

function take<T>(text: string, answer: Answer<T>, onLine: CallOptions['onLine']): void {
  const line = parseLine<T>(text);
  if (line === null || answer.last !== null) answer.garbage ??= text;
  else if (line.kind === 'progress' || line.kind === 'warning') onLine?.(allPrintable(line));
  else answer.last = line;
}

/** Null for anything that the contract does not know. */
export function parseLine<T>(text: string): Line<T> | null {
  try {
    const line = JSON.parse(text) as Line<T>;
    if (line.kind === 'progress' || line.kind === 'warning') return typeof line.text === 'string' ? line : null;
    if (line.kind === 'result') return 'value' in line ? line : null;
    return line.kind === 'error' && isFault(line.fault) ? line : null;
  } catch {
    return null;
  }
}

function isFault({ code, message, next, exit }: Fault): boolean {
  return [code, message, next].every((words) => typeof words === 'string') && Number.isInteger(exit);
}

function unusable(connection: Connection, verb: string, words: string, code: number): HandoverError {
  const { settings } = connection;
  if (code >= signalledFrom) return faults.agentEnded({ where: address(settings), verb, code });
  if (code === 127 || code === 126)
    return faults.noNode({ where: address(settings), words: words.slice(-200), copied: isCopying(settings) });
  const said = words === '' ? `nothing (exit code ${code})` : JSON.stringify(tellingLine(words));
  return faults.noAnswer({ where: address(settings), verb, said });
}

/** Node prints the source, the error and its own version; one line of it says what is wrong. */
function tellingLine(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error|cannot/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 400);
}
