/** The provider's own configuration, by its official names and environment variables. */
import type { RestSettings } from './rest';
import type { Props } from './wire';
import type { Failure } from './check';
import { schema } from './schema';

const SERVED = new Set(['baseUrl', 'token', 'earlyAuthCheck', 'headers', 'retries']);

export interface Settings extends RestSettings {
  readonly earlyAuthCheck: boolean;
}

/** What the engine adds to a provider's inputs by itself. */
const ENGINES_OWN = new Set(['version', 'pluginDownloadURL', '__internal']);

export function checkSettings(given: Props): Failure[] {
  return Object.keys(given)
    .filter((name) => !ENGINES_OWN.has(name))
    .flatMap((name) => {
      if (schema.configuration[name] === undefined)
        return [
          {
            property: name,
            reason: `Unknown property '${name}': expected one of ${Object.keys(schema.configuration).join(', ')}.`,
          },
        ];
      return SERVED.has(name) || given[name] === ''
        ? []
        : [
            {
              property: name,
              reason: `Cannot use gitlab:${name}: the stand-in for the GitLab provider only has ${[...SERVED].join(', ')}.`,
            },
          ];
    });
}

export function settings(given: Props, environment: NodeJS.ProcessEnv, signal: AbortSignal): Settings {
  const baseUrl = text(given['baseUrl']) ?? environment['GITLAB_BASE_URL'] ?? 'https://gitlab.com/api/v4';
  const token = text(given['token']) ?? environment['GITLAB_TOKEN'];
  if (token === undefined)
    throw new Error('Cannot use GitLab as there is no token. Set it: pulumi config set --secret gitlab:token …');
  return {
    baseUrl,
    token,
    earlyAuthCheck: plain(given['earlyAuthCheck']) !== false,
    headers: (plain(given['headers']) ?? {}) as Readonly<Record<string, string>>,
    retriesMax: Number(plain(given['retries']) ?? 5),
    signal,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The engine hands a provider everything that is not a text as JSON. */
function plain(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? JSON.parse(value) : value;
}
