/** A lab whose network can fail: between old and GitLab, and between people and each of them, there is a relay. */
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { freePort } from '../lab/processes';
import { startRelay } from '../lab/relay';
import { names, repository, type Relays } from './site';

export interface RelayedLab {
  readonly lab: Lab;
  readonly relays: Relays;
}

const agent = { queueDelaySeconds: 0, timer: 'none', connectSeconds: 8, lookSeconds: 8, holdSeconds: 30 };

export async function openRelayedLab(): Promise<RelayedLab> {
  const clock = join(__dirname, 'clock.cjs');
  const port = await freePort();
  const webhook = { listen: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
  const lab = await startLab({
    repositories: [repository],
    people: names,
    settings: { agent: { ...agent, webhook }, repositories: { [repository]: { acknowledgeUnhookedWriters: true } } },
    oldEnv: { NODE_OPTIONS: `--require=${clock}` },
  });
  const relays = {
    between: await startRelay(() => lab.gitlab.sshPort),
    peopleToGitlab: await startRelay(() => lab.gitlab.sshPort),
    peopleToOld: await startRelay(() => lab.old.port),
  };
  lab.configure((settings) =>
    Object.assign(settings['git-handover:gitlab'] as object, {
      sshPort: relays.between.port,
      peopleUrl: gitlabUrl({ lab, relays }),
    }),
  );
  letPeopleTrust({ lab, relays });
  return { lab, relays };
}

/** For people, with `{project}` where its path belongs. */
export function gitlabUrl({ lab, relays }: RelayedLab): string {
  return `ssh://${lab.gitlab.sshUser}@${lab.gitlab.sshHost}:${relays.peopleToGitlab.port}/{project}.git`;
}

/** For people, without the path of a repository. */
export function oldAddress({ lab, relays }: RelayedLab): string {
  return `ssh://${lab.old.user}@${lab.old.host}:${relays.peopleToOld.port}`;
}

function letPeopleTrust({ lab, relays }: RelayedLab): void {
  const { old, gitlab } = lab;
  for (const person of names.map((name) => lab.person(name))) {
    person.trust({ host: old.host, port: relays.peopleToOld.port, hostKeys: old.hostKeys });
    person.trust({ host: gitlab.sshHost, port: relays.peopleToGitlab.port, hostKeys: gitlab.hostKeys });
  }
}
