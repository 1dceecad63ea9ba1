/** What is wrong with a configuration, in one sentence for each setting. Pure. */
import type { z } from 'zod';
import { didYouMean } from './object';

export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** `git-handover:repositories["team/app.git"].phase: expected …` */
export function sentence({ path, message }: Mistake): string {
  const [first, ...rest] = path;
  const place = first === undefined ? 'git-handover' : `git-handover:${String(first)}${rest.map(step).join('')}`;
  return `${place}: ${message}`;
}

function step(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const text = String(key);
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
}

export function mistakesOf(error: z.ZodError, written: unknown): Mistake[] {
  return error.issues.map((issue) => ({ path: issue.path, message: explain(issue, valueAt(written, issue.path)) }));
}

function explain(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys' || issue.code === 'custom') return issue.message;
  if (value === undefined) return `missing (${wanted(issue)})`;
  if (issue.code === 'invalid_value' && typeof value === 'string')
    return `${wanted(issue)}, got ${show(issue, value)}${didYouMean(value, issue.values.map(String))}`;
  return `${wanted(issue)}, got ${show(issue, value)}`;
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a map of settings',
  record: 'a map',
  array: 'a list',
};

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' && issue.origin !== 'array')
    return issue.origin === 'string' ? 'expected a text that is not empty' : `expected at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`;
  if (issue.code === 'invalid_format' && issue.format === 'datetime')
    return 'expected a time such as "2030-01-31T09:00:00Z"';
  return issue.message;
}

/** A token never reaches a screen, not even a wrong one. */
function show(issue: z.core.$ZodIssue, value: unknown): string {
  return issue.path.at(-1) === 'keyToken' ? 'something else' : JSON.stringify(value);
}

function valueAt(written: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    written,
  );
}
