/** Worlds with a fence at GitLab, by what happens in them. In those where a side travels only SPREAD is judged. */
import { faultNames, type Changes, type FaultName } from './options';

const calm: Changes = {
  ...(Object.fromEntries(faultNames.map((name) => [name, 0])) as Record<FaultName, number>),
  fence: true,
  oldServers: 1,
  adversary: false,
};

const journeys: Changes = {
  ...calm,
  travels: 1,
  activeMs: 25_000,
  pushers: 3,
  branches: 2,
  pushEveryMs: 1_500,
  moveEveryMs: 5_000,
};

export const fenceWorlds = {
  journeys,
  /** For `crossings.ts`: what was there comes again all the time. */
  crossings: {
    ...calm,
    activeMs: 25_000,
    pushers: 2,
    branches: 2,
    values: 3,
    pushEveryMs: 900,
    moveEveryMs: 3_000,
    wipes: 6,
  },
  calm,
  net: { ...calm, kill: 0.002, lostAnswer: 0.05, lateLanding: 0.05, slow: 0.1, outages: 1 },
  reboots: { ...calm, kill: 0.002, reboots: 1, outages: 1 },
  travel: { ...calm, travels: 1 },
  travelnet: {
    ...journeys,
    activeMs: 60_000,
    kill: 0.001,
    lostAnswer: 0.05,
    lateLanding: 0.03,
    slow: 0.03,
    reboots: 0.3,
  },
} satisfies Readonly<Record<string, Changes>>;

export type FenceWorld = keyof typeof fenceWorlds;
