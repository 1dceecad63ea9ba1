/** Switches of fence.pml that each leave a rule of docs/design/fence.md out: a search finds what goes wrong then. */
import type { Mistake } from './configurations';

/** SPREAD, by a pass of an open phase and by one of `mirror`. */
const spreadToOld = '((old==truth)&&(ogen==tgen))&&(g!=truth)';
const spreadToGitlab = '((gl==truth)&&(ggen==tgen))&&(o!=truth)';
const alarm = '(stop!=1)';

/** One rule left out each. */
export const fenceMistakes: Readonly<Record<string, Mistake>> = {
  'X-NOFENCE-gitlab': {
    promise: 'without a fence a GitLab that travelled takes pushes from old',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DKP=1 -DBUG_NOFENCE',
    breaks: spreadToOld,
  },
  'X-NOFENCE-new': {
    promise: 'without a fence a project that was made anew empties old',
    switches: '-DSTART=2 -DTN=1 -DBUG_NOFENCE',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-NOFENCE-old': {
    promise: 'without a fence an old that travelled overwrites GitLab',
    switches: '-DSO=1 -DTO=1 -DKP=2 -DPASSES=4 -DBUG_NOFENCE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-UNIQUE': {
    promise: 'fences that come twice are equal by accident',
    switches: '-DSTART=2 -DT1=1 -DT2=2 -DSG=1 -DTG=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0 -DBUG_UNIQUE',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-PENDING': {
    promise: 'a fence that is not written down before it goes is foreign after a lost answer',
    switches: '-DLOST=1 -DKP=1 -DBUG_PENDING',
    breaks: alarm,
    seldom: true,
  },
  'X-LOCALFIRST': {
    promise: 'a fence that counts before it is at GitLab is missing after a crash',
    switches: '-DPCRASH=1 -DKP=1 -DBUG_LOCALFIRST',
    breaks: alarm,
    seldom: true,
  },
  'X-SENDMOVE': {
    promise: 'values that go before the fence are overwritten by an old that travelled',
    switches: '-DSO=1 -DTO=1 -DKP=2 -DPASSES=3 -DBUG_SENDMOVE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-SETTLEMOVE': {
    promise: 'records that go before the fence are missed by an old that travelled',
    switches: '-DSO=1 -DTO=1 -DKP=2 -DPASSES=3 -DBUG_SETTLEMOVE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-FOLLOWMOVE': {
    promise: 'what old follows before the fence is taken back by a GitLab that travelled',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DND=1 -DKP=0 -DBUG_FOLLOWMOVE',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-RELOOK': {
    promise: 'without a second look old follows what travelled before the fence moved',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DND=1 -DKP=0 -DBUG_RELOOK',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-COVER': {
    promise: 'a push that no fence covers is taken back',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DKP=1 -DBUG_COVER',
    breaks: spreadToOld,
  },
  'X-REPO': {
    promise: 'a repository that travelled alone overwrites GitLab',
    switches: '-DSO=1 -DTR=1 -DKP=1 -DPASSES=3 -DBUG_REPO',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-VERIFY': {
    promise: 'a copy of the fence that moves without a look at the refs hides a journey',
    switches: '-DSO=1 -DTR=1 -DKP=2 -DPASSES=3 -DBUG_VERIFY',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-FLIPMOVE': {
    promise: 'a change of phase without a new fence is undone by an old that travelled',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTO=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0 -DBUG_FLIPMOVE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-ORDER': {
    promise: 'a fence that goes before the switch belongs to the phase before',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTO=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0 -DBUG_ORDER',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-GATE': {
    promise: 'people who are let in before the fence is there are overwritten',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTO=1 -DND=0 -DKP=1 -DPASSES=0 -DAGAIN=0 -DBUG_GATE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-BOOT': {
    promise: 'an old that travelled takes pushes that are not its to take',
    switches: '-DASSERT_STRAY -DT1=2 -DSO=1 -DTO=1 -DND=0 -DKP=2 -DPASSES=0 -DAGAIN=0 -DBUG_BOOT',
    breaks: 'tphase==1',
    seldom: true,
  },
  'X-PLANT': {
    promise: 'a missing fence that is planted whatever the refs say follows a project that was made anew',
    switches: '-DSTART=2 -DTN=1 -DKP=1 -DBUG_PLANT -DBUG_PLANTLOOK',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-PLANTLOOK': {
    promise: 'a planted fence that counts without a second look hides a project that was made anew meanwhile',
    switches: '-DSTART=2 -DTN=1 -DWIPE=1 -DKP=1 -DBUG_PLANTLOOK',
    breaks: spreadToOld,
  },
  'X-SETTLEFIRST': {
    promise: 'a settlement whose fence comes first is not over, and counts',
    switches: '-DST=2 -DSTART=2 -DTN=1 -DKP=0 -DPASSES=2 -DBUG_SETTLEFIRST',
    breaks: spreadToOld,
    seldom: true,
  },
  'X-SETTLEPHASE': {
    promise: 'a settlement that writes the phase last leaves the wrong one',
    switches: '-DLATE0=6 -DST=1 -DT1=2 -DSO=1 -DTO=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0 -DBUG_SETTLEPHASE',
    breaks: spreadToGitlab,
    seldom: true,
  },
  'X-SETTLEKEEP': {
    promise: 'a settlement that keeps the fence of before meets a GitLab that travels to it',
    switches: '-DST=2 -DSTART=2 -DSG=1 -DTG=2 -DKP=1 -DND=1 -DPASSES=2 -DBUG_SETTLEKEEP',
    breaks: spreadToOld,
    slow: 60,
  },
  'X-SETTLELOOK': {
    promise: 'a settlement that counts without a second look hides a second journey',
    switches: '-DST=2 -DSTART=2 -DSG=1 -DTG=2 -DKP=1 -DND=1 -DPASSES=2 -DBUG_SETTLELOOK',
    breaks: spreadToOld,
    slow: 60,
  },
};
