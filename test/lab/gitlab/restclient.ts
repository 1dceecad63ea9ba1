/** A call of the REST API as a test makes it. */
import type { GitlabLab } from '../contract';

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/**
 * `route` is `GET /projects/1`. Answers the body, which must be a good answer's; `token` is the administrator's unless
 * named.
 */
export async function rest(
  gitlab: GitlabLab,
  route: string,
  fields?: unknown,
  token?: string,
): Promise<Record<string, unknown>> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const answer = await restAnswer(gitlab, { method, path, fields, token });
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body as Record<string, unknown>;
}

export async function restAnswer(
  gitlab: GitlabLab,
  call: { method: string; path: string; fields?: unknown; token?: string | undefined },
): Promise<RestAnswer> {
  const response = await fetch(`${gitlab.url}/api/v4${call.path}`, {
    method: call.method,
    headers: { Authorization: `Bearer ${call.token ?? gitlab.adminToken}`, 'Content-Type': 'application/json' },
    ...(call.fields === undefined ? {} : { body: JSON.stringify(call.fields) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

type Call = readonly [method: string, path: string, fields?: unknown, token?: string];

/** Calls whose answer may be bad, for a stand-in that is started later. */
export function callsOf(gitlab: () => GitlabLab): {
  readonly call: (...call: Call) => Promise<RestAnswer>;
  readonly status: (...call: Call) => Promise<number>;
} {
  const call = (...[method, path, fields, token]: Call): Promise<RestAnswer> =>
    restAnswer(gitlab(), { method, path, fields, token });
  return { call, status: async (...asked) => (await call(...asked)).status };
}
