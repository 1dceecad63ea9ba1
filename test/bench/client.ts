/** Somebody who pushes and fetches while a watch runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab';
import { type LabPerson, makePerson } from '../lab/person';

export type Connection = 'fresh' | 'multiplexed';

/** `fresh`: each command connects anew, as most people do. `multiplexed`: one connection of their own is kept open. */
export async function makeClient(lab: Lab, name: string, connection: Connection): Promise<Client> {
  const { old, gitlab } = lab;
  const servers = [old, { host: gitlab.sshHost, port: gitlab.sshPort, hostKeys: gitlab.hostKeys }];
  const person = makePerson({ folder: lab.folder, name, servers, multiplexed: connection === 'multiplexed' });
  await old.addKey(person.publicKey);
  return new Client(lab, person);
}

export class Client {
  private readonly clones = new Map<string, Promise<string>>();

  constructor(private readonly lab: Lab, readonly person: LabPerson) {}

  /** The folder of this person's clone from old; its main can be pushed. */
  clone(repository: string): Promise<string> {
    const known = this.clones.get(repository) ?? this.person.clone(this.lab.oldUrl(repository));
    this.clones.set(repository, known);
    return known;
  }

  /** One commit with one file, not timed, then `git push`: ms. */
  async push(repository: string): Promise<number> {
    const folder = await this.clone(repository);
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
    writeFileSync(join(folder, '..', 'commits.sh'), 'for n in $(seq "$1"); do echo "$n $$" >"$2"; git add -- "$2"; git commit --quiet --message "step $n"; done\n');
    await this.person.git(folder, '-c', 'alias.steps=!sh ../commits.sh', 'steps', `${count}`, `${this.person.name}.txt`);
    const { output } = await this.person.git(folder, 'rev-list', '--reverse', `--max-count=${count}`, 'HEAD');
    return output.trim().split('\n');
  }
}
