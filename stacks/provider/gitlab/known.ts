/**
 * Whether the token may go to this GitLab. Who can change the address in the settings is not yet who may have the
 * token: another one than the stack knows needs a word that names the one before.
 */
import { faults } from '../../../agent/contract/faults';

/** Of the session's settings. */
interface Address {
  readonly gitlabUrl?: string;
  readonly gitlabMovedFrom?: string;
}

type Values = Readonly<Record<string, unknown>>;

/** `before` and `news`: the provider's own settings, in the state and now. Throws before anything is sent. */
export function requireKnownGitlab(before: Values, news: Values): void {
  const [known, wanted] = [addressIn(before), addressIn(news)];
  const from = origin(known.gitlabUrl);
  const to = origin(wanted.gitlabUrl);
  if (from === null || to === null || from === to || origin(wanted.gitlabMovedFrom) === from) return;
  throw faults.gitlabElsewhere({ url: wanted.gitlabUrl ?? '', before: known.gitlabUrl ?? '' });
}

/** One JSON text, as `configure` gets it; nothing where the engine does not know it yet. */
function addressIn({ settings }: Values): Address {
  try {
    return (JSON.parse(String(settings)) as Address | null) ?? {};
  } catch {
    return {};
  }
}

/** Scheme, host and port: over http:// the same host is not the same. */
function origin(url: string | null | undefined): string | null {
  return url !== undefined && url !== null && URL.canParse(url) ? new URL(url).origin : null;
}
