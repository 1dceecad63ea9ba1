/** What was asked for on the command line. */
import { parseArgs } from 'node:util';
import { chooseKind } from '../lab/gitlab/kind';

export interface BenchOptions {
  /** The figures that matter most, with fewer rounds: under two minutes on a quiet machine. */
  readonly quick: boolean;
  readonly only: RegExp | null;
  readonly json: boolean;
  readonly write: boolean;
  /** Rounds of each measurement; null: each has its own number. */
  readonly rounds: number | null;
  /** Of the largest stack. */
  readonly repositories: number;
}

export type Asked =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string };

export function readOptions(args: readonly string[]): Asked {
  try {
    return read(args);
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? error.message : String(error) };
  }
}

function read(args: readonly string[]): Asked {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      gitlab: { type: 'string' },
      rounds: { type: 'string' },
      repositories: { type: 'string', default: '300' },
    },
  });
  if (values.help) return { kind: 'help' };
  if (!chooseKind(values.gitlab)) throw new Error(`--gitlab must be plain or gitaly, got ${values.gitlab ?? ''}`);
  const rounds = values.rounds === undefined ? null : count('rounds', values.rounds);
  const only = values.only === undefined ? null : new RegExp(values.only);
  return {
    kind: 'run',
    options: {
      quick: values.quick,
      json: values.json,
      write: values.write,
      only,
      rounds,
      repositories: count('repositories', values.repositories),
    },
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1 on, got ${text}`);
  return value;
}
