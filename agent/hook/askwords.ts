/**
 * What hooks of other accounts and the resident say to each other over a socket (doors.ts): one JSON object a line. The
 * hook asks; the resident answers a challenge; the hook proves who it is by a file named `nonce` with the content
 * `proof` in the repository (sharing.ts), and says so; then words for the pusher, and the exit code, come as they are.
 * Pure.
 */
export interface AskRequest {
  /** Name of the repository's state folder. */
  readonly state: string;
  /** Id of the hook's lease. */
  readonly lease: string;
  /** `look`: it was asked before, and the answer was lost: nothing is sent again. */
  readonly what: 'push' | 'look' | 'end-hold';
  /** GIT_QUARANTINE_PATH; null for a push without objects. */
  readonly quarantine: string | null;
}

export interface Challenge {
  readonly nonce: string;
  readonly proof: string;
}

export type AskAnswer =
  /** From now on it may have been sent. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'done'; readonly code: number }
  /** Nothing was done. */
  | { readonly kind: 'refused'; readonly text: string };

/** What a pusher reads where the state is not readable. */
export const unreadableWords =
  "Cannot take this push: git-handover's state for this repository\ncannot be read. Nothing was taken. Ask the administrator, then push\nagain.";

/** Where the settings do not say how long a push may wait, ms. */
export const defaultWaitMs = 20_000;

/** What says that the file with the proof is there. */
export const provedLine = 'proved';

export function parseRequest(line: string): AskRequest | null {
  const { state, lease, what, quarantine } = objectIn(line);
  const isNamed =
    typeof state === 'string' &&
    /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(state) &&
    typeof lease === 'string' &&
    /^[0-9a-f-]{1,64}(\.\d{1,20}){4}$/.test(lease);
  if (!isNamed || (what !== 'push' && what !== 'look' && what !== 'end-hold')) return null;
  return quarantine === null || typeof quarantine === 'string' ? { state, lease, what, quarantine } : null;
}

export function parseChallenge(line: string): Challenge | null {
  const { nonce, proof } = objectIn(line);
  const isHex = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
  return isHex(nonce) && isHex(proof) ? { nonce, proof } : null;
}

export function parseAnswer(line: string): AskAnswer | null {
  const { kind, text, code } = objectIn(line);
  if (kind === 'taken') return { kind };
  if ((kind === 'words' || kind === 'refused') && typeof text === 'string') return { kind, text };
  return kind === 'done' && typeof code === 'number' ? { kind, code } : null;
}

function objectIn(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
