/**
 * Calls of Gitaly, one method each, as GitLab's own Rails makes them. Errors are those of gRPC, with Gitaly's words.
 */
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { zeros } from '../model';
import type { User } from '../model';
import type { RefUpdate } from '../repository';
import { encode, type Message, textAt } from './wire';

/** A repository as Gitaly names it: its hooks say `glRepository` to the internal API. */
export interface RepositoryName {
  readonly storage: string;
  readonly relativePath: string;
  readonly glRepository: string;
}

const callMs = 60_000;

export class GitalyClient {
  private readonly channel: Client;

  constructor(address: string) {
    this.channel = new Client(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
    });
  }

  /** Resolves once Gitaly takes calls. */
  ready(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) =>
      this.channel.waitForReady(Date.now() + withinMs, (error) => (error === undefined ? resolve() : reject(error))),
    );
  }

  async createRepository(repository: RepositoryName, defaultBranch: string): Promise<void> {
    await this.call('RepositoryService/CreateRepository', { 1: named(repository), 2: defaultBranch });
  }

  async removeRepository(repository: RepositoryName): Promise<void> {
    await this.call('RepositoryService/RemoveRepository', { 1: named(repository) });
  }

  async optimizeRepository(repository: RepositoryName): Promise<void> {
    await this.call('RepositoryService/OptimizeRepository', { 1: named(repository) });
  }

  async setHead(repository: RepositoryName, branch: string): Promise<void> {
    await this.call('RepositoryService/WriteRef', { 1: named(repository), 2: 'HEAD', 3: `refs/heads/${branch}` });
  }

  /** Compare-and-set without hooks: nobody is asked, and nobody is told. */
  async writeRef(repository: RepositoryName, { ref, before, after }: RefUpdate): Promise<void> {
    await this.call('RepositoryService/WriteRef', { 1: named(repository), 2: ref, 3: after, 4: before });
  }

  /** A compare-and-set with Gitaly's hooks. */
  async editBranch(repository: RepositoryName, user: User, { ref, before, after }: RefUpdate): Promise<void> {
    const branch = ref.slice('refs/heads/'.length);
    const start = { 1: named(repository), 2: branch, 3: actor(user) };
    if (after === zeros) await this.call('OperationService/UserDeleteBranch', { ...start, 4: before });
    else if (before === zeros) await this.call('OperationService/UserCreateBranch', { ...start, 4: after });
    else needNoText(textAt(await this.call('OperationService/UserUpdateBranch', { ...start, 4: after, 5: before }), 1));
  }

  /** The same for a tag that is new or goes away; a tag of a tag object would be peeled. GitLab cannot move tags. */
  async editTag(repository: RepositoryName, user: User, { ref, before, after }: RefUpdate): Promise<void> {
    const start = { 1: named(repository), 2: ref.slice('refs/tags/'.length), 3: actor(user) };
    if (after === zeros)
      needNoText(textAt(await this.call('OperationService/UserDeleteTag', { ...start, 4: before }), 1));
    else await this.call('OperationService/UserCreateTag', { ...start, 4: after });
  }

  close(): void {
    this.channel.close();
  }

  private call(method: string, message: Message): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, answer?: Buffer): void =>
        error === null ? resolve(answer ?? Buffer.alloc(0)) : reject(error);
      this.channel.makeUnaryRequest(
        `/gitaly.${method}`,
        encode,
        (bytes) => bytes,
        message,
        new Metadata(),
        { deadline: Date.now() + callMs },
        done,
      );
    });
  }
}

function named({ storage, relativePath, glRepository }: RepositoryName): Message {
  return { 2: storage, 3: relativePath, 6: glRepository };
}

function actor({ id, name, email, username }: User): Message {
  return { 1: `user-${id}`, 2: name, 3: email, 4: username };
}

/** Some calls answer a refusal instead of failing. */
function needNoText(refusal: string): void {
  if (refusal !== '') throw new Error(`Gitaly refused: ${refusal}`);
}
