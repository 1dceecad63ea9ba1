/** GitLab misbehaves, and the wall clock of old jumps. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitlabFault } from '../../lab/contract';
import type { Lab } from '../../lab/lab';
import { done, Fault, type Ground, type Heal } from './fault';

const holdMs = 3_000;
const hourMs = 3_600_000;
/** Its servers, all or none. */
export const itself = 'GitLab itself';

/** A fault of the stand-in that is switched on for a while. */
export function misbehaving(lab: Lab, name: string, make: () => GitlabFault): Fault {
  return new Fault(name, holdMs, () => lab.gitlab.misbehave(make()));
}

export function gitlabFaults(lab: Lab, { random }: Ground): Fault[] {
  const bad = (name: string, make: () => GitlabFault): Fault => misbehaving(lab, name, make);
  return [
    new Fault('GitLab restarts', 0, () => restart(lab), itself),
    new Fault('GitLab is gone', holdMs, () => goAway(lab, random.chance(0.5)), itself),
    bad('GitLab declines', () => ({
      kind: 'declined',
      refs: random.pick(['refs/heads/race', 'refs/tags/*', '*']),
      text: 'GitLab: You are not allowed to push this in this chaos.',
    })),
    bad('GitLab answers late', () => ({
      kind: 'slow',
      stage: random.pick(['connect', 'pre-receive', 'answer']),
      delayMs: random.whole(500, 2_500),
    })),
    bad("GitLab's answer is lost", () => ({ kind: 'answer-lost', times: random.whole(1, 3) })),
    bad('webhooks are lost, doubled and late', () => ({
      kind: 'webhooks',
      lost: random.next(),
      doubled: random.next(),
      delayMs: random.whole(0, 5_000),
    })),
    bad('GitLab refuses access', () => ({
      kind: 'no-access',
      text: 'GitLab: You are not allowed to push to a project that is read-only for a moment.',
    })),
  ];
}

async function restart(lab: Lab): Promise<Heal> {
  await lab.gitlab.restart();
  return done;
}

/** `api`: its REST API as well. */
export async function goAway(lab: Lab, api: boolean): Promise<Heal> {
  const back = lab.gitlab.misbehave({ kind: 'gone', api });
  await lab.gitlab.moved();
  return async () => {
    back();
    await lab.gitlab.moved();
  };
}

/** Far into the future or the past, as the agent's Node sees it; back with the heal. */
export function clockJump(lab: Lab, { random }: Ground): Fault {
  const file = join(lab.old.home, 'clock-shift');
  return new Fault('clock jump', holdMs, () => {
    writeFileSync(file, String(random.pick([-1, 1]) * random.whole(1, 24 * 400) * hourMs));
    return () => rmSync(file);
  });
}
