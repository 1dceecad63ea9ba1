/**
 * The lab that figures are taken in: repositories in their phases, and plain ones on the same old server that no agent
 * knows.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases, type Phase } from '../../agent/contract/phase';
import { type Lab, startLab } from '../lab/lab';
import { until } from '../lab/processes';
import { running } from '../lab/processtree';
import { Walk, expectDone, projectOf } from '../system/walk';
import { type Contents, Filler, small } from './contents';

export interface Place {
  readonly phase: Phase | 'plain';
  readonly contents?: Contents;
}

export type Places = Readonly<Record<string, Place>>;

export interface SiteOptions {
  readonly say: (line: string) => void;
  /** As systemd's timer does on a real server. */
  readonly tickSeconds?: number;
  /** False leaves everything unattached: the caller runs `pulumi up`. */
  readonly attach?: boolean;
  /** Changes the stack's settings before anything is attached. */
  readonly configure?: (settings: Record<string, unknown>, lab: Lab) => void;
}

const timerSeconds = 10;
const settleMs = 120_000;

export interface Site {
  readonly lab: Lab;
  readonly walk: Walk;
  /**
   * Waits until what the last push to this repository left to do is done, so that it does not slow down another one's.
   */
  settle(repository: string): Promise<void>;
  /** What cannot be removed in time is told, and takes no figures along. */
  close(): Promise<void>;
}

/** Every repository is in its phase when it answers, unless none was to be attached. */
export async function openSite(
  places: Places,
  { say, tickSeconds = timerSeconds, configure, attach = true }: SiteOptions,
): Promise<Site> {
  const names = Object.keys(places);
  const attached = names.filter((name) => places[name]?.phase !== 'plain');
  say(`a lab with ${attached.length} repositories of the stack and ${names.length - attached.length} plain ones`);
  const lab = await startLab({
    repositories: names,
    people: ['ada'],
    tickSeconds,
    settings: { repositories: Object.fromEntries(attached.map((name) => [name, {}])) },
  });
  try {
    const filler = new Filler();
    for (const name of names) await filler.fill(lab.old.repositoryPath(name), places[name]?.contents ?? small);
    if (configure !== undefined) lab.configure((settings) => configure(settings, lab));
    const walk = new Walk(lab);
    if (attach) await walkToPhases(walk, places);
    return {
      lab,
      walk,
      settle: (repository) => settle(lab, repository, attached),
      close: () => lab.close().catch((error: unknown) => say(String(error))),
    };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** One step at a time is legal; the first may go to `mirror`. */
async function walkToPhases(walk: Walk, places: Places): Promise<void> {
  const attached = Object.keys(places).filter((name) => places[name]?.phase !== 'plain');
  if (attached.length === 0) return;
  const rank = (name: string): number => phases.indexOf(places[name]?.phase as Phase);
  const last = Math.max(...attached.map(rank));
  for (let step = Math.min(1, last); step <= last; step++) {
    for (const name of attached) walk.choose(phases[Math.min(step, rank(name))] ?? 'old', name);
    expectDone(await walk.up());
  }
  expectDone(await walk.lab.agent('tick'));
}

async function settle(lab: Lab, repository: string, attached: readonly string[]): Promise<void> {
  if (attached.includes(repository)) {
    const sides = [lab.old.repositoryPath(repository), lab.gitlab.repositoryPath(projectOf(repository))];
    await until(
      `GitLab to have what was pushed to ${repository}`,
      () => new Set(sides.map((side) => loose(side))).size === 1,
      settleMs,
      10,
    );
  }
  await until('the agent to be done with it', () => !isAwake(lab.agentFolder), settleMs, 10);
}

/** The value of main as its own file has it, which a push writes. */
function loose(repository: string): string {
  try {
    return readFileSync(join(repository, 'refs', 'heads', 'main'), 'utf8');
  } catch {
    return '';
  }
}

function isAwake(agentFolder: string): boolean {
  return [`${agentFolder}/shims/wake`, `${agentFolder}/agent.cjs wake`].some((words) => running(words).length > 0);
}
