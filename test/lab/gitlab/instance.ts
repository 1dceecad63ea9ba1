/** What the parts of one running stand-in share. */
import { groupPath, projectPath } from './access';
import type { Faults } from './faults';
import type { DefaultProtection, Project } from './model';
import type { GitalyService } from './gitaly/service';
import type { Repositories, RefUpdate } from './repository';
import type { AuditEntry, Delivery, GitlabOptions, HookEvent } from './standin';
import { fullProtection } from './world';
import type { World } from './world';

export interface Instance {
  readonly world: World;
  readonly repositories: Repositories;
  /** Null for the plain kind. */
  readonly gitaly: GitalyService | null;
  /** Changes by the web editor that go on: hooks tell of them without saying where they come from. */
  readonly webEdits: Set<RefUpdate>;
  readonly faults: Faults;
  readonly jobs: Jobs;
  readonly audit: AuditEntry[];
  readonly events: HookEvent[];
  readonly deliveries: Delivery[];
  readonly options: Required<GitlabOptions>;
  /** Shared by the internal API and its callers. */
  readonly secret: string;
  /** Known once the servers listen. */
  readonly addresses: { url: string; sshPort: number; sshUser: string };
  /** Writes the keys for sshd again. */
  keysChanged(): void;
}

/** Background jobs with a delay, as Sidekiq would run them. */
export class Jobs {
  private readonly waiting = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private readonly ending = new AbortController();

  /** A job that waits for others must end when its signal is aborted. Once stopped, nothing begins any more. */
  later(delayMs: number, job: (signal: AbortSignal) => Promise<void>): void {
    if (this.ending.signal.aborted) return;
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      const done = job(this.ending.signal)
        .catch((error: unknown) => process.emitWarning(`GitLab stand-in: a job failed: ${String(error)}`))
        .finally(() => this.running.delete(done));
      this.running.add(done);
    }, delayMs);
    this.waiting.add(timer);
  }

  get idle(): boolean {
    return this.waiting.size === 0 && this.running.size === 0;
  }

  async stop(): Promise<void> {
    this.waiting.forEach((timer) => clearTimeout(timer));
    this.waiting.clear();
    this.ending.abort();
    await Promise.all(this.running);
  }
}

/** From the project's group, else the instance's. */
export function defaultProtectionOf(world: World, project: Project): DefaultProtection {
  return world.groups.get(project.namespaceId)?.defaultProtection ?? fullProtection;
}

export function sshUrl({ world, addresses }: Instance, project: Project): string {
  return `ssh://${addresses.sshUser}@127.0.0.1:${addresses.sshPort}/${projectPath(world, project)}.git`;
}

export function webUrl({ world, addresses }: Instance, project: Project): string {
  return `${addresses.url}/${projectPath(world, project)}`;
}

export function groupUrl({ world, addresses }: Instance, groupId: number): string {
  const group = world.groups.get(groupId);
  return `${addresses.url}/groups/${group === undefined ? '' : groupPath(world, group)}`;
}
