/** The secret that GitLab shows with each webhook: made here, told to GitLab by the stacks. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as path from 'node:path';
import type { AgentConfig } from '../contract/configs';
import { readIfThere, replaceFile } from '../machine/files';

export function secretFile(folder: string): string {
  return path.join(folder, 'ssh', 'webhook-secret');
}

/** Null while there is none. */
export function webhookSecret(folder: string): string | null {
  return linesOf(folder)[0] || null;
}

/**
 * Makes it once; it stays when webhooks are switched off, so that GitLab need not be told again, and until
 * `renewSecret` is another text.
 */
export function keepWebhookSecret(folder: string, { webhook }: AgentConfig): string | null {
  if (webhook === undefined) return null;
  const wanted = webhook.renewSecret ?? '';
  const [secret = '', madeFor = ''] = linesOf(folder);
  if (secret === '' || madeFor !== wanted)
    replaceFile(
      secretFile(folder),
      `${[randomBytes(32).toString('hex'), ...(wanted === '' ? [] : [wanted])].join('\n')}\n`,
      0o600,
    );
  return webhookSecret(folder);
}

/** The secret, and the `renewSecret` that it was made for; files of older agents have one line. */
function linesOf(folder: string): string[] {
  return (readIfThere(secretFile(folder)) ?? '').split('\n');
}

/** In the same time whatever is shown: digests have one length, and are compared as a whole. */
export function isSecret(secret: string, shown: string): boolean {
  return timingSafeEqual(digest(secret), digest(shown));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
