/** Every fault that strikes the product, and the small disks below old that can be full. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { usualKind } from '../../lab/gitlab/kind';
import type { Lab } from '../../lab/lab';
import { type Started, until } from '../../lab/processes';
import type { Operator } from '../operator';
import { kill } from '../victims';
import { damage } from './damage';
import { fullDisk, mountSmallDisk } from './disk';
import { Fault, type Ground } from './fault';
import { gitalyFaults } from './gitaly';
import { clockJump, gitlabFaults } from './gitlab';
import { gitlabDamage } from './gitlabdamage';
import { kills } from './kills';
import { network } from './network';
import { otherPlace } from './otherplace';
import { agentFaults } from './resident';
import { snapshot } from './snapshot';

/** The usual ones; or, of all, those whose name matches. */
export function chosenFaults(lab: Lab, ground: Ground, operator: Operator, only: RegExp | undefined): Fault[] {
  const usual = everyFault(lab, ground, () => operator.up);
  if (only === undefined) return usual;
  const unusual = [...gitlabDamage(lab, ground), otherPlace(lab, ground, operator), snapshot(lab, ground, operator)];
  const chosen = [...usual, ...unusual];
  return chosen.filter(({ name }) => only.test(name));
}

/** The `pulumi up` that runs now. */
type Up = () => Pick<Started, 'pid'> | null;

const disks = { state: 32, repository: 48 };

function everyFault(lab: Lab, ground: Ground, up: Up): Fault[] {
  const mounted = {
    state: mountSmallDisk(lab.agentFolder, disks.state),
    repository: mountSmallDisk(ground.oldRepository, disks.repository),
  };
  return [
    ...kills(ground),
    ...agentFaults(join(lab.agentFolder, 'agent.cjs'), ground),
    killPulumi(ground, up),
    ...network(ground),
    ...damage(ground),
    ...gitlabFaults(lab, ground),
    clockJump(lab, ground),
    ...(usualKind() === 'gitaly' ? gitalyFaults(lab, ground) : []),
    fullDisk("the agent's state", () => lab.agentFolder, mounted.state),
    fullDisk('the repository', () => ground.oldRepository, mounted.repository),
  ];
}

/** Somewhere between its start and its last steps. */
function killPulumi({ random }: Ground, up: Up): Fault {
  return new Fault('kill pulumi', 0, async () => {
    const isUp = await until('a `pulumi up` to run', () => up() !== null, 20_000).then(
      () => true,
      () => false,
    );
    await pause(random.whole(200, 6_000));
    const running = up();
    return isUp && running !== null && kill(running.pid) ? () => undefined : null;
  });
}
