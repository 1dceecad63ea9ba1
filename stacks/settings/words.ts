/** Single values that several settings share. Pure. */
import { z } from 'zod';

const keyTypes = 'ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)';

/** The line of a public key as in known_hosts or `ssh-keyscan`, without the host. */
export const hostKey = z
  .string()
  .trim()
  .regex(
    new RegExp(`^(?:${keyTypes}) [A-Za-z0-9+/]+={0,3}(?: .*)?$`),
    'expected a public host key such as "ssh-ed25519 AAAA…" (see /etc/ssh/ssh_host_*_key.pub on the server)',
  )
  .refine(isWholeKey, 'expected the whole key: a part of it is missing, or it is of another type than it says')
  .transform((line) => line.split(' ').slice(0, 2).join(' '));

/** Its bytes are fields with their lengths before them, and the first one is the type (RFC 4253, section 6.6). */
function isWholeKey(line: string): boolean {
  const [type = '', base64 = ''] = line.split(' ');
  const bytes = Buffer.from(base64, 'base64');
  const fields: Buffer[] = [];
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at))
    fields.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  return at === bytes.length && fields.length > 1 && fields[0]?.toString('latin1') === type;
}

export const hostKeys = z.array(hostKey).min(1, 'expected at least one pinned host key');

/** Neither a command line nor a URL can take it for something else. */
export const host = z.string().regex(/^[A-Za-z0-9_[][A-Za-z0-9_.:[\]-]*$/, 'expected a host name or address');
export const port = z.int().min(1).max(65535);
export const account = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*$/, 'expected the name of an account');
export const absolutePath = z
  .string()
  .regex(/^\/[^\0\r\n]*$/, 'expected an absolute path')
  .transform((path) => (path === '/' ? path : path.replace(/\/+$/, '')));
export const seconds = z.number().min(0).max(86_400);

/** A pattern of branches or tags as GitLab's protections take it. */
export const pattern = z
  .string()
  .regex(/^[^\s~^:?[\\]+$/, 'expected the name of a branch or tag; only * is a wildcard');

export const namespace = z
  .string()
  .regex(/^refs\/(?:[^\s~^:?*[\\/]+\/)+$/, 'expected a namespace such as "refs/notes/", with the slash at the end');

/** What a text for people may name, in braces; anything else would be shown as it stands. */
const names = ['url', 'project', 'repository', 'refs', 'reason', 'push', 'fetch'];

export const message = z.string().superRefine((text, context) => {
  const strange = [...text.matchAll(/\{([A-Za-z]+)\}/g)].flatMap(([, name = '']) =>
    names.includes(name) ? [] : [`{${name}}`],
  );
  if (strange.length > 0)
    context.addIssue({
      code: 'custom',
      message: `expected only ${names.map((name) => `{${name}}`).join(', ')} in braces: ${strange.join(', ')} is nothing that can be filled in`,
    });
});
