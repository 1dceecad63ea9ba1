/**
 * What `git push --porcelain` printed, as a value. Pure. Sources: git's transport.c (print_push_status: lines
 * `<flag>\t<from>:<to>\t<summary>`), connect.c (die_initial_contact), send-pack.c. An answer that is not in the table
 * is "no answer": never a guess.
 */
import { printable } from '../contract/printable';
import { isRefName } from './refs';
import type { GitlabSide, Oid, PushAnswer, RefName, Rejection } from './values';

export interface GitExit {
  /** Exit status; null when it was killed. */
  readonly code: number | null;
  /** Bytes as latin1 characters. */
  readonly stdout: string;
  readonly stderr: string;
  /** Our own deadline ended it, or our bound on what it may say. */
  readonly timedOut: boolean;
  /** Its output was too long to be kept, and is not there: as much of it as was counted. */
  readonly cut?: { readonly lines: number; readonly bytes: number };
}

/** Texts that git prints when the connection ended before it could send a command (connect.c, transport.c). */
const beforeAnyCommand = [
  /^fatal: Could not read from remote repository\./m,
  /^fatal: .*the remote end hung up upon initial contact/m,
  /^fatal: protocol error: bad line length/m,
  /^fatal: .*does not support --atomic push/m,
  /^fatal: .*does not support push options/m,
];

/**
 * Made while git prepares the push on our side: nothing left this machine (send-pack.c sends commands before objects,
 * remote.c matches refs before both).
 */
const ourSide = [/^error: src refspec/m, /^fatal: bad object/m, /^fatal: not a git repository/m];

export function readPushAnswer(exit: GitExit): PushAnswer {
  const words = gitlabWords(exit.stderr);
  if (exit.code === 0) return { kind: 'ok' };
  const silent = { kind: 'no-answer' as const, words: words || howItEnded(exit) };
  if (exit.timedOut || exit.code === null) return silent;
  // The commands went out and the report never came whole (transport.c, REF_STATUS_EXPECTING_REPORT).
  if (/^!\t[^\t]*\t\[remote failure\]/m.test(exit.stdout)) return silent;
  const refs = readRejections(exit.stdout);
  if (refs.size > 0) return { kind: 'rejected', refs, words };
  if ([...beforeAnyCommand, ...ourSide].some((pattern) => pattern.test(exit.stderr)))
    return { kind: 'not-sent', words };
  return silent;
}

function howItEnded({ code, timedOut }: GitExit): string {
  if (timedOut) return 'no end within the deadline, or more words than anybody reads';
  return code === null ? 'git was killed' : `git ended with ${code}`;
}

/**
 * Of a push by a pattern: git leaves out a ref that it cannot read, and ends well. Such a ref is not taken for sent.
 */
export function readSendAnswer(exit: GitExit, refs: readonly RefName[]): PushAnswer {
  const answer = readPushAnswer(exit);
  if (answer.kind !== 'ok' && answer.kind !== 'rejected') return answer;
  const named = new Set(
    exit.stdout
      .split('\n')
      .map((line) => line.split('\t')[1] ?? '')
      .map((names) => names.slice(names.indexOf(':') + 1)),
  );
  const left = refs.filter((ref) => !named.has(ref));
  if (left.length === 0) return answer;
  const rejected = answer.kind === 'rejected' ? answer.refs : new Map<RefName, Rejection>();
  return {
    kind: 'rejected',
    refs: new Map([...rejected, ...left.map((ref) => [ref, 'declined'] as const)]),
    words: gitlabWords(exit.stderr) || 'git on the old server did not send it.',
  };
}

/** The lines of refs that did not go through: flag `!`. */
function readRejections(stdout: string): Map<RefName, Rejection> {
  const refs = new Map<RefName, Rejection>();
  for (const line of stdout.split('\n')) {
    const [flag, names, summary] = line.split('\t');
    if (flag !== '!' || names === undefined || summary === undefined) continue;
    refs.set(names.slice(names.indexOf(':') + 1) as RefName, readSummary(summary));
  }
  return refs;
}

function readSummary(summary: string): Rejection {
  if (/stale info|cannot lock ref|failed to update ref|remote ref updated since checkout/.test(summary)) return 'stale';
  return /atomic (push|transaction) failed/.test(summary) ? 'with-others' : 'declined';
}

/**
 * What git on old said of its own work, on one line: of a file in its way it goes on for a paragraph. `stderr` holds
 * bytes.
 */
export function localWords(exit: GitExit): string {
  const lines = Buffer.from(exit.stderr, 'latin1')
    .toString('utf8')
    .split('\n')
    .flatMap((line) => /^(?:fatal|error): (?:prepare: |commit: )?(.*)$/.exec(line)?.[1] ?? []);
  return printable(lines.join('; ')) || howItEnded(exit);
}

/**
 * What git on old refuses of what GitLab sends, whoever asks and how often: objects that transfer.fsckObjects does not
 * take (index-pack.c, unpack-objects.c), that GitLab left out (connected.c), or that it cannot read (upload-pack.c).
 * Null for everything else: then GitLab may not have been reached.
 */
export function refusedObjects(exit: GitExit): string | null {
  if (exit.code === null || exit.timedOut) return null;
  return refusals.some((pattern) => pattern.test(exit.stderr)) ? localWords(exit) : null;
}

const refusals = [
  /^fatal: fsck error in pack(ed)? objects?/m,
  /^error: .* did not send all necessary objects/m,
  /aborting due to possible repository corruption on the remote side/,
];

/** GitLab's longest box is a tenth of it. */
const wordsMax = 4_000;

/**
 * What the other side said, as text, without git's own lines around it: of more than anybody reads the end. `stderr`
 * holds bytes.
 */
export function gitlabWords(bytes: string): string {
  const stderr = Buffer.from(bytes, 'latin1').toString('utf8');
  const said = stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.slice(8).trim());
  const own = stderr
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => /^(ssh: |fatal: |error: |kex_|Host key|Connection |.*Permission denied)/.test(line));
  return printable(
    (said.some((line) => line !== '') ? said : own)
      .filter((line) => line !== '' && !/^=+$/.test(line))
      .join('\n')
      .slice(-wordsMax),
  );
}

/**
 * A whole push with one refused ref comes back declined for each; `with-others` marks the innocent where git says so.
 */
export function isWholeRefusal(answer: PushAnswer, refs: number): boolean {
  return answer.kind === 'rejected' && answer.refs.size === refs;
}

/**
 * What `git ls-remote --symref` printed: `<id>\t<ref>`, `ref: <ref>\tHEAD`, and what annotated tags point to as
 * `<ref>^{}`. It prints any name that the other side says; one that git takes nowhere is no ref, and would be more than
 * one where refs are named to git (`refs/heads/x:refs/heads/y`).
 */
export function readRefLines(stdout: string): Pick<GitlabSide, 'refs' | 'head'> {
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const head = lines.find(([value, name]) => name === 'HEAD' && value?.startsWith('ref: '))?.[0]?.slice(5) ?? '';
  const refs = lines.filter(([value, name]) => /^[0-9a-f]{40}$/.test(value ?? '') && isRefName(name ?? ''));
  return {
    refs: new Map(refs.map(([oid, ref]) => [ref as RefName, oid as Oid])),
    head: isRefName(head) ? (head as RefName) : null,
  };
}
