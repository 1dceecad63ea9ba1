/** Where GitLab's webhooks arrive on the old server, as it is written. Pure. */
import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { object } from './object';
import { absolutePath } from './words';

const listen = z
  .string()
  .refine(
    (text) => addressAndPort(text) !== null,
    'expected an address and a port such as "0.0.0.0:8443" or "[::]:8443"',
  )
  .transform((text) => addressAndPort(text) ?? { host: '', port: 0 });

/** GitLab adds the name of each repository: nothing may stand behind the path. */
const url = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/.test(text) && URL.canParse(text),
    'expected the address by which GitLab reaches the old server, such as "https://git.example.com:8443"',
  )
  .transform((text) => text.replace(/\/+$/, ''));

const range = z
  .string()
  .refine(
    isRange,
    'expected an address or a range of addresses such as "192.0.2.10", "192.0.2.0/24" or "2001:db8::/32"',
  );

interface Ends {
  readonly url?: unknown;
  readonly certificate?: unknown;
  readonly key?: unknown;
}

const whatever = { when: () => true };

export const webhook = object({
  listen,
  url,
  certificate: absolutePath.optional(),
  key: absolutePath.optional(),
  allow: z.array(range).default([]),
  verifyCertificate: z.boolean().default(true),
  renewSecret: z
    .string()
    .regex(/^[\x20-\x7e]{1,100}$/, 'expected a short text in one line, such as "2026-11"')
    .optional(),
})
  .refine(({ certificate, key }: Ends) => certificate === undefined || key !== undefined, {
    ...whatever,
    path: ['key'],
    error: 'missing (a certificate needs its key)',
  })
  .refine(({ certificate, key }: Ends) => key === undefined || certificate !== undefined, {
    ...whatever,
    path: ['certificate'],
    error: 'missing (a key needs its certificate)',
  })
  .refine((ends: Ends) => ends.certificate === undefined || !isPlain(ends.url), {
    ...whatever,
    path: ['url'],
    error: 'expected https://, as the agent has a certificate',
  });

function isPlain(address: unknown): boolean {
  return typeof address === 'string' && address.startsWith('http://');
}

function addressAndPort(text: string): { host: string; port: number } | null {
  const [, six, four, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = six ?? four ?? '';
  const port = Number(digits);
  const fits = six === undefined ? isIP(host) === 4 : isIPv6(host);
  return fits && port >= 1 && port <= 65535 ? { host, port } : null;
}

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([0-9A-Fa-f:.]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits ?? 0) <= (isIPv6(address) ? 128 : 32);
}
