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

function rotate(file: string): void {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > sizeMax) fs.renameSync(file, `${file}.1`);
}
