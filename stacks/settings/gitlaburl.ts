/** GitLab's address: whatever stands at it gets a token that may do nearly everything. Pure. */
import { z } from 'zod';

const address = /^https?:\/\/[^\s]+$/;

export const gitlabUrl = z
  .string()
  .refine(isAddress, 'expected the address of GitLab such as "https://gitlab.example.com"')
  .refine(
    (url) => !isAddress(url) || (part(url, 'username') === '' && part(url, 'password') === ''),
    'expected no user, password or token in the address: it is shown and kept in plain text',
  )
  .refine(
    (url) => !isAddress(url) || (part(url, 'search') === '' && part(url, 'hash') === ''),
    'expected nothing behind the path: no "?" and no "#"',
  )
  .transform((url) => url.replace(/\/+$/, ''));

function isAddress(url: string): boolean {
  return address.test(url) && URL.canParse(url);
}

function part(url: string, name: 'username' | 'password' | 'search' | 'hash' | 'hostname' | 'protocol'): string {
  return new URL(url)[name];
}

/** Nobody between here and there reads it: encrypted, or it leaves this machine not at all. */
export function isPrivate(url: unknown): boolean {
  if (typeof url !== 'string' || !isAddress(url) || part(url, 'protocol') === 'https:') return true;
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(part(url, 'hostname'));
}
