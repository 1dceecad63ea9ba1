/**
 * Repositories that Gitaly holds: it makes, changes and removes them. Tests and rules read them on disk, which Gitaly
 * cannot gloss over.
 */
import { utimesSync } from 'node:fs';
import { zeros } from '../model';
import type { User } from '../model';
import { Repositories, type RefUpdate, staleMs } from '../repository';
import { staleLocks } from '../stalelocks';
import type { RepositoryName } from './client';
import { type GitalyService, storageName } from './service';

export class GitalyRepositories extends Repositories {
  constructor(
    private readonly gitaly: GitalyService,
    hooks: string,
  ) {
    super(gitaly.storage, hooks);
  }

  named(projectId: number): RepositoryName {
    return { storage: storageName, relativePath: this.relativePath(projectId), glRepository: `project-${projectId}` };
  }

  override async create(projectId: number, defaultBranch: string): Promise<void> {
    await this.gitaly.calls.createRepository(this.named(projectId), defaultBranch);
  }

  override async remove(projectId: number): Promise<void> {
    await this.gitaly.calls.removeRepository(this.named(projectId));
  }

  override async setHead(projectId: number, branch: string): Promise<void> {
    await this.gitaly.calls.setHead(this.named(projectId), branch);
  }

  /** By Gitaly itself, which counts a lock as left behind after an hour: these are made to look older. */
  override async housekeeping(projectId: number): Promise<void> {
    const locks = staleLocks(this.path(projectId), staleMs);
    if (locks.length === 0) return;
    const longAgo = Date.now() / 1000 - 86_400;
    for (const lock of locks) utimesSync(lock, longAgo, longAgo);
    await this.gitaly.calls.optimizeRepository(this.named(projectId));
  }

  /** What GitLab's web cannot do, which is to move tags and to set other refs, is written without hooks. */
  override async update(projectId: number, update: RefUpdate, user: User): Promise<'told' | 'silent'> {
    const [repository, { calls }] = [this.named(projectId), this.gitaly];
    const { ref, before, after } = update;
    if (ref.startsWith('refs/heads/')) await calls.editBranch(repository, user, update);
    else if (
      ref.startsWith('refs/tags/') &&
      (after === zeros || (before === zeros && (await this.tagMessage(projectId, after)) === null))
    )
      await calls.editTag(repository, user, update);
    else {
      await calls.writeRef(repository, update);
      return 'silent';
    }
    return 'told';
  }
}
