/** How a REST call finds its endpoint, and the forms of GitLab's answers. */
import type { Instance } from '../instance';
import type { User } from '../model';
import type { Fields } from './fields';

export interface Call {
  readonly instance: Instance;
  readonly user: User;
  /** The decoded path parameters, in their order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** The JSON body, or for GET and DELETE the query. Unknown fields are never read: GitLab drops them silently. */
  readonly fields: Fields;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Endpoint = (call: Call) => Answer | Promise<Answer>;

/** `GET projects/:/deploy_keys`: each colon stands for one path segment. */
export type Routes = Readonly<Record<string, Endpoint>>;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (): Answer => ({ status: 202, body: { message: '202 Accepted' } });
export const gone = (): Answer => ({ status: 204 });

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly endpoint: Endpoint;
}

export class Router {
  private readonly routes: Route[] = [];

  constructor(...tables: Routes[]) {
    for (const [name, endpoint] of tables.flatMap((table) => Object.entries(table))) {
      const [method = '', path = ''] = name.split(' ');
      this.routes.push({ method, segments: path.split('/'), endpoint });
    }
  }

  /** Decodes after routing, so that `%2F` in a project's path does not split it. */
  find(method: string, path: string): { endpoint: Endpoint; params: string[] } | null {
    const segments = path.split('/');
    const route = this.routes.find((each) => each.method === method && matches(each.segments, segments));
    if (route === undefined) return null;
    return {
      endpoint: route.endpoint,
      params: segments.filter((_, at) => route.segments[at] === ':').map(decodeURIComponent),
    };
  }
}

function matches(wanted: readonly string[], given: readonly string[]): boolean {
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (segment === ':' ? given[at] !== '' : segment === given[at]))
  );
}

/** A list with GitLab's paging headers. */
export function paged({ query }: Call, rows: readonly unknown[]): Answer {
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 20) || 20, 1), 100);
  const page = Math.max(Number(query.get('page') ?? 1) || 1, 1);
  const pages = Math.max(Math.ceil(rows.length / size), 1);
  const headers = {
    'X-Total': String(rows.length),
    'X-Total-Pages': String(pages),
    'X-Per-Page': String(size),
    'X-Page': String(page),
    'X-Next-Page': page < pages ? String(page + 1) : '',
    'X-Prev-Page': page > 1 ? String(page - 1) : '',
  };
  return { status: 200, body: rows.slice((page - 1) * size, page * size), headers };
}
