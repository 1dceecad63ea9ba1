/** The log file: one JSON object a line. What people see is short; everything else is here. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Log } from '../rules/ports';

const sizeMax = 10 * 1024 * 1024;

/** Log of the agent in `folder`/log, with fixed fields in every line. A log that cannot be written stops nothing. */
export function openLog(folder: string, fixed: Readonly<Record<string, unknown>>): Log {
  const file = path.join(folder, 'log', 'agent.jsonl');
  return {
    write(event, fields) {
      try {
        rotate(file);
        fs.appendFileSync(
          file,
          `${JSON.stringify({ time: new Date().toISOString(), pid: process.pid, event, ...fixed, ...fields })}\n`,
          { mode: 0o600 },
        );
      } catch {
        // A full or dying disk must not refuse a push that everything else could take.
      }
    },
  };
}

const sparedMs = 60_000;

/**
 * Of each of these events a line a minute, which says how many were left out since: who may cause them as often as they
 * like must not turn the log over, by which a rebuild goes.
 */
export function sparing(log: Log, events: readonly string[], nowMs: () => number = () => performance.now()): Log {
  const last = new Map<string, { atMs: number; left: number }>();
  return {
    write(event, fields) {
      const seen = last.get(event);
      if (!events.includes(event)) return log.write(event, fields);
      if (seen !== undefined && nowMs() - seen.atMs < sparedMs) return void (seen.left += 1);
      last.set(event, { atMs: nowMs(), left: 0 });
      log.write(event, seen === undefined || seen.left === 0 ? fields : { ...fields, left: seen.left });
    },
  };
}

function rotate(file: string): void {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > sizeMax) fs.renameSync(file, `${file}.1`);
}
