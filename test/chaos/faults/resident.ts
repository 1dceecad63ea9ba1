/**
 * The agent on old: its short processes and its resident are killed, the resident stalls or hangs, and is replaced by
 * an upgrade.
 */
import { copyFileSync, renameSync } from 'node:fs';
import { commands, kill, nodes } from '../victims';
import { done, Fault, type Ground } from './fault';
import { killing } from './kills';

const stallMs = 3_000;
/** Whoever hangs for good must be found and replaced by the product. */
const forGood = 0.3;

/** `bundle`: path of agent.cjs on old. */
export function agentFaults(bundle: string, ground: Ground): Fault[] {
  const residents = (): number[] => nodes(bundle).filter(isResident);
  return [
    killing('kill agent', ground, () => nodes(bundle).filter((pid) => !isResident(pid))),
    killing('kill resident', ground, residents),
    new Fault('resident hangs', stallMs, () => {
      const [pid] = residents();
      if (pid === undefined || !kill(pid, 'SIGSTOP')) return null;
      return ground.random.chance(forGood) ? done : () => void kill(pid, 'SIGCONT');
    }),
    new Fault('upgrade of the agent', 0, () => {
      copyFileSync(bundle, `${bundle}.chaos`);
      renameSync(`${bundle}.chaos`, bundle);
      return done;
    }),
  ];
}

function isResident(pid: number): boolean {
  return commands().get(pid)?.includes('serve') === true;
}
