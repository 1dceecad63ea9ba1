/** The searches of fence.pml, by the rules of docs/design/fence.md. */
import type { Configuration } from './configurations';

/** N nobody travels, G GitLab does, O old does, W a fence deleted by hand, L a slow replica, R restarts, S people. */
export const fenceProtocol: Readonly<Record<string, Configuration>> = {
  N1: {
    promise: 'mirror: two pushes, a lost answer, a killed pass',
    switches: '-DKP=2 -DLOST=1 -DPCRASH=1 -DPASSES=3',
    seldom: true,
  },
  N2: { promise: 'both: pushes to both sides, nobody travels', switches: '-DSTART=2 -DKP=1 -DND=1 -DPASSES=2' },
  N3: {
    promise: 'both: two pushes while another ref needs the fence',
    switches: '-DSTART=2 -DKP=2 -DND=1 -DPASSES=2 -DOTHER=1',
    slow: 8,
  },
  N4: {
    promise: 'both: a ref that waits goes on when a person says so',
    switches: '-DSTART=2 -DKP=1 -DND=2 -DPASSES=1 -DOTHER=1 -DRL=1',
    seldom: true,
  },
  N5: {
    promise: 'both: a lost answer, and a person about the ref that waits',
    switches: '-DSTART=2 -DKP=1 -DND=1 -DLOST=1 -DPASSES=1 -DRL=1',
    seldom: true,
  },
  N6: {
    promise: 'both to mirror, and a lost answer',
    switches: '-DSTART=2 -DKP=1 -DT1=1 -DND=0 -DLOST=1 -DPASSES=1',
    seldom: true,
  },
  N7: {
    promise: 'mirror to both, and a killed pass',
    switches: '-DKP=1 -DT1=2 -DND=1 -DPCRASH=1 -DPASSES=1',
    slow: 12,
  },
  G1: {
    promise: 'both: GitLab travels, and a pass is killed',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DKP=1 -DND=1 -DPCRASH=1',
    slow: 15,
  },
  G2: {
    promise: 'both: GitLab travels while another ref needs the fence',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DKP=2 -DND=0 -DOTHER=1 -DPASSES=2',
    slow: 8,
  },
  G3: {
    promise: 'both: GitLab travels, and an answer is lost',
    switches: '-DSTART=2 -DSG=1 -DTG=1 -DKP=1 -DND=0 -DLOST=1',
  },
  G4: { promise: 'both: the project is made anew', switches: '-DSTART=2 -DTN=1 -DKP=2 -DND=1', slow: 20 },
  G5: {
    promise: 'refuse: GitLab travels, a lost answer, a killed pass',
    switches: '-DSTART=3 -DSG=1 -DTG=1 -DKP=0 -DND=2 -DPCRASH=1 -DLOST=1',
    slow: 10,
  },
  G6: { promise: 'mirror: GitLab travels', switches: '-DSG=1 -DTG=1 -DKP=2 -DPASSES=3', seldom: true },
  O1: { promise: 'mirror: old travels', switches: '-DSO=1 -DTO=1 -DKP=2 -DPASSES=3', slow: 12 },
  O2: { promise: 'mirror: the repository alone travels', switches: '-DSO=1 -DTR=1 -DKP=2 -DPASSES=3', slow: 5 },
  O3: { promise: 'mirror: the state alone travels', switches: '-DSO=1 -DTS=1 -DKP=2 -DPASSES=3', slow: 8 },
  O4: { promise: 'both: old travels', switches: '-DSTART=2 -DSO=1 -DTO=1 -DKP=1 -DND=1 -DPASSES=1', slow: 10 },
  O5: {
    promise: 'mirror to both: old travels',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTO=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0',
  },
  O6: {
    promise: 'mirror to both: the state alone travels',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTS=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0',
    seldom: true,
  },
  O7: {
    promise: 'mirror to both: the repository alone travels',
    switches: '-DLATE0=6 -DT1=2 -DSO=1 -DTR=1 -DND=1 -DKP=0 -DPASSES=1 -DAGAIN=0',
    seldom: true,
  },
  W1: {
    promise: 'both: the fence is deleted by hand, twice',
    switches: '-DSTART=2 -DWIPE=2 -DKP=1 -DND=1 -DPASSES=2',
    slow: 6,
  },
  W2: {
    promise: 'both: the fence is deleted, a lost answer, a killed pass',
    switches: '-DSTART=2 -DWIPE=1 -DKP=1 -DND=0 -DPASSES=2 -DLOST=1 -DPCRASH=1',
    slow: 12,
  },
  W3: {
    promise: 'both: the fence is deleted, and GitLab travels',
    switches: '-DSTART=2 -DWIPE=1 -DSG=1 -DTG=1 -DKP=1 -DND=0',
  },
  W4: {
    promise: 'both: the fence is deleted, and the project is made anew',
    switches: '-DSTART=2 -DWIPE=1 -DTN=1 -DKP=1 -DND=1',
    slow: 20,
  },
  W5: {
    promise: 'mirror to both: the fence is deleted',
    switches: '-DT1=2 -DWIPE=1 -DKP=1 -DND=1 -DPASSES=1',
    slow: 8,
  },
  L1: { promise: 'both: a look from the past', switches: '-DSTART=2 -DLAG=1 -DKP=1 -DND=1 -DPASSES=2', slow: 5 },
  L2: { promise: 'mirror: a look from the past', switches: '-DLATE0=2 -DLAG=1 -DKP=2 -DPASSES=3', seldom: true },
  L3: {
    promise: 'both: a look from the past, and GitLab travels',
    switches: '-DSTART=2 -DLAG=1 -DSG=1 -DTG=1 -DKP=1 -DND=0 -DPASSES=2',
    seldom: true,
  },
  R1: { promise: 'mirror to both: old restarts', switches: '-DRB=1 -DKP=2 -DT1=2 -DPASSES=1', slow: 30 },
  R2: { promise: 'both: old restarts', switches: '-DSTART=2 -DRB=1 -DKP=1 -DND=1 -DPASSES=2', slow: 8 },
  R3: {
    promise: 'mirror: old restarts, and takes pushes before GitLab was seen',
    switches: '-DRB=1 -DTAKE -DKP=2 -DPASSES=3',
    seldom: true,
  },
  R4: {
    promise: 'mirror: old travels, and takes pushes before GitLab was seen',
    switches: '-DTAKE -DSO=1 -DTO=1 -DKP=2 -DPASSES=3',
    slow: 12,
  },
  E1: {
    promise: 'mirror to both, with a state from before fences',
    switches: '-DBARE -DKP=1 -DT1=2 -DND=1 -DPASSES=1',
    slow: 6,
  },
  E2: { promise: 'both, with a state from before fences', switches: '-DSTART=2 -DBARE -DKP=1 -DND=1 -DPASSES=2' },
  S1: {
    promise: 'a person settles a project that was made anew',
    switches: '-DST=2 -DSTART=2 -DTN=1 -DKP=1 -DND=1 -DPASSES=1',
    slow: 25,
  },
  S2: {
    promise: 'a person settles an old that travelled',
    switches: '-DLATE0=6 -DST=1 -DT1=2 -DSO=1 -DTO=1 -DND=1 -DKP=0 -DPASSES=0 -DAGAIN=0',
    slow: 6,
  },
  S3: {
    promise: 'GitLab travels once more while a person settles',
    switches: '-DST=2 -DSTART=2 -DSG=1 -DTG=2 -DKP=1 -DND=1 -DPASSES=2',
    slow: 90,
  },
};
