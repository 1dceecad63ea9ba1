/**
 * What the files of one lease say. The shims write them, line by line. Pure.
 *   control   lines of `ControlLine`
 *   refs      its records, `before after ref` a line, whole once `enter` is written
 *   landed    what post-receive listed, whole once `ended` is written
 */
import { createHash } from 'node:crypto';
import { isPhase, type Phase } from '../contract/phase';
import { parseUpdate } from './refs';
import type { Instant, Lease, LeaseStage, Update } from './values';

/** The only spelling of these words in TypeScript; the shims (agent/hook/shims) write the same ones. */
export type ControlLine =
  /** Its records are whole. At uptime seconds; once more after a wait. */
  | `enter ${string}`
  /** It waits for a hold, and will read the state again. */
  | 'wait'
  /** It acts by the rules of this epoch and phase. */
  | `act ${number} ${Phase}`
  /** `<who> at <address>`, as its session said. */
  | `from ${string}`
  /** `<type> <base64>` of its public key. */
  | `key ${string}`
  /** Another account's hook asked the resident to send it: from now on it may have been sent. */
  | 'asked'
  /** It goes to GitLab now. At uptime seconds; with `gone` once more, when its client was seen to be gone. */
  | `sent ${string}`
  | 'gone'
  /** GitLab's answer came, or the outcome was seen. */
  | 'answered'
  /** The hook `update` of the repository runs for each ref. */
  | 'updated'
  /** post-receive has listed what landed. */
  | 'ended'
  /** It leaves no record. */
  | 'refused';

/** Lines that are one word. */
export type ControlWord = Exclude<ControlLine, `${string} ${string}`>;
type FirstWord<Line> = Line extends `${infer Word} ${string}` ? Word : never;
/** Words that a value follows. */
export type ControlField = FirstWord<ControlLine>;

/** Endings of the files beside `control`: `out` and `err` are what git push printed. */
export const leaseEndings = { refs: '.refs', landed: '.landed', out: '.out', err: '.err' } as const;

/** As they go into the file. */
export function printControl(...lines: readonly ControlLine[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A line that says when, as the shims read it from /proc/uptime. */
export function timedLine<Word extends 'enter' | 'sent'>(word: Word, now: Instant): `${Word} ${string}` {
  return `${word} ${(now.uptimeMs / 1000).toFixed(2)}`;
}

/** Its words are few; in a shared repository its group could write any number, bytes. */
export const controlBytesMax = 1 << 20;

/** A last line that was cut short says nothing yet. */
export function wholeLines(control: string): string[] {
  return control.split('\n').slice(0, -1);
}

export function says(lines: readonly string[], word: ControlWord): boolean {
  return lines.includes(word);
}

/** What follows the word, in each line that begins with it. */
export function fieldsOf(lines: readonly string[], word: ControlField): string[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** The epoch by whose rules it acts; null where it says none. */
export function epochOf(control: string): number | null {
  const stage = stageOf(wholeLines(control));
  return stage.kind === 'acting' ? stage.epoch : null;
}

/**
 * What says that the client of a request without an answer is gone as of now; empty where there is none to speak of.
 */
export function endOfSending(control: string, now: Instant): string {
  const lines = wholeLines(control);
  if (fieldsOf(lines, 'sent').length === 0 || says(lines, 'answered')) return '';
  // The last line may be cut short.
  return `\n${printControl(timedLine('sent', now), 'gone')}`;
}

export interface LeaseParts {
  readonly id: string;
  /** The boot that its processes belong to. */
  readonly boot: string;
  /** Those of its processes that live. */
  readonly pids: readonly number[];
  /** Whose push it is, where that is another account than the agent's. */
  readonly account: string | null;
  readonly control: string;
  readonly refs: () => string;
  readonly landed: () => string;
}

/** `refused`: a refused push leaves no record. */
export function leaseFrom(
  { id, boot, pids, account, control, refs, landed }: LeaseParts,
  now: Instant,
): Lease | 'refused' {
  const lines = wholeLines(control);
  if (says(lines, 'refused')) return 'refused';
  const alive = pids.length > 0;
  const ended = says(lines, 'ended');
  const entered = fieldsOf(lines, 'enter').length > 0;
  const sent = lastTime(lines, 'sent', now);
  return {
    id,
    stage: stageOf(lines),
    live: alive && !ended,
    began: { boot, uptimeMs: lastTime(lines.slice(0, 1), 'enter', now) ?? now.uptimeMs },
    updates: entered ? parseUpdates(refs()) : alive ? null : [],
    landed: ended ? parseUpdates(landed()) : null,
    sent: sent === null ? null : { boot, uptimeMs: sent },
    answered: says(lines, 'answered'),
    gone: says(lines, 'gone'),
    from: whose(lines, account),
    pids,
  };
}

/**
 * The account as the kernel knows it, the key as sshd told it, and what the hook saw of its session: `ada with the key
 * SHA256:… at 10.0.0.7`.
 */
function whose(lines: readonly string[], account: string | null): string | null {
  const [session = ''] = fieldsOf(lines, 'from');
  const [, blob] = /^\S+ ([A-Za-z0-9+/]+=*)$/.exec(fieldsOf(lines, 'key')[0] ?? '') ?? [];
  const [, who = '', address = ''] = /^(?:(\S+) at )?(\S*)$/.exec(session) ?? [];
  const words = [
    account,
    who === account ? '' : who,
    blob === undefined ? '' : `with the key ${fingerprint(blob)}`,
    address === '' ? '' : `at ${address}`,
  ].filter(Boolean);
  if (words.length === 0) return null;
  if (account === null && blob === undefined) return session;
  return account === null && who === '' ? `somebody ${words.join(' ')}` : words.join(' ');
}

/** As `ssh-keygen -l` shows it. */
function fingerprint(blob: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
}

/** Oldest first. What another boot left is older than all of this one. */
export function oldestFirst(leases: readonly Lease[], now: Instant): Lease[] {
  const isLater = ({ began }: Lease): number => Number(began.boot === now.boot);
  return [...leases].sort((a, b) => isLater(a) - isLater(b) || a.began.uptimeMs - b.began.uptimeMs);
}

const stages: readonly string[] = ['enter', 'wait', 'act'] satisfies (ControlWord | ControlField)[];

/** By the last line that says something about it. */
function stageOf(lines: readonly string[]): LeaseStage {
  const last = lines.filter((line) => stages.includes(line.split(' ')[0] ?? '')).slice(-1);
  if (says(last, 'wait')) return { kind: 'waiting' };
  const [, epoch = '', phase = ''] = /^(\d+) (\S+)$/.exec(fieldsOf(last, 'act')[0] ?? '') ?? [];
  return isPhase(phase) ? { kind: 'acting', epoch: Number(epoch), phase } : { kind: 'entering' };
}

/** In a shared repository its group can write anything: what is no time is now, so that it counts longest. */
function lastTime(lines: readonly string[], word: 'enter' | 'sent', now: Instant): number | null {
  const seconds = fieldsOf(lines, word).pop();
  if (seconds === undefined) return null;
  return /^\d{1,12}(\.\d{1,9})?$/.test(seconds) ? Math.round(Number(seconds) * 1000) : now.uptimeMs;
}

/** A line that the disk cut short proves nothing and is left out. */
function parseUpdates(text: string): Update[] {
  return wholeLines(text).flatMap((line) => {
    try {
      return [parseUpdate(line)];
    } catch {
      return [];
    }
  });
}
