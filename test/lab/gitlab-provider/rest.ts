/** GitLab's REST API as GitLab's Go client speaks it: same escaping, same headers, same retries. */
import { setTimeout as pause } from 'node:timers/promises';
import { isObject, type Props } from './wire';

export interface RestSettings {
  /** With or without /api/v4. */
  readonly baseUrl: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly retriesMax: number;
  /** Ends every request and every wait. */
  readonly signal: AbortSignal;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const REQUEST_TIMEOUT_MS = 120_000;
/** Connection errors after which nothing can have reached the server. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** GitLab said no. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    request: string,
    reason: string,
  ) {
    super(`GitLab answered ${status} to ${request}${reason === '' ? '' : `: ${reason}`}`);
    this.name = 'RestError';
  }
}

/** A path whose variable parts are escaped as the Go client does: `release/1.*` becomes `release%2F1%2E%2A`. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((text, part, index) => `${text}${escaped(String(values[index - 1] ?? ''))}${part}`);
}

function escaped(value: string): string {
  const strict = encodeURIComponent(value).replace(
    /[.!*'()]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return strict.replace(/%(24|26|2B|3A|3D|40)/g, (code) => decodeURIComponent(code));
}

export class Rest {
  private readonly root: string;

  constructor(private readonly settings: RestSettings) {
    this.root = settings.baseUrl.replace(/\/+$/, '').replace(/\/api\/v4$/, '');
  }

  get signal(): AbortSignal {
    return this.settings.signal;
  }

  /** Path below /api/v4. Throws a RestError unless GitLab answered with success. */
  async call(method: Method, resource: string, body?: Props): Promise<Props> {
    const answer = await this.send(method, `/api/v4${resource}`, body);
    return isObject(answer) ? answer : {};
  }

  /** One page of a list and the number of the next one, null after the last. */
  async page(resource: string, page: number): Promise<{ rows: Props[]; next: number | null }> {
    const query = `${resource.includes('?') ? '&' : '?'}page=${page}&per_page=20`;
    const response = await this.attempt('GET', `/api/v4${resource}${query}`);
    const rows = await decoded(response);
    const next = response.headers.get('x-next-page') ?? '';
    return { rows: Array.isArray(rows) ? rows.filter(isObject) : [], next: next === '' ? null : Number(next) };
  }

  /** null where GitLab has no such thing. */
  async find(resource: string): Promise<Props | null> {
    return this.call('GET', resource).catch(nullWhenMissing);
  }

  /** What is gone already needs no removal. */
  async remove(resource: string): Promise<void> {
    await this.call('DELETE', resource).catch(nullWhenMissing);
  }

  async graphql(query: string): Promise<Props> {
    const answer = await this.send('POST', '/api/graphql', { query });
    const found = isObject(answer) ? answer['data'] : undefined;
    return isObject(found) ? found : {};
  }

  private async send(method: Method, resource: string, body?: Props): Promise<unknown> {
    return decoded(await this.attempt(method, resource, body));
  }

  /** The Go client repeats a POST too: an answer that was lost after the work comes back as "already exists". */
  private async attempt(method: Method, resource: string, body?: Props): Promise<Response> {
    for (let retry = 0; ; retry += 1) {
      const outcome = await this.once(method, resource, body);
      const last = retry >= this.settings.retriesMax;
      if (outcome instanceof Response && outcome.ok) return outcome;
      if (last || !mayRepeat(method, outcome)) throw await failure(outcome, `${method} ${resource}`, this.root);
      await pause(waitMs(outcome, retry), undefined, { signal: this.signal });
    }
  }

  private async once(method: Method, resource: string, body?: Props): Promise<Response | Error> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    const headers = {
      Accept: 'application/json',
      Authorization: `Bearer ${this.settings.token}`,
      ...this.settings.headers,
    };
    const sent =
      body === undefined
        ? { headers }
        : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    try {
      return await fetch(`${this.root}${resource}`, { method, signal, ...sent });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** For `catch`: GitLab answers 404 also for what one may not see. */
export function nullWhenMissing(error: unknown): null {
  if (error instanceof RestError && error.status === 404) return null;
  throw error;
}

function mayRepeat(method: Method, outcome: Response | Error): boolean {
  if (outcome instanceof Response) return outcome.status === 429 || (outcome.status >= 500 && outcome.status !== 501);
  if (outcome.name === 'AbortError' || outcome.name === 'TimeoutError') return false;
  return method === 'GET' || NOTHING_SENT.has(causeCode(outcome));
}

function waitMs(outcome: Response | Error, retry: number): number {
  if (!(outcome instanceof Response) || outcome.status !== 429) return (700 + Math.random() * 200) * (retry + 1);
  const reset = Number(outcome.headers.get('ratelimit-reset') ?? 0) * 1000 - Date.now();
  return reset > 0 ? reset : 100 * 2 ** retry;
}

async function failure(outcome: Response | Error, request: string, root: string): Promise<Error> {
  if (outcome instanceof Response) return new RestError(outcome.status, request, words(await decoded(outcome)));
  if (outcome.name === 'AbortError') return new Error(`${request} was cancelled`);
  return new Error(`GitLab at ${root} gave no answer to ${request}: ${causeCode(outcome) || outcome.message}`);
}

function causeCode(error: Error): string {
  const { cause } = error;
  return isObject(cause) && typeof cause['code'] === 'string' ? cause['code'] : '';
}

async function decoded(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

/** GitLab's reasons in one line, in whichever of its forms they came. */
function words(body: unknown): string {
  if (typeof body === 'string') return (body.trim().split('\n')[0] ?? '').slice(0, 300);
  if (Array.isArray(body)) return body.map(words).join(', ');
  if (!isObject(body)) return body === undefined || body === null ? '' : JSON.stringify(body);
  const inner = body['message'] ?? body['error_description'] ?? body['error'];
  if (inner !== undefined) return words(inner);
  return Object.entries(body)
    .map(([name, reason]) => `${name} ${words(reason)}`)
    .join('; ');
}
