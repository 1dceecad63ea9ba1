/** Counts and prints what the tests of all files did, and repeats the failures at the end. */
import { inspect } from 'node:util';

/** What node:test says of one test that ended; the same shape for both ways to end. */
export interface Outcome {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string | undefined;
  readonly skip?: string | boolean | undefined;
  readonly details: { readonly duration_ms: number; readonly type?: string | undefined; readonly error?: unknown };
}

const saidLinesMax = 40;
const byPattern = 'test name does not match pattern';

export class Tally {
  private passes = 0;
  private skips = 0;
  private readonly failures: string[] = [];
  private readonly saidBy = new Map<string, string[]>();
  private readonly start = performance.now();

  constructor(private readonly print: (line: string) => void) {}

  /**
   * One test of node:test ended; `file` is how the file is called in the output. `partial` when tests are chosen by
   * name.
   */
  event(file: string, outcome: Outcome, partial: boolean): void {
    if (outcome.skip === byPattern || isWrapper(outcome)) return;
    const isFile = outcome.name === outcome.file;
    const name = isFile ? 'the file as a whole' : outcome.name;
    if (outcome.details.error !== undefined) this.failed(file, name, this.story(file, outcome.details.error));
    else if (isFile && !partial) this.failed(file, name, 'No test ran in it.');
    else if (outcome.skip !== undefined) this.skipped(file, name, outcome.skip);
    else if (!isFile) this.passed(file, name, outcome.details.duration_ms);
  }

  passed(file: string, name: string, ms: number): void {
    this.passes++;
    this.print(`ok    ${file}: ${name} (${time(ms)})`);
  }

  failed(file: string, name: string, story: string): void {
    const text = `FAIL  ${file}: ${name}\n${indent(story)}`;
    this.failures.push(text);
    this.print(text);
  }

  skipped(file: string, name: string, why: string | boolean): void {
    this.skips++;
    this.print(`skip  ${file}: ${name}${typeof why === 'string' ? ` (${why})` : ''}`);
  }

  /** What a file wrote beside its results is shown only with its failures. */
  said(file: string, text: string): void {
    const lines = [...(this.saidBy.get(file) ?? []), ...text.trimEnd().split('\n')];
    this.saidBy.set(file, lines.slice(-saidLinesMax));
  }

  /** Prints the failures again and the counts; the last line is for machines as well. */
  close(): void {
    if (this.failures.length > 0) this.print(`\nFailures:\n\n${this.failures.join('\n\n')}`);
    this.print(`\nTook ${time(performance.now() - this.start)}.`);
    this.print(
      `${this.passes} passed, ${this.failures.length} failed${this.skips > 0 ? `, ${this.skips} skipped` : ''}`,
    );
  }

  /** Nothing was counted: no test has the wanted name. */
  isEmpty(): boolean {
    return this.passes + this.skips + this.failures.length === 0;
  }

  /** A run in which nothing passed shows nothing. */
  isGreen(): boolean {
    return this.failures.length === 0 && this.passes > 0;
  }

  private story(file: string, error: unknown): string {
    const said = this.saidBy.get(file) ?? [];
    return [told(causeOf(error)), ...(said.length > 0 ? ['It also wrote:', ...said] : [])].join('\n');
  }
}

/** A suite, or a test that failed only because one inside it did: that one is counted itself. */
function isWrapper({ details }: Outcome): boolean {
  const { error } = details;
  return (
    details.type === 'suite' ||
    (error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed')
  );
}

/** node:test wraps what the test threw. A file that ended badly has no error, but an exit code or a signal. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { exitCode, signal } = error as { exitCode?: number | null; signal?: string | null };
  if (exitCode !== undefined || signal !== undefined) return `Its process ended with ${signal ?? `code ${exitCode}`}.`;
  return error.cause ?? error;
}

/** An assertion says in its message all that its properties would say again. */
function told(cause: unknown): string {
  if (cause instanceof Error && cause.name === 'AssertionError') return cause.stack ?? cause.message;
  return typeof cause === 'string' ? cause : inspect(cause);
}

function time(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}
