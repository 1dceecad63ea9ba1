/**
 * The configurations of handover.pml, whose top explains the switches. Budgets are small on purpose: many small
 * searches instead of a large one.
 */

export interface Configuration {
  readonly promise: string;
  readonly switches: string;
  /** Seconds where that is more than a few, optimised, on an idle machine. */
  readonly slow?: number;
  /** Quick, and still left to the run of all. */
  readonly seldom?: true;
}

export interface Mistake extends Configuration {
  /** A part of what SPIN finds violated: that it fails for another reason proves nothing. */
  readonly breaks: string;
}

/**
 * By the name under which the model speaks of them: M mirror, B both, V a deleted ref that comes back, F forward,
 * R back, C there and back.
 */
export const protocol: Readonly<Record<string, Configuration>> = {
  M0: { promise: 'mirror: two pushers to one ref', switches: '-DNP=2' },
  V0: { promise: 'mirror: a deleted ref comes back on old', switches: '-DNP=2 -DREVIVE=1 -DPASSES=3' },
  F4: {
    promise: 'mirror to both while two people push and a push is killed',
    switches: '-DNP=2 -DT1=2 -DPASSES=0 -DCRASH=1',
  },
  F6: { promise: 'mirror to both while an answer of GitLab is lost', switches: '-DNP=2 -DT1=2 -DLOST=1 -DPASSES=0' },
  F9: { promise: 'mirror to both while people push to both sides', switches: '-DNP=2 -DT1=2 -DND=1 -DPASSES=0' },
  R4: {
    promise: 'both to mirror while people push to both sides',
    switches: '-DSTART=2 -DNP=2 -DT1=1 -DPASSES=0 -DND=1',
  },
  C1: {
    promise: 'mirror to both to mirror while people push to both sides',
    switches: '-DNP=1 -DT1=2 -DT2=1 -DND=1 -DPASSES=1',
  },
  M1: {
    promise: 'mirror: forks, a killed push, a refused push',
    switches: '-DNP=2 -DMAXV=3 -DPASSES=3 -DCRASH=1 -DREFUSALS=1',
    slow: 10,
  },
  M2: {
    promise: 'mirror: forks, damage on old, a refused push',
    switches: '-DNP=2 -DMAXV=3 -DPASSES=2 -DDAMAGE=1 -DREFUSALS=1',
    slow: 6,
  },
  M3: {
    promise: 'mirror: forks, two lost answers, a killed pass',
    switches: '-DNP=2 -DMAXV=3 -DPASSES=2 -DLOST=2 -DPCRASH=1',
    slow: 10,
  },
  M4: {
    promise: 'mirror: a lost answer and damage on old',
    switches: '-DNP=2 -DMAXV=2 -DPASSES=2 -DLOST=1 -DDAMAGE=1',
    slow: 6,
  },
  M5: {
    promise: 'mirror: a lost answer, damage on old, a killed push',
    switches: '-DNP=2 -DPASSES=1 -DLOST=1 -DDAMAGE=1 -DCRASH=1',
    slow: 7,
  },
  B1: { promise: 'both: people push to both sides', switches: '-DSTART=2 -DNP=2 -DND=1 -DPASSES=1', slow: 2 },
  B2: {
    promise: 'both: forks, a lost answer, a killed push',
    switches: '-DSTART=2 -DNP=1 -DND=2 -DPASSES=2 -DLOST=1 -DCRASH=1 -DMAXV=3',
    slow: 12,
  },
  B3: {
    promise: 'both: damage on old and a killed pass',
    switches: '-DSTART=2 -DNP=1 -DND=2 -DPASSES=2 -DPCRASH=1 -DDAMAGE=1',
    slow: 3,
  },
  B4: {
    promise: 'both: two pushers, forks, a lost answer, a killed push',
    switches: '-DSTART=2 -DNP=2 -DPASSES=2 -DLOST=1 -DCRASH=1 -DMAXV=3',
    slow: 20,
  },
  F1: {
    promise: 'mirror to both, killed and run again, and a hold runs out',
    switches: '-DNP=1 -DT1=2 -DND=1 -DFCRASH=1 -DEXPIRE=1 -DPASSES=1',
    slow: 16,
  },
  F2: {
    promise: 'mirror to both while a push reaches its limit and a hold runs out',
    switches: '-DNP=1 -DT1=2 -DND=1 -DLIMIT=1 -DEXPIRE=1 -DPASSES=1',
    slow: 2,
  },
  F3: {
    promise: 'mirror to refuse, killed and run again, and a hold runs out',
    switches: '-DNP=1 -DT1=3 -DND=1 -DFCRASH=1 -DEXPIRE=1 -DPASSES=1',
    slow: 9,
  },
  F5: {
    promise: 'mirror to both, killed and run again, and an answer is lost',
    switches: '-DNP=1 -DT1=2 -DND=1 -DLOST=1 -DFCRASH=1 -DPASSES=1',
    slow: 10,
  },
  F7: {
    promise: 'mirror to both, damage on old, and an answer is lost',
    switches: '-DNP=1 -DT1=2 -DND=1 -DDAMAGE=1 -DLOST=1 -DPASSES=1',
    slow: 10,
  },
  F8: {
    promise: 'mirror to both while two people push and a hold runs out',
    switches: '-DNP=2 -DT1=2 -DND=1 -DPASSES=1 -DEXPIRE=1',
    slow: 178,
  },
  R1: {
    promise: 'both to mirror, killed and run again, and a hold runs out',
    switches: '-DSTART=2 -DNP=1 -DT1=1 -DND=1 -DFCRASH=1 -DEXPIRE=1 -DPASSES=1',
    slow: 11,
  },
  R2: {
    promise: 'both to mirror, an answer is lost, and a push is killed',
    switches: '-DSTART=2 -DNP=1 -DT1=1 -DND=1 -DLOST=1 -DCRASH=1 -DPASSES=1',
    slow: 5,
  },
  R3: {
    promise: 'refuse to mirror, killed and run again',
    switches: '-DSTART=3 -DNP=1 -DT1=1 -DND=1 -DFCRASH=1 -DPASSES=1',
    slow: 2,
  },
  R5: {
    promise: 'both to mirror and damage on old',
    switches: '-DSTART=2 -DNP=1 -DT1=1 -DND=2 -DDAMAGE=1 -DPASSES=1',
    slow: 8,
  },
  V1: {
    promise: 'mirror: forks, a refused push, and a deleted ref that comes back',
    switches: '-DNP=2 -DMAXV=3 -DREVIVE=1 -DPASSES=3 -DREFUSALS=1',
    slow: 5,
  },
  V2: {
    promise: 'mirror: a deleted ref comes back, a killed push, a killed pass',
    switches: '-DNP=2 -DREVIVE=1 -DCRASH=1 -DPCRASH=1 -DPASSES=2',
    slow: 8,
  },
  V3: {
    promise: 'both to mirror, and a deleted ref that comes back',
    switches: '-DSTART=2 -DNP=1 -DT1=1 -DREVIVE=1 -DND=1 -DPASSES=2',
    slow: 8,
  },
  U0: {
    promise: 'both: a push that no hook saw',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=1 -DPASSES=2',
  },
  U1: {
    promise: 'both: a push that no hook saw, a lost answer, and people who push to GitLab',
    switches: '-DSTART=2 -DNP=1 -DNOHOOKS -DUNHOOKED=1 -DPASSES=3 -DND=2 -DLOST=1',
  },
  U5: {
    promise: 'both: a push that no hook saw, a killed pass, a lost answer, and people who push to GitLab',
    switches: '-DSTART=2 -DNP=1 -DNOHOOKS -DUNHOOKED=1 -DPASSES=3 -DND=2 -DLOST=1 -DPCRASH=1',
  },
  U6: {
    promise:
      'both to mirror, killed and run again: a push that no hook saw, a lost answer, and somebody who pushes to GitLab',
    switches: '-DSTART=2 -DNP=1 -DNOHOOKS -DUNHOOKED=1 -DPASSES=1 -DND=1 -DLOST=1 -DFCRASH=1 -DT1=1',
  },
  U2: {
    promise: 'both: a push that no hook saw beside one that a hook saw, a lost answer, and people who push to GitLab',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=1 -DPASSES=2 -DND=1 -DLOST=1',
    slow: 29,
  },
  U3: {
    promise: 'both: two pushes that no hook saw beside one that a hook saw, and people who push to GitLab',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=2 -DPASSES=3 -DND=1',
    slow: 90,
  },
  U4: {
    promise: 'both to mirror: a push that no hook saw beside one that a hook saw, a lost answer, a killed pass',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=1 -DPASSES=2 -DPCRASH=1 -DLOST=1 -DT1=1',
    slow: 80,
  },
  C2: {
    promise: 'mirror to both to mirror, killed and run again',
    switches: '-DNP=1 -DT1=2 -DT2=1 -DND=1 -DPASSES=1 -DFCRASH=1',
    slow: 8,
  },
  C3: {
    promise: 'both to mirror to both while a push is killed',
    switches: '-DSTART=2 -DNP=1 -DT1=1 -DT2=2 -DND=1 -DPASSES=1 -DCRASH=1',
    slow: 5,
  },
};
