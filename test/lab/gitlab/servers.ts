/**
 * The servers of a stand-in: the API, sshd, and Gitaly where it is of that kind. They keep their ports over a restart.
 */
import type { Server } from 'node:http';
import type { GitlabFault } from '../contract';
import { freePort } from '../processes';
import { killTree } from '../processtree';
import type { Sshd } from '../sshd';
import { makeServer } from './http';
import type { Instance } from './instance';
import type { Router } from './rest/router';
import { startGitSsh } from './ssh';

export class Servers {
  private api: Server | null = null;
  private ssh: Sshd | null = null;
  private apiPort = 0;
  /** Starts and stops one after the other. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly instance: Instance,
    private readonly router: Router,
  ) {}

  /** Answers the host keys. */
  async start(): Promise<readonly string[]> {
    this.instance.keysChanged();
    await this.inTurn(() => this.startBoth());
    return this.ssh === null ? [] : [this.ssh.hostKey];
  }

  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.stopSsh();
      await this.instance.gitaly?.stop();
      await this.stopApi();
      await this.startBoth();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(async () => {
      await this.stopSsh();
      await this.instance.jobs.stop();
      await this.instance.gitaly?.stop();
      await this.stopApi();
    });
  }

  /**
   * Refuses connections and ends sessions at once, those that somebody keeps warm too; the answer brings the servers
   * back, which takes until `settled`.
   */
  goAway({ api }: Extract<GitlabFault, { kind: 'gone' }>): () => void {
    if (this.ssh !== null) killTree(this.ssh.pid);
    if (api) this.api?.close();
    void this.inTurn(async () => {
      await this.stopSsh();
      if (api) await this.stopApi();
    });
    return () => void this.inTurn(() => this.startBoth());
  }

  /** Gitaly alone goes away, with sshd still there; the answer brings it back. */
  loseGitaly({ how }: Extract<GitlabFault, { kind: 'gitaly-gone' }>): () => void {
    const { gitaly } = this.instance;
    if (gitaly === null) throw new Error('Cannot end Gitaly as this GitLab is of the plain kind.');
    void this.inTurn(() => (how === 'killed' ? gitaly.kill() : gitaly.stop()));
    return () => void this.inTurn(() => this.startBoth());
  }

  async settled(): Promise<void> {
    await this.last;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async startBoth(): Promise<void> {
    if (this.api === null) await this.startApi();
    if (this.instance.gitaly?.pid === null) await this.instance.gitaly.start(this.instance.addresses.url);
    if (this.ssh === null) await this.startSsh();
  }

  private async startApi(): Promise<void> {
    if (this.apiPort === 0) this.apiPort = await freePort();
    const server = makeServer(this.instance, this.router);
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(this.apiPort, '127.0.0.1', resolve),
    );
    this.instance.addresses.url = `http://127.0.0.1:${this.apiPort}`;
    this.api = server;
  }

  private async startSsh(): Promise<void> {
    const { addresses, repositories, gitaly, secret } = this.instance;
    const port = addresses.sshPort === 0 ? {} : { port: addresses.sshPort };
    this.ssh = await startGitSsh({
      folder: this.folder,
      env: repositories.env,
      apiPort: this.apiPort,
      secret,
      gitalySsh: gitaly?.ssh ?? null,
      ...port,
    });
    addresses.sshPort = this.ssh.port;
  }

  private async stopSsh(): Promise<void> {
    const ssh = this.ssh;
    this.ssh = null;
    await ssh?.stop();
  }

  private async stopApi(): Promise<void> {
    const api = this.api;
    this.api = null;
    api?.closeAllConnections();
    if (api?.listening === true) await new Promise((resolve) => api.close(resolve));
  }
}
