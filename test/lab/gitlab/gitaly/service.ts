/** One Gitaly: its configuration, its process, and the way to call it. It keeps its socket over a restart. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markName, type Started, startProcess } from '../../processes';
import { isAlive, killAll } from '../../processtree';
import { GitalyClient } from './client';

export const storageName = 'default';
const startMs = 30_000;

export class GitalyService {
  private process: Started | null = null;
  private client: GitalyClient | null = null;

  /** `programs` is the folder that scripts/setup-gitaly prints. */
  constructor(
    private readonly folder: string,
    private readonly programs: string,
    private readonly secret: string,
  ) {
    mkdirSync(this.storage, { recursive: true });
  }

  get storage(): string {
    return join(this.folder, 'storage');
  }

  /** For whoever pushes: gitaly-ssh, and where it finds Gitaly. */
  get ssh(): string {
    return join(this.programs, 'bin/gitaly-ssh');
  }

  get address(): string {
    return `unix:${join(this.folder, 'socket')}`;
  }

  /** Null while it does not run, also where it died by itself. */
  get pid(): number | null {
    return this.process !== null && isAlive(this.process.pid) ? this.process.pid : null;
  }

  get calls(): GitalyClient {
    if (this.client === null) throw new Error('Cannot call Gitaly as it does not run.');
    return this.client;
  }

  /** Answers once it takes calls. It removes by itself what a killed one left in the runtime folder. */
  async start(apiUrl: string): Promise<void> {
    await this.kill();
    const runtime = join(this.folder, 'runtime');
    rmSync(join(this.folder, 'socket'), { force: true });
    for (const place of [runtime, join(this.folder, 'logs')]) mkdirSync(place, { recursive: true });
    writeFileSync(join(this.folder, 'secret'), this.secret, { mode: 0o600 });
    writeFileSync(join(this.folder, 'config.toml'), this.configText(apiUrl, runtime));
    const started = startProcess(join(this.programs, 'bin/gitaly'), ['serve', join(this.folder, 'config.toml')], {
      env: this.env,
      cwd: this.folder,
    });
    this.process = started;
    this.client = new GitalyClient(this.address);
    // Its number may soon be that of another process.
    const died = started.ended
      .finally(() => (this.process = this.process === started ? null : this.process))
      .then(() => Promise.reject(new Error('it ended')));
    try {
      await Promise.race([this.client.ready(startMs), died]);
    } catch {
      await this.kill();
      throw new Error(`Cannot start Gitaly: ${started.output().slice(-2000)}`);
    }
  }

  /** Asks it to end; its pushes have some seconds for that. */
  async stop(): Promise<void> {
    const running = this.process;
    this.forget();
    await running?.stop();
  }

  /** As `kill -9`: what its pushes have started goes on or dies by itself. */
  async kill(): Promise<void> {
    const running = this.process;
    this.forget();
    if (running !== null) await killAll('Gitaly', () => (isAlive(running.pid) ? [running.pid] : []));
    await running?.ended;
  }

  private forget(): void {
    this.client?.close();
    this.client = null;
    this.process = null;
  }

  /** A newer git finds its own programs only by GIT_EXEC_PATH. */
  private get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      LANG: 'C.UTF-8',
      GIT_EXEC_PATH: join(this.programs, 'git/usr/lib/git-core'),
      [markName]: this.folder,
    };
  }

  private configText(apiUrl: string, runtime: string): string {
    const text = (value: string): string => JSON.stringify(value);
    return (
      [
        `socket_path = ${text(join(this.folder, 'socket'))}`,
        `bin_dir = ${text(join(this.programs, 'bin'))}`,
        `runtime_dir = ${text(runtime)}`,
        '[git]',
        `bin_path = ${text(join(this.programs, 'git/usr/bin/git'))}`,
        '[[storage]]',
        `name = ${text(storageName)}`,
        `path = ${text(this.storage)}`,
        '[logging]',
        `dir = ${text(join(this.folder, 'logs'))}`,
        'format = "json"',
        'level = "warn"',
        '[gitlab]',
        `url = ${text(apiUrl)}`,
        `secret_file = ${text(join(this.folder, 'secret'))}`,
      ].join('\n') + '\n'
    );
  }
}
