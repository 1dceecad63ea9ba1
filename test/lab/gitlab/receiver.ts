/** What webhooks are sent to in tests: a real HTTP listener that keeps what it was told. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../certificate';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  stop(): Promise<void>;
}

/** `answer` writes the answer to a request; without it each gets 200. */
export async function startReceiver({
  tls = false,
  answer = (response) => void response.end(),
}: { tls?: boolean; answer?: (response: ServerResponse) => void } = {}): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = tls ? createTlsServer({ key: selfSigned.key, cert: selfSigned.certificate }) : createServer();
  server.on('request', (request, response) => {
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        received.push({
          path: request.url ?? '',
          headers: request.headers,
          body: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>,
        });
        answer(response);
      });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
