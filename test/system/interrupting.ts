/** Ways to cut a change of phase short at a moment that a test can name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen } from '../lab/contract';
import { type Started, until } from '../lab/processes';
import type { Walk } from './walk';

const moveMs = 120_000;
/** Each of the agent's questions to GitLab takes so long that the move is still under way when the signal comes. */
const delayMs = 1_500;

/** Sends the signal to `pulumi up` while the agent is in the middle of a move. */
export function interruptUp(walk: Walk, signal: NodeJS.Signals): Promise<Seen> {
  return duringMove(walk, (up) => process.kill(up.pid, signal));
}

/** Kills the agent in the middle of its move; `up` is left alone. */
export function killMove(walk: Walk): Promise<Seen> {
  return duringMove(walk, () => moves(walk).forEach((pid) => process.kill(pid, 'SIGKILL')));
}

async function duringMove(walk: Walk, strike: (up: Started) => void): Promise<Seen> {
  const heal = walk.lab.gitlab.misbehave({ kind: 'slow', stage: 'connect', delayMs });
  const start = performance.now();
  try {
    const up = walk.beginUp();
    let over = false;
    void up.ended.then(() => (over = true));
    await until('the agent to begin its move', () => over || moves(walk).length > 0, moveMs, 5);
    if (over) throw new Error(`Cannot cut the move short as \`pulumi up\` ended before: ${up.output()}`);
    strike(up);
    const { code } = await up.ended;
    return { code: code ?? -1, output: up.output(), ms: performance.now() - start };
  } finally {
    heal();
  }
}

/** The agent's processes that make a move on this lab's old server; node itself, not the shell that starts it. */
function moves(walk: Walk): number[] {
  const agent = join(walk.lab.agentFolder, 'agent.cjs');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid);
      return (
        words[0]?.endsWith('node') === true && words.includes(agent) && words.includes('call') && words.includes('move')
      );
    });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
