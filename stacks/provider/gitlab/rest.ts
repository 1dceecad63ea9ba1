/** GitLab's REST API: the one way there, with deadlines, paging and clear errors. */
import { z } from 'zod';
import type { HandoverError } from '../../../agent/contract/errors';
import { printable } from '../../../agent/contract/printable';
import { faults } from '../../../agent/contract/faults';
import { patiently } from '../waiting/patience';
import { cancelled } from '../waiting/stopping';
import { answered } from './answers';
import { bodyStart, bodyWithin } from './body';

export interface RestSettings {
  /** GitLab's address without /api/v4. */
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** To whoever watches the run: what is waited for. */
  readonly say?: (text: string) => void;
}

export interface Rest {
  /** The answer's body, or null for 404. Throws where it is of another form. */
  get<T>(path: string, form: z.ZodType<T>): Promise<T | null>;
  /** All pages of a list, each row of this form; or null for 404. */
  list<T>(path: string, row: z.ZodType<T>): Promise<T[] | null>;
  put(path: string, body: Record<string, unknown>): Promise<void>;
}

const answerMs = 30_000;
/** Members of a project are few; a list that never ends must not hold us for ever. */
const pagesMax = 1000;
/** A page of a hundred projects or people is some hundred kilobytes. */
const bodyBytesMax = 8 * 1024 * 1024;
const listBytesMax = 8 * bodyBytesMax;
const wordsMax = 300;
const redirectsMax = 3;

export function openRest(settings: RestSettings): Rest {
  return {
    get: async (path, form) => {
      const answer = await ask(settings, 'GET', path);
      return answer === null ? null : answered(`GET ${path}`, form, (await body(path, answer)).value);
    },
    list: async (path, row) => {
      const rows = await pages(settings, path);
      return rows === null ? null : answered(`GET ${path}`, z.array(row), rows);
    },
    put: async (path, values) => void (await ask(settings, 'PUT', path, values)),
  };
}

/** For a path or a name within a path. */
export function encoded(path: string): string {
  return encodeURIComponent(path);
}

/**
 * Null only when the first page is 404. Whoever closes a project asks who can write to it: a part of a list is never
 * taken for the whole.
 */
async function pages(settings: RestSettings, path: string): Promise<unknown[] | null> {
  const all: unknown[] = [];
  let [page, bytes] = ['1', 0];
  for (let count = 0; page !== ''; count++) {
    if (count === pagesMax) throw unusable(path, `it has more than ${pagesMax} pages`);
    const answer = await ask(settings, 'GET', `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`);
    if (answer === null && count === 0) return null;
    const { value: rows, length } = await body(path, answer);
    if (!Array.isArray(rows)) throw unusable(path, 'it is none');
    bytes += length;
    if (bytes > listBytesMax) throw unusable(path, tooLong(listBytesMax));
    all.push(...(rows as unknown[]));
    page = answer?.headers.get('x-next-page') ?? '';
  }
  return all;
}

function unusable(path: string, what: string): HandoverError {
  return faults.gitlabAnswer({ path: `GET ${path}`, what });
}

function tooLong(bytesMax: number): string {
  return `it is longer than ${bytesMax / 1024 / 1024} MB`;
}

interface Body {
  readonly value: unknown;
  readonly length: number;
}

async function body(path: string, answer: Response | null): Promise<Body> {
  if (answer === null) return { value: null, length: 0 };
  const text = await bodyWithin(answer, bodyBytesMax).catch(() => '');
  if (text === null) throw faults.gitlabAnswer({ path, what: tooLong(bodyBytesMax) });
  try {
    return { value: JSON.parse(text), length: text.length };
  } catch {
    throw faults.gitlabAnswer({ path, what: 'it is no JSON' });
  }
}

/** Null for 404. Whatever fails for a moment is asked again: a repeated PUT of the same values changes nothing. */
function ask(
  settings: RestSettings,
  method: string,
  path: string,
  values?: Record<string, unknown>,
): Promise<Response | null> {
  const { signal, say = () => undefined } = settings;
  return patiently(
    async () => {
      const answer = await followed(settings, method, await once(settings, method, path, values));
      if (answer.status === 404 && method === 'GET') return null;
      if (answer.ok) return answer;
      throw await refused(settings, `${method} ${path}`, answer);
    },
    { signal, say },
  );
}

/** A project that was renamed is asked for where it is now; nothing goes to anybody but this GitLab. */
async function followed(settings: RestSettings, method: string, first: Response): Promise<Response> {
  let answer = first;
  for (let hop = 0; hop < redirectsMax && method === 'GET' && isRedirect(answer); hop++) {
    const there = new URL(answer.headers.get('location') ?? '', answer.url).href;
    const api = `${settings.url}/api/v4`;
    if (!there.startsWith(`${api}/`)) break;
    await answer.body?.cancel();
    answer = await once(settings, method, there.slice(api.length));
  }
  return answer;
}

function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && URL.canParse(headers.get('location') ?? '', 'http://localhost');
}

async function once(
  { url, token, signal }: RestSettings,
  method: string,
  path: string,
  values?: Record<string, unknown>,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(values === undefined ? {} : { 'content-type': 'application/json' }),
  };
  try {
    return await fetch(`${url}/api/v4${path}`, {
      method,
      headers,
      // Followed by fetch, the request would go wherever the answer says.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      ...(values === undefined ? {} : { body: JSON.stringify(values) }),
    });
  } catch (trouble) {
    if (signal.aborted) throw cancelled();
    throw faults.gitlabApiUnreachable({ url, words: reason(trouble) });
  }
}

/** fetch hides the reason one level down. */
function reason(trouble: unknown): string {
  const cause =
    trouble instanceof Error ? (trouble.cause as { code?: string; message?: string } | undefined) : undefined;
  return cause?.code ?? cause?.message ?? (trouble instanceof Error ? trouble.message : String(trouble));
}

/** GitLab asks to repeat these. */
function isMoment(status: number): boolean {
  return status === 429 || status >= 500;
}

async function refused({ url }: RestSettings, what: string, answer: Response): Promise<HandoverError> {
  if (answer.status === 401) return faults.gitlabToken({ url });
  const location = answer.headers.get('location');
  if (isRedirect(answer))
    return faults.gitlabAnswer({
      path: what,
      what: `it leads to ${printable(location?.slice(0, wordsMax) ?? 'nowhere')}`,
    });
  const words = await bodyStart(answer, wordsMax);
  if (answer.status === 403) return faults.gitlabRights({ what, words });
  const { status } = answer;
  return isMoment(status)
    ? faults.gitlabFailing({ what, status, words })
    : faults.gitlabStatus({ what, status, words });
}
