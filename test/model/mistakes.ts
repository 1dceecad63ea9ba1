/** Switches of the model that each leave a rule out: a search must find what goes wrong then. */

import type { Mistake } from './configurations';

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
    promise: 'a mirror pass that does not write down what it sends calls its own late landing a conflict',
    switches: '-DNP=2 -DLOST=1 -DPASSES=2 -DBUG_SENT',
    breaks: noConflict,
  },
  'X-SENT-crash': {
    promise: 'a mirror pass that dies and did not write down what it sent calls its own value a conflict',
    switches: '-DNP=2 -DPCRASH=1 -DPASSES=2 -DBUG_SENT',
    breaks: noConflict,
  },
  'X-FOLD': {
    promise: 'a mirror pass that sends each debt by itself raises false alarms',
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
  'X-REVIVE': {
    promise: 'a deleted ref that comes back is sent to GitLab as a new one',
    switches: '-DNP=1 -DREVIVE=1 -DPASSES=2 -DBUG_REVIVE',
    breaks: '||(old==truth)',
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
