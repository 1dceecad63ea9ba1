/**
 * The configurations of handover.pml, whose top explains the switches. Budgets are small on purpose: many small
 * searches instead of a large one.
 */

export interface Configuration {
  readonly promise: string;
  readonly switches: string;
  /** Seconds where that is more than a few, optimised, on an idle machine. */
  readonly slow?: number;
}

export interface Mistake extends Configuration {
  /** A part of what SPIN finds violated: that it fails for another reason proves nothing. */
  readonly breaks: string;
}

/** By the name under which the model speaks of them: M mirror, B both, F forward, R back, C there and back. */
export const protocol: Readonly<Record<string, Configuration>> = {
  M0: { promise: 'mirror: two pushers to one ref', switches: '-DNP=2' },
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
    promise: 'mirror: forks, two lost answers, a killed worker',
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

const applied = 'applied[i]||seen[i]';
const appliedOnce = '!(applied[i])';
const epoch = 'ep==epoch';
const chain = 'excused||(gl==truth)';
const closed = 'phase!=1';
const noAlarm = '!(damaged)||dmg';
const noConflict = '!(conflict)';
const witnessed = '(rec[0]&&';
const level = '(old==gl)||dmg';

/** One tempting mistake each. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  'X-WAITLEASE': {
    promise: 'a drain that waits for pushes that wait for its hold never ends',
    switches: '-DNP=1 -DT1=2 -DBUG_WAITLEASE',
    breaks: 'invalidendstate',
  },
  'X-FENCE': {
    promise: 'a switch that does not ask whether the hold is still ours lets a push straddle two epochs',
    switches: '-DNP=1 -DT1=2 -DEXPIRE=1 -DBUG_FENCE',
    breaks: epoch,
  },
  'X-FENCE-P1': {
    promise: 'a switch that does not ask whether the hold is still ours loses an acknowledged push',
    switches: '-DNP=1 -DT1=2 -DEXPIRE=1 -DBUG_FENCE -DNOP5',
    breaks: applied,
  },
  'X-READFIRST': {
    promise: 'a push that reads the phase before it writes its lease straddles two epochs',
    switches: '-DNP=1 -DT1=2 -DBUG_READFIRST',
    breaks: epoch,
  },
  'X-LIMIT': {
    promise: 'a lease that ends over a living process lets a push straddle two epochs',
    switches: '-DNP=1 -DT1=2 -DLIMIT=1 -DBUG_LIMIT',
    breaks: epoch,
  },
  'X-LIMIT-P1': {
    promise: 'a lease that ends over a living process loses an acknowledged push',
    switches: '-DNP=1 -DT1=2 -DLIMIT=1 -DBUG_LIMIT -DNOP5',
    breaks: applied,
  },
  'X-ROW2': {
    promise: 'agreed that decides in both breaks the order of a ref',
    switches: '-DNP=1 -DSTART=2 -DND=1 -DPASSES=2 -DBUG_ROW2',
    breaks: chain,
  },
  'X-ROW2-crash': {
    promise: 'agreed that decides in both breaks the order of a ref after a killed push',
    switches: '-DNP=1 -DSTART=2 -DND=1 -DPASSES=1 -DCRASH=1 -DBUG_ROW2',
    breaks: chain,
  },
  'X-RESEND': {
    promise: 'sending again after a lost answer applies a push twice',
    switches: '-DNP=1 -DSTART=2 -DND=1 -DLOST=1 -DBUG_RESEND',
    breaks: appliedOnce,
  },
  'X-SENT-lost': {
    promise: 'a worker that does not write down what it sends calls its own late landing a conflict',
    switches: '-DNP=2 -DLOST=1 -DPASSES=2 -DBUG_SENT',
    breaks: noConflict,
  },
  'X-SENT-crash': {
    promise: 'a worker that dies and did not write down what it sent calls its own value a conflict',
    switches: '-DNP=2 -DPCRASH=1 -DPASSES=2 -DBUG_SENT',
    breaks: noConflict,
  },
  'X-FOLD': {
    promise: 'a worker that sends each debt by itself raises false alarms',
    switches: '-DNP=2 -DPASSES=2 -DBUG_FOLD',
    breaks: noAlarm,
  },
  'X-WITNESS': {
    promise: 'records of refused pushes that stay let damage spread',
    switches: '-DNP=1 -DREFUSALS=1 -DDAMAGE=1 -DPASSES=1 -DBUG_WITNESS',
    breaks: witnessed,
  },
  'X-NODROP': {
    promise: 'records that stay when both sides are level let damage spread',
    switches: '-DNP=2 -DDAMAGE=1 -DPASSES=2 -DBUG_NODROP',
    breaks: witnessed,
  },
  'X-NOSETTLE': {
    promise: 'level sides that are not compared with what was acknowledged hide a lost push',
    switches: '-DNP=1 -DDAMAGE=1 -DPASSES=2 -DBUG_NOSETTLE',
    breaks: '(damaged||excused)||',
  },
  'X-LOCK': {
    promise: 'a pass beside a change of phase raises false alarms',
    switches: '-DNP=1 -DSTART=2 -DT1=1 -DND=2 -DPASSES=1 -DBUG_LOCK',
    breaks: noAlarm,
    slow: 4,
  },
  'X-GRACE': {
    promise: 'going back at once lets GitLab take a push after old became the authority',
    switches: '-DNP=1 -DSTART=2 -DT1=1 -DND=1 -DPASSES=0 -DBUG_GRACE',
    breaks: closed,
  },
  'X-GRACE-mbm': {
    promise: 'going there and back at once lets GitLab take a push after old became the authority',
    switches: '-DNP=1 -DT1=2 -DT2=1 -DND=1 -DPASSES=0 -DBUG_GRACE',
    breaks: closed,
  },
  'X-ZOMBIE-mb': {
    promise: 'going to both while a request is unanswered breaks the order of a ref',
    switches: '-DNP=2 -DT1=2 -DLOST=1 -DPASSES=1 -DBUG_ZOMBIE',
    breaks: chain,
    slow: 11,
  },
  'X-ZOMBIE-bm': {
    promise: 'going back while a request is unanswered switches with unequal sides',
    switches: '-DNP=1 -DSTART=2 -DT1=1 -DLOST=1 -DPASSES=1 -DBUG_ZOMBIE',
    breaks: level,
  },
  'X-HEAL-P6': {
    promise: 'a pass that ignores leases makes a push fail that GitLab took',
    switches: '-DNP=2 -DSTART=2 -DPASSES=1 -DBUG_HEAL -DP6',
    breaks: appliedOnce,
  },
};
