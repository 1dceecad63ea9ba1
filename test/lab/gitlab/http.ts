/** The HTTP server: REST under /api/v4, GraphQL for the current user, and the internal API of the git side. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Instance } from './instance';
import { answerInternal } from './internal';
import { isFromGitSide } from './internalauth';
import { currentUser } from './rest/instance';
import { Fields } from './rest/fields';
import { Refusal, unauthorized } from './rest/refusal';
import type { Answer, Router } from './rest/router';
import type { User } from './model';

const bodyBytesMax = 64 << 20;

export function makeServer(instance: Instance, router: Router): Server {
  return createServer((request, response) => {
    const answered = isInternal(request)
      ? internal(instance, request, response)
      : api(instance, router, { request, response });
    answered.catch((error: unknown) =>
      response.writeHead(500).end(JSON.stringify({ message: `500 Internal Server Error: ${String(error)}` })),
    );
  });
}

const internalPrefix = '/api/v4/internal/';

function isInternal(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith(internalPrefix);
}

async function internal(instance: Instance, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', instance.addresses.url);
  const body = await readBody(request);
  if (!isFromGitSide(request.headers, instance.secret)) return void response.writeHead(401).end();
  const isJson = request.headers['content-type']?.startsWith('application/json') === true;
  const parameters = new Map([...url.searchParams, ...(isJson ? scalars(parse(body)) : [])]);
  const answer = await answerInternal(
    instance,
    url.pathname.slice(internalPrefix.length),
    parameters,
    isJson ? '' : body,
  );
  if (answer === null) return void response.writeHead(404).end();
  if (request.headers.accept === 'text/plain')
    send(response, { status: 200, type: 'text/plain', text: `${answer.lines.join('\n')}\n` });
  else send(response, { status: answer.status ?? 200, type: 'application/json', text: JSON.stringify(answer.json) });
}

async function api(
  instance: Instance,
  router: Router,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const method = request.method ?? 'GET';
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const body = await readBody(request);
  const user = userOf(instance, request);
  const fault = instance.faults.rest(method, path);
  const work = (): Promise<Answer> =>
    answerApi(instance, router, { method, path, query: new URLSearchParams(query), body, user });
  if (fault?.afterWork === true) await work();
  const answer =
    fault === null
      ? await work()
      : { status: fault.status, body: { message: `${fault.status} (asked for by the lab)` } };
  instance.audit.push({ kind: 'rest', method, path, status: answer.status, user: user?.username ?? null });
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  send(response, {
    status: answer.status,
    type: 'application/json',
    text: answer.body === undefined ? '' : JSON.stringify(answer.body),
  });
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly user: User | null;
}

async function answerApi(
  instance: Instance,
  router: Router,
  { method, path, query, body, user }: Asked,
): Promise<Answer> {
  try {
    if (user === null) throw unauthorized();
    if (path === '/api/graphql') return currentUser(instance, user);
    const found = path.startsWith('/api/v4/') ? router.find(method, path.slice('/api/v4/'.length)) : null;
    if (found === null) return { status: 404, body: { error: '404 Not Found' } };
    const fields = new Fields({ ...Object.fromEntries(query), ...parse(body) });
    return await found.endpoint({ instance, user, params: found.params, query, fields });
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: error.body };
    throw error;
  }
}

/** Either header is as good. */
function userOf({ world }: Instance, request: IncomingMessage): User | null {
  const header = request.headers['private-token'] ?? request.headers.authorization?.replace(/^Bearer /i, '');
  const user = [...world.users.values()].find((each) => each.token === header);
  return user?.state === 'active' ? user : null;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new Error('the body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(body: string): Record<string, unknown> {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    throw new Refusal(400, { error: 'The body is not valid JSON' });
  }
}

/** Lists as lines. */
function scalars(values: Readonly<Record<string, unknown>>): [string, string][] {
  const set = Object.entries(values).filter(([, value]) => value !== null);
  return set.map(([name, value]) => [name, Array.isArray(value) ? value.join('\n') : String(value)]);
}

function send(response: ServerResponse, { status, type, text }: { status: number; type: string; text: string }): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}
