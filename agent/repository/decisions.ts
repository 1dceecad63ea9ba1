/** What operators decided, one JSON object a line in <folder>/decisions. It outlives the repositories that it names. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openLog } from '../machine/log';

export interface Decision {
  readonly what: 'retire' | 'restore' | 'rebind' | 'resolve' | 'give-back' | 'rejoin' | 'repair' | 'rebuild';
  readonly repository: string;
  readonly who: string;
  /** What belongs to this kind of decision. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** On disk when it returns: a decision that cannot be written down is not carried out. */
export function noteDecision(folder: string, { what, repository, who, facts }: Decision): void {
  const descriptor = fs.openSync(path.join(folder, 'decisions'), 'a', 0o600);
  try {
    fs.writeSync(
      descriptor,
      `${JSON.stringify({ time: new Date().toISOString(), what, repository, who, ...facts })}\n`,
    );
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  openLog(folder, { repository }).write(`decided-${what}`, { who, ...facts });
}
