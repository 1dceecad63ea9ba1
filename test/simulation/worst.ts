/** One fault at one point of a run. A point is a step of a process on old: of the shim, of git there, of the agent. */
import { breakGitlab } from './gitlabbreaks';
import type { FaultName, Worst, WorstFault } from './options';
import { outage, reboot } from './disasters';
import type { OldServer } from './oldserver';
import type { Process } from './scheduler';
import type { Simulation } from './simulation';

/** Answers whether it could happen. */
type Strike = (sim: Simulation, old: OldServer, process: Process) => boolean;

/** It strikes where it can next: a request to GitLab, a write. */
function next(fault: FaultName): Strike {
  return (sim) => sim.forced.push(fault) > 0;
}

const strikes: Readonly<Record<WorstFault, Strike>> = {
  kill: (sim, _old, process) => {
    sim.tell(`${process.name} (${process.pid}) is killed`);
    process.end();
    return true;
  },
  lostAnswer: next('lostAnswer'),
  lateLanding: next('lateLanding'),
  writeFails: next('writeFails'),
  reboots: reboot,
  outages: outage,
  gitlabBreaks: breakGitlab,
};

export const worstFaults = Object.keys(strikes) as readonly WorstFault[];

/** `kill:123`; null for anything else. */
export function parseWorst(text: string): Worst | null {
  const [name, at] = text.split(':');
  const fault = worstFaults.find((one) => one === name);
  return fault === undefined || at === undefined || !/^\d+$/.test(at) ? null : { fault, at: Number(at) };
}

export function armWorst(sim: Simulation): void {
  const { worst } = sim.options;
  if (worst === null) return;
  sim.atPoint = (process, point) => {
    const old = sim.olds.find(({ host }) => host === process.host);
    if (point !== worst.at || old === undefined) return;
    sim.tell(`point ${point}, in ${process.name}: ${worst.fault}`);
    if (strikes[worst.fault](sim, old, process)) sim.count(worst.fault);
  };
}
