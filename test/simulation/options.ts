/**
 * What one seed puts the agent through. Drawn from the seed; each fault is off in many seeds, so that the others are
 * seen alone.
 */
import { Random } from '../random';

export interface Options {
  readonly seed: number;
  readonly oldServers: number;
  readonly pushers: number;
  readonly branches: number;
  /** How many values a branch goes back and forth between; 0: people make new ones. */
  readonly values: number;
  /** One who pushes so that moves might not come through. */
  readonly adversary: boolean;
  /** GitLab carries a fence, and sides may travel. */
  readonly fence: boolean;
  /** How long faults, pushes and moves go on, ms of virtual time. */
  readonly activeMs: number;
  /** Between two pushes of one person, ms. */
  readonly pushEveryMs: number;
  /** Between two moves of the operator, ms. */
  readonly moveEveryMs: number;
  /** Shares from 0 to 1: of steps, requests, writes or pushes. */
  readonly kill: number;
  readonly lostAnswer: number;
  readonly lateLanding: number;
  readonly slow: number;
  readonly writeFails: number;
  readonly cutClient: number;
  readonly hookDeclines: number;
  readonly stalls: number;
  readonly gitlabDeclines: number;
  readonly webhookLost: number;
  readonly webhookDoubled: number;
  /** Faults a minute. */
  readonly reboots: number;
  readonly outages: number;
  readonly diskFull: number;
  readonly clockJumps: number;
  readonly damages: number;
  readonly revivals: number;
  readonly lostObjects: number;
  readonly unhooked: number;
  readonly closedWrites: number;
  readonly gitlabBreaks: number;
  /** Old cannot set a ref for a while. */
  readonly lockedRefs: number;
  /** Somebody pushes a commit to GitLab that git on old does not take. */
  readonly refusedObjects: number;
  /** Whether a side goes back in time: any share does. */
  readonly travels: number;
  /** `git push --mirror` from a clone of old takes the fence away at GitLab. */
  readonly wipes: number;
  /** Beyond the faults (powers.ts), times a minute. */
  readonly powers: Powers;
  /** One fault at one point of the run (worst.ts); null: none. */
  readonly worst: Worst | null;
}

export type PowerName = 'hookless' | 'giveBacks' | 'retirements' | 'abandons';
export type Powers = Readonly<Partial<Record<PowerName, number>>>;

export type WorstFault = Extract<
  FaultName,
  'kill' | 'lostAnswer' | 'lateLanding' | 'writeFails' | 'reboots' | 'outages' | 'gitlabBreaks'
>;

export interface Worst {
  readonly fault: WorstFault;
  /** Which step of a process on old, counted from 1. */
  readonly at: number;
}

export type FaultName = Exclude<
  keyof Options,
  | 'seed'
  | 'oldServers'
  | 'pushers'
  | 'branches'
  | 'values'
  | 'adversary'
  | 'fence'
  | 'activeMs'
  | 'pushEveryMs'
  | 'moveEveryMs'
  | 'worst'
  | 'powers'
>;

/** The most that a seed draws of each. */
const most: Readonly<Record<FaultName, number>> = {
  kill: 0.004,
  lostAnswer: 0.2,
  lateLanding: 0.15,
  slow: 0.15,
  writeFails: 0.02,
  cutClient: 0.05,
  hookDeclines: 0.1,
  stalls: 0.02,
  gitlabDeclines: 0.05,
  webhookLost: 0.8,
  webhookDoubled: 0.5,
  reboots: 1,
  outages: 2,
  diskFull: 1.5,
  clockJumps: 3,
  damages: 3,
  revivals: 3,
  lostObjects: 1,
  unhooked: 2,
  closedWrites: 1.5,
  gitlabBreaks: 0.7,
  lockedRefs: 4,
  refusedObjects: 2,
  travels: 1,
  wipes: 1,
};

/** Never drawn: they ask for worlds of their own (`fenceworlds.ts`). */
export const faultsOfFence: readonly FaultName[] = ['travels', 'wipes'];

export const faultNames = Object.keys(most) as readonly FaultName[];

/** Drawn apart, so that older seeds go on telling what they told. */
const late: readonly FaultName[] = ['lockedRefs', 'refusedObjects'];

/** Share of the seeds in which GitLab carries no fence. */
const withoutFence = 1 / 8;

export function drawOptions(seed: number): Options {
  const random = new Random(seed);
  const after = new Random(seed ^ 0x5eed);
  const calm = random.chance(0.1);
  const draw = (name: FaultName): number => {
    if (faultsOfFence.includes(name)) return 0;
    const [from, off] = late.includes(name) ? [after, 0.8] : [random, 0.55];
    return calm || from.chance(off) ? 0 : most[name] * from.next();
  };
  const faults = Object.fromEntries(faultNames.map((name) => [name, draw(name)])) as Record<FaultName, number>;
  return {
    seed,
    oldServers: random.chance(0.2) ? 2 : 1,
    pushers: 1 + random.int(5),
    branches: random.chance(0.25) ? 12 + random.int(6) : 1 + random.int(4),
    values: 0,
    activeMs: random.between(30_000, 150_000),
    // Of chances of their own: what else a seed draws does not hang on them.
    fence: !Random.stream(seed, 'fence').chance(withoutFence),
    adversary: Random.stream(seed, 'adversary').chance(0.25),
    pushEveryMs: random.between(200, 4_000),
    moveEveryMs: random.between(3_000, 40_000),
    worst: null,
    powers: {},
    ...faults,
  };
}

/** Nothing goes wrong by itself. */
export function isCalm(options: Options): boolean {
  const isWeak = options.worst === null && Object.keys(options.powers).length === 0;
  return isWeak && faultNames.every((name) => options[name] === 0);
}

/** The same seed with some options changed: how a failing seed is shrunk. */
export type Changes = Partial<Omit<Options, 'seed'>>;
