/** Projects on the stand-in that no stack made, and somebody who may push to all of them: what people build by hand. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab';
import { type LabPerson, makePerson } from '../lab/person';

export interface Maker {
  readonly person: LabPerson;
  /** An empty project; answers its address. */
  readonly project: (name: string) => Promise<string>;
}

export async function makeMaker(lab: Lab, name: string): Promise<Maker> {
  const { gitlab } = lab;
  const person = makePerson({
    folder: lab.folder,
    name,
    servers: [{ host: gitlab.sshHost, port: gitlab.sshPort, hostKeys: gitlab.hostKeys }],
  });
  const { token } = await gitlab.addUser({ username: name, sshPublicKey: person.publicKey, admin: true });
  return {
    person,
    async project(path) {
      const answer = await fetch(`${gitlab.url}/api/v4/projects`, {
        method: 'POST',
        headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
        body: JSON.stringify({ path }),
      });
      if (!answer.ok)
        throw new Error(`Cannot make the project ${path}: GitLab answers ${answer.status} ${await answer.text()}`);
      return lab.gitlabUrl(`${name}/${path}`);
    },
  };
}

/** The hook that people usually write: it pushes everything to GitLab and lets the pusher wait for that. */
export async function installClassicHook(lab: Lab, repository: string): Promise<void> {
  const maker = await makeMaker(lab, 'classic');
  const url = await maker.project('classic');
  const hook = `#!/bin/sh\nGIT_SSH_COMMAND="ssh -F '${maker.person.sshConfig}'" exec git push --quiet --mirror '${url}' </dev/null\n`;
  writeFileSync(join(lab.old.repositoryPath(repository), 'hooks', 'post-receive'), hook, { mode: 0o755 });
}
