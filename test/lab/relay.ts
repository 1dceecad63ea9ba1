/** A piece of network between two parts of the lab: passes TCP on, or does not. It keeps its port whatever it does. */
import { createServer, type Server, type Socket, connect } from 'node:net';
import { freePort, until } from './processes';

/**
 * `refuse`: nobody listens, and what was open is cut. `slow`: each piece of data comes late, in each direction, in
 * order. `half-open`: connections are accepted and nothing passes, like a cable that is out; what waits passes when it
 * is healed, as TCP sends again.
 */
export type Weather =
  | { readonly kind: 'fair' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'half-open' };

export interface Relay {
  readonly port: number;
  /** Of connections that are open now. */
  count(): number;
  /** Resets every open connection; new ones pass. */
  cut(): void;
  become(weather: Weather): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const listenAgainMs = 20_000;

/** Answers once it listens. `target` is a port of this machine. */
export async function startRelay(target: () => number): Promise<Relay> {
  const line = new Line(target, await freePort());
  await line.listen();
  return {
    port: line.port,
    count: () => line.count(),
    cut: () => line.cut(),
    become: (weather) => line.become(weather),
    heal: () => line.become({ kind: 'fair' }),
    close: () => line.become({ kind: 'refuse' }),
  };
}

class Line {
  private server: Server | null = null;
  private weather: Weather = { kind: 'fair' };
  private readonly sockets = new Set<Socket>();
  /** What waits for better weather. */
  private waiting: (() => void)[] = [];

  constructor(
    private readonly target: () => number,
    readonly port: number,
  ) {}

  count(): number {
    return this.sockets.size / 2;
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.waiting = [];
  }

  async become(weather: Weather): Promise<void> {
    this.weather = weather;
    if (weather.kind === 'refuse') return this.stop();
    if (this.server === null)
      await until(
        'a relay to listen on its port again',
        () =>
          this.listen().then(
            () => true,
            () => false,
          ),
        listenAgainMs,
        100,
      );
    if (weather.kind === 'half-open') return;
    for (const pass of this.waiting.splice(0)) pass();
  }

  listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (near) => this.join(near));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, host, () => {
        this.server = server;
        resolve();
      });
    });
  }

  private async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    const closed = server === null ? null : new Promise((resolve) => server.close(resolve));
    this.cut();
    await closed;
  }

  private join(near: Socket): void {
    const far = connect({ host, port: this.target(), allowHalfOpen: true });
    this.pass(near, far);
    this.pass(far, near);
  }

  /** In one direction. An end and an error come after what was sent before them. */
  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    const inOrder = this.queue();
    from.on('data', (data) => inOrder(() => void (to.destroyed || to.write(data))));
    from.on('end', () => inOrder(() => void to.end()));
    from.on('error', () => inOrder(() => void to.resetAndDestroy()));
    from.on('close', () => {
      this.sockets.delete(from);
      inOrder(() => void to.end());
    });
  }

  /** Each piece waits from when it came, not from when the one before it passed: a slow line is long, not narrow. */
  private queue(): (act: () => void) => void {
    let last: Promise<void> = Promise.resolve();
    return (act) => {
      const turn = this.turn();
      last = last.then(() => turn).then(act);
    };
  }

  /** When a piece that comes now may pass. */
  private turn(): Promise<void> | void {
    const { weather } = this;
    if (weather.kind === 'slow') return new Promise((resolve) => setTimeout(resolve, weather.delayMs));
    if (weather.kind === 'half-open') return new Promise((resolve) => this.waiting.push(resolve));
  }
}
