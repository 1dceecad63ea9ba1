/** kill -9, at some moment of a process's life. */
import { descendants } from '../../lab/processtree';
import { commands, hooks, kill, killOne, receivePacks } from '../victims';
import { done, Fault, type Ground } from './fault';

const withinMs = 6_000;
/** Most live longer; a hook of `mirror` does not. */
const [delayMs, hookDelayMs] = [120, 8];

/** A fault that kills one of what `find` finds. */
export function killing(name: string, { random }: Ground, find: () => number[], upToMs = delayMs): Fault {
  return new Fault(name, 0, async () => ((await killOne(find, random, { withinMs, delayMs: upToMs })) ? done : null));
}

export function kills(ground: Ground): Fault[] {
  const { oldRepository, oldSshd } = ground;
  return [
    killing('kill hook', ground, () => hooks(oldRepository), hookDelayMs),
    killing('kill receive-pack on old', ground, () => receivePacks(oldRepository)),
    killing('kill receive-pack on GitLab', ground, () => receivePacks(ground.gitlabRepository())),
    new Fault('kill sessions on old', 0, async () =>
      (await killOne(() => sessions(oldSshd()), ground.random, { withinMs, delayMs })) && killAll(oldSshd())
        ? done
        : null,
    ),
    new Fault('reboot of old', 0, async () => {
      await ground.reboot();
      return done;
    }),
  ];
}

function killAll(sshd: number): boolean {
  sessions(sshd).forEach((pid) => kill(pid));
  return true;
}

/** sshd's own processes for those who are logged in; what they run there goes on until its pipe breaks. */
function sessions(sshd: number): number[] {
  const below = new Set(descendants(sshd));
  return [...commands()]
    .filter(([pid, words]) => below.has(pid) && words[0]?.startsWith('sshd') === true)
    .map(([pid]) => pid);
}
