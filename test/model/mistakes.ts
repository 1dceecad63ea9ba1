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
const open = 'assertionviolated(phase==2)';
const forward = '(gl==0)';
const sentOnce = '!(uapplied)';
const banned = '!(((banned>>';
const alone = 'waslone';

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
  'X-SENDON-TRY': {
    promise: 'a push that no hook saw, and is sent on without being written down first, is applied twice',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=1 -DPASSES=3 -DND=1 -DLOST=1 -DBUG_UTRY',
    breaks: sentOnce,
  },
  'X-SENDON-TRY-mirror': {
    promise: 'a push that was sent on without being written down lands after the way back, as a conflict',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=2 -DLOST=1 -DPASSES=1 -DT1=1 -DBUG_UTRY',
    breaks: noConflict,
  },
  'X-SENDON-AGAIN': {
    promise: 'a push that is sent on again after a lost answer is applied twice',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=1 -DPASSES=2 -DND=1 -DLOST=1 -DBUG_UAGAIN',
    breaks: sentOnce,
  },
  'X-SENDON-CAS': {
    promise: 'a push that is sent on without compare-and-set overwrites one to GitLab',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=1 -DPASSES=1 -DND=1 -DMAXV=3 -DBUG_UCAS',
    breaks: forward,
  },
  'X-SENDON-PHASE': {
    promise: 'a push to old is sent on where old takes none any more',
    switches: '-DNP=1 -DNOHOOKS -DSTART=3 -DUNHOOKED=1 -DPASSES=1 -DBUG_UPHASE',
    breaks: open,
  },
  'X-SENDON-LAND': {
    promise: 'a change of phase that does not wait for what was sent on lets it land in a phase that is closed',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=2 -DLOST=1 -DPASSES=1 -DT1=3 -DBUG_ULAND',
    breaks: open,
  },
  'X-SENDON-TAKEN': {
    promise: 'a value that somebody removed at GitLab, and a pass took away from old, comes back',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=2 -DND=2 -DPASSES=3 -DBUG_UTAKEN',
    breaks: banned,
  },
  'X-SENDON-RECORD': {
    promise: 'a push that a hook saw, and GitLab took and lost again, is taken for one that none saw',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=1 -DND=1 -DPASSES=1 -DBUG_URECORD',
    breaks: alone,
  },
  'X-SENDON-FOLLOW': {
    promise: 'a value that a killed pass set on old, and GitLab lost again, is taken for a push that no hook saw',
    switches: '-DNP=1 -DNOHOOKS -DSTART=2 -DUNHOOKED=1 -DND=2 -DPCRASH=1 -DPASSES=3 -DBUG_UFOLLOW',
    breaks: alone,
  },
  'X-SENDON-MOVING': {
    promise: 'a push that began and ended while a pass looked is taken for one that no hook saw',
    switches: '-DSTART=2 -DNP=1 -DUNHOOKED=1 -DND=1 -DPASSES=1 -DBUG_UMOVING',
    breaks: alone,
  },
  'X-HEAL-P6': {
    promise: 'a pass that ignores leases makes a push fail that GitLab took',
    switches: '-DNP=2 -DSTART=2 -DPASSES=1 -DBUG_HEAL -DP6',
    breaks: appliedOnce,
  },
};
