/** What happens to GitLab's own git service, and to the API that its hooks ask. */
import type { Lab } from '../../lab/lab';
import { gitalyHooks } from '../victims';
import { Fault, type Ground, type Heal } from './fault';
import { itself, misbehaving } from './gitlab';
import { killing } from './kills';

const goneMs = 1_500;
/** A hook of Gitaly lives for some 30 ms, unless the API is slow. */
const hookDelayMs = 20;

export function gitalyFaults(lab: Lab, ground: Ground): Fault[] {
  const { random } = ground;
  const hookText = 'GitLab: The repository is temporarily read-only.';
  return [
    losing(lab, 'kill Gitaly', { how: 'killed', holdMs: goneMs }),
    losing(lab, 'Gitaly restarts', { how: 'stopped', holdMs: 0 }),
    killing('kill a hook of Gitaly', ground, () => gitalyHooks(ground.gitlabRepository()), hookDelayMs),
    misbehaving(lab, 'the internal API is slow', () => ({
      kind: 'slow',
      stage: random.pick(['pre-receive', 'post-receive']),
      delayMs: random.whole(300, 4_000),
    })),
    misbehaving(lab, 'the internal API fails', () => ({
      kind: 'internal-api',
      call: random.pick(['allowed', 'pre_receive', 'post_receive']),
      status: random.pick([500, 502, 503]),
      message: random.pick([null, 'Something went wrong.']),
    })),
    new Fault('the repository is read-only', goneMs * 2, () => {
      // Pushes on their way read it from the hook, the others when they connect.
      const heals = [
        lab.gitlab.misbehave({ kind: 'declined', refs: '*', text: hookText }),
        lab.gitlab.misbehave({ kind: 'no-access', text: hookText }),
      ];
      return () => heals.forEach((heal) => heal());
    }),
  ];
}

function losing(lab: Lab, name: string, { how, holdMs }: { how: 'killed' | 'stopped'; holdMs: number }): Fault {
  const strike = async (): Promise<Heal> => {
    const back = lab.gitlab.misbehave({ kind: 'gitaly-gone', how });
    await lab.gitlab.moved();
    return async () => {
      back();
      await lab.gitlab.moved();
    };
  };
  return new Fault(name, holdMs, strike, itself);
}
