/** The secret that GitLab shows with each webhook: made here, told to GitLab by the stacks. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as path from 'node:path';
import type { AgentConfig } from './contract';
import { readIfThere, replaceFile } from './files';

export function secretFile(folder: string): string {
  return path.join(folder, 'ssh', 'webhook-secret');
}

/** Null while there is none. */
export function webhookSecret(folder: string): string | null {
  return readIfThere(secretFile(folder))?.trim() || null;
}

/** Makes it once; it stays when webhooks are switched off, so that GitLab need not be told again. */
export function keepWebhookSecret(folder: string, { webhook }: AgentConfig): string | null {
  if (webhook === undefined) return null;
  if (webhookSecret(folder) === null) replaceFile(secretFile(folder), `${randomBytes(32).toString('hex')}\n`, 0o600);
  return webhookSecret(folder);
}

/** In the same time whatever is shown: digests have one length, and are compared as a whole. */
export function isSecret(secret: string, shown: string): boolean {
  return timingSafeEqual(digest(secret), digest(shown));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
