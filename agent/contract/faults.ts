/**
 * Every error that the product throws or lists, by the name that throws it: `throw faults.held({ path })`. Its code is
 * that name with dashes, and has one meaning. docs/operate/messages.md is made from it (`npm run docs`).
 */
import { bugFaults } from './bugfaults';
import { damageFaults } from './damagefaults';
import type { Listed } from './fault';
import { gitlabFaults } from './gitlabfaults';
import { hookFaults } from './hookfaults';
import { largeFaults } from './largefaults';
import { nodeFaults } from './nodefaults';
import { operatorFaults } from './operatorfaults';
import { passFaults } from './passesfaults';
import { phaseFaults } from './phasefaults';
import { repositoryFaults } from './repositoryfaults';
import { retireFaults } from './retirefaults';
import { serverFaults } from './serverfaults';
import { settingsFaults } from './settingsfaults';
import { settleFaults } from './settlefaults';
import { sshFaults } from './sshfaults';
import { stoppedFaults } from './stoppedfaults';

export const faults = {
  ...bugFaults,
  ...damageFaults,
  ...gitlabFaults,
  ...hookFaults,
  ...largeFaults,
  ...nodeFaults,
  ...operatorFaults,
  ...passFaults,
  ...phaseFaults,
  ...repositoryFaults,
  ...retireFaults,
  ...serverFaults,
  ...settingsFaults,
  ...settleFaults,
  ...sshFaults,
  ...stoppedFaults,
};

/** For the page: each shelf under the question that its reader has. */
export const shelves: readonly { readonly title: string; readonly faults: Readonly<Record<string, Listed>> }[] = [
  { title: 'The configuration is not taken', faults: settingsFaults },
  { title: 'The old server does not answer', faults: sshFaults },
  { title: 'Node is not on the old server', faults: nodeFaults },
  { title: 'GitLab does not answer, or not as needed', faults: gitlabFaults },
  { title: 'The agent cannot be installed, or does not run', faults: serverFaults },
  { title: 'A repository cannot be used', faults: repositoryFaults },
  { title: 'The hooks of a repository would not run, or are those of another agent', faults: hookFaults },
  { title: 'A phase does not change', faults: phaseFaults },
  { title: 'The agent cannot go on', faults: passFaults },
  { title: 'A repository is too large', faults: largeFaults },
  { title: 'A ref cannot be settled', faults: settleFaults },
  { title: 'A stopped pass cannot be settled', faults: stoppedFaults },
  { title: 'A repair does not run', faults: damageFaults },
  { title: 'A repository is not retired or restored', faults: retireFaults },
  { title: 'A command is not understood', faults: operatorFaults },
  { title: 'Something else', faults: bugFaults },
];
