/** Somebody who pushes and fetches while a watch runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab';
import { type LabPerson, makePerson } from '../lab/person';
import { projectOf } from '../system/walk';

export type Connection = 'fresh' | 'multiplexed';
type Server = 'old' | 'gitlab';

/** `fresh`: each command connects anew, as most people do. `multiplexed`: one connection of their own is kept open. */
export async function makeClient(lab: Lab, name: string, connection: Connection): Promise<Client> {
  const { old, gitlab } = lab;
  const servers = [old, { host: gitlab.sshHost, port: gitlab.sshPort, hostKeys: gitlab.hostKeys }];
  const person = makePerson({ folder: lab.folder, name, servers, multiplexed: connection === 'multiplexed' });
  await old.addKey(person.publicKey);
  await gitlab.addUser({ username: name, sshPublicKey: person.publicKey, admin: true });
  return new Client(lab, person);
}

export class Client {
  private readonly clones = new Map<string, Promise<string>>();

  constructor(
    private readonly lab: Lab,
    readonly person: LabPerson,
  ) {}

  /** The folder of this person's clone; its main can be pushed. */
  clone(repository: string, server: Server = 'old'): Promise<string> {
    const url = server === 'old' ? this.lab.oldUrl(repository) : this.lab.gitlabUrl(projectOf(repository));
    const known = this.clones.get(url) ?? this.person.clone(url);
    this.clones.set(url, known);
    return known;
  }

  /** One commit with one file, not timed, then `git push`: ms. */
  async push(repository: string, server: Server = 'old'): Promise<number> {
    const folder = await this.clone(repository, server);
    await this.person.commit(folder, 'one more');
    return this.timed(folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  }

  async timed(folder: string, ...args: string[]): Promise<number> {
    const start = performance.now();
    const { code, output } = await this.person.git(folder, ...args);
    const ms = performance.now() - start;
    if (code !== 0) throw new Error(`Cannot measure git ${args.join(' ')} as it must succeed: ${output}`);
    return ms;
  }

  /** Makes commits one after the other without pushing them; answers them, oldest first. */
  async prepare(repository: string, count: number): Promise<string[]> {
    const folder = await this.clone(repository);
    writeFileSync(
      join(folder, '..', 'commits.sh'),
      'for n in $(seq "$1"); do echo "$n $$" >"$2"; git add -- "$2"; git commit --quiet --message "step $n"; done\n',
    );
    await this.person.git(
      folder,
      '-c',
      'alias.steps=!sh ../commits.sh',
      'steps',
      `${count}`,
      `${this.person.name}.txt`,
    );
    const { output } = await this.person.git(folder, 'rev-list', '--reverse', `--max-count=${count}`, 'HEAD');
    return output.trim().split('\n');
  }
}
