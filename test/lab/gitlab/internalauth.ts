/**
 * Who may call the internal API: the forced command and the plain hooks show the secret, Gitaly signs with it. Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export function isFromGitSide(headers: IncomingHttpHeaders, secret: string): boolean {
  if (headers['gitlab-shared-secret'] === secret) return true;
  const token = headers['gitlab-shell-api-request'];
  return typeof token === 'string' && isSigned(token, secret);
}

/** A JSON web token by HS256 that has not run out. */
function isSigned(token: string, secret: string): boolean {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const right = createHmac('sha256', secret).update(`${head}.${claims}`).digest();
  const shown = Buffer.from(signature, 'base64url');
  if (shown.length !== right.length || !timingSafeEqual(shown, right)) return false;
  const { iss, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Record<string, unknown>;
  return iss === 'gitlab-shell' && typeof exp === 'number' && exp > Date.now() / 1000;
}
