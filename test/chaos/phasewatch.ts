/** Sees each change of phase by the agent's state file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorder } from './recorder';

const everyMs = 50;

export class PhaseWatch {
  phase = 'old';
  private epoch = 0;
  /** One that comes again is of an old that went back in time: it says nothing of what people may do now. */
  private readonly known = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly agentFolder: string,
    private readonly recorder: Recorder,
  ) {
    this.timer = setInterval(() => this.look(), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const found = stateIn(this.agentFolder);
    if (found === null || found.epoch === this.epoch || this.known.has(`${found.epoch} ${found.phase}`)) return;
    this.known.add(`${found.epoch} ${found.phase}`);
    this.phase = found.phase;
    this.epoch = found.epoch;
    this.recorder.phase('old', found.phase, found.epoch);
  }
}

/** Null while there is none. The file is replaced as a whole. */
export function stateIn(agentFolder: string): { phase: string; epoch: number } | null {
  try {
    const repositories = join(agentFolder, 'repositories');
    const text = readFileSync(join(repositories, readdirSync(repositories)[0] ?? '', 'state'), 'utf8');
    const [, phase] = /^phase (\w+)$/m.exec(text) ?? [];
    const [, epoch] = /^epoch (\d+)$/m.exec(text) ?? [];
    return phase === undefined || epoch === undefined ? null : { phase, epoch: Number(epoch) };
  } catch {
    return null;
  }
}
