/**
 * One ssh connection to GitLab that stays open (a "master"), so that pushes need no handshake. Hooks only use it; this starts
 * and replaces it. A master that was stopped answers nothing and hangs every push that finds it, so it is asked, with a limit.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runCommand } from './command';
import { takeLock } from './locks';
import { openLog } from './log';
import { end, startOf } from './processes';
import { readAgentConfig } from './repository';

/** Asking a living master takes milliseconds. */
const probeMs = 3_000;
const startGraceMs = 2_000;

type Health = 'alive' | 'hung' | 'none';

/** A master is alive afterwards, or GitLab cannot be reached, which is only logged: pushes then connect by themselves. Bounded by the connect limit. */
export async function ensureMaster(folder: string): Promise<void> {
  const lock = await takeLock(path.join(folder, 'ssh', 'm.lock'), 0);
  if (lock === null) return;
  try {
    if ((await health(folder)) === 'alive') return;
    await endMasters(folder);
    await startMaster(folder);
  } finally {
    lock.release();
  }
}

/** Asks it to leave, and ends it when it does not. */
export async function stopMaster(folder: string): Promise<void> {
  if (!fs.existsSync(path.join(folder, 'ssh', 'config'))) return;
  await ask(folder, 'exit');
  await endMasters(folder);
}
