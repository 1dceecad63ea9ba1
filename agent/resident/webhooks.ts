/**
 * Hears GitLab's webhooks. The path names the repository (<…>/<state name>), a header shows the secret; nothing else is
 * read. All that comes of a request is that a pass comes sooner, so a lost, doubled or forged one changes nothing.
 */
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { WebhookConfig } from '../contract/configs';
import { keepNewest } from '../machine/connections';
import { isSecret } from './webhooksecret';

export interface Listener {
  readonly close: () => void;
}

export interface Hearing {
  readonly secret: string;
  /** False when nobody knows the name. */
  readonly wake: (name: string) => boolean;
  readonly refused: (words: string) => void;
  /** It listens. */
  readonly opened: () => void;
  /** It cannot listen, or can no longer. */
  readonly failed: (error: Error) => void;
}

/** GitLab waits ten seconds at most, and sends what it has at once. */
const requestMs = 10_000;
/** Of more the one that is there for longest goes: slow ones must not close the port. */
const connectionsMax = 64;
const headerBytesMax = 8 * 1024;

export function listen(config: WebhookConfig, hearing: Hearing): Listener {
  const limits = {
    maxHeaderSize: headerBytesMax,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    keepAliveTimeout: requestMs,
    connectionsCheckingInterval: requestMs / 5,
  };
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void =>
    answerOne(request, response, hearing);
  const server =
    config.tls === null
      ? http.createServer(limits, answer)
      : https.createServer(
          {
            ...limits,
            handshakeTimeout: requestMs,
            cert: fs.readFileSync(config.tls.certificate),
            key: fs.readFileSync(config.tls.key),
          },
          answer,
        );
  // Node 16 takes no limits of the server as options.
  Object.assign(server, { requestTimeout: requestMs, headersTimeout: requestMs });
  const allowed = allowList(config.allow);
  const open = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    if (allowed(socket.remoteAddress ?? '')) return void keepNewest(open, socket, connectionsMax);
    hearing.refused(`the address ${socket.remoteAddress ?? ''} is not in agent.webhook.allow`);
    socket.destroy();
  });
  server.on('error', hearing.failed);
  server.on('listening', hearing.opened);
  server.listen(config.port, config.host);
  return { close: () => void server.close() };
}

/** Answered at once: the pass comes later. */
function answerOne(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { secret, wake, refused }: Hearing,
): void {
  const end = (code: number): void => {
    // The body is not read: what is still under way is let go with the connection.
    response
      .writeHead(code, { 'Content-Type': 'text/plain', Connection: 'close' })
      .end(`${http.STATUS_CODES[code] ?? ''}\n`);
    request.resume();
  };
  const shown = request.headers['x-gitlab-token'];
  if (request.method !== 'POST') return end(405);
  if (typeof shown !== 'string' || !isSecret(secret, shown)) {
    refused(`the secret that ${request.socket.remoteAddress ?? 'somebody'} showed is another one`);
    return end(401);
  }
  end(wake(nameIn(request.url ?? '')) ? 200 : 404);
}

/** The last part of the path; empty when it can be no name of ours. */
function nameIn(url: string): string {
  return /(?:^|\/)([A-Za-z0-9._-]{1,100})(?:\?.*)?$/.exec(url)?.[1] ?? '';
}

/** Addresses and ranges; none of them: everybody. */
export function allowList(allow: readonly string[]): (address: string) => boolean {
  if (allow.length === 0) return () => true;
  const list = new net.BlockList();
  for (const one of allow) {
    const [address = '', bits] = one.split('/');
    const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    return net.isIP(plain) !== 0 && list.check(plain, net.isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
