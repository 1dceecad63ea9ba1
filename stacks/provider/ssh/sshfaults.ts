/** What can go wrong on the way to the old server, told by what ssh2 throws. Pure. */
import { createHash } from 'node:crypto';
import { environment, type HandoverError, mistake } from '../../../agent/contract/errors';
import type { ServerAddress } from './address';
import { address } from './address';

/** As `ssh-keygen -l` prints it. `key` is the binary form of a public key. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

export function pinnedBlobs(hostKeys: readonly string[]): Buffer[] {
  return hostKeys.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64'));
}

export function wrongHostKey(server: ServerAddress, seen: Buffer): HandoverError {
  const pinned = pinnedBlobs(server.hostKeys).map(fingerprint).join(', ');
  return mistake(
    'host-key',
    `Cannot trust ${server.host}:${server.port} as its host key must be one of those pinned: it shows ${fingerprint(seen)}, pinned is ${pinned}.`,
    'Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the server itself; correct `server.hostKeys` only if they are equal.',
  );
}

interface SshTrouble extends Error {
  readonly level?: string;
  readonly code?: string;
}

export function connectFault(server: ServerAddress, trouble: SshTrouble): HandoverError {
  if (trouble.level === 'client-authentication') return refusedKey(server);
  if (/passphrase|parse privateKey|private key/i.test(trouble.message)) return unusableKey(server, trouble.message);
  return environment(
    'unreachable',
    `Cannot reach ${address(server)} as it must answer as an SSH server: ${trouble.code ?? trouble.message}.`,
    'Check `server.host` and `server.port`, and that the server is up, then try again.',
  );
}

function refusedKey(server: ServerAddress): HandoverError {
  const key = server.privateKeyFile ?? 'the keys of your ssh agent';
  return mistake(
    'refused-key',
    `Cannot log in to ${address(server)} as the server must take the key: it refused ${key}.`,
    `Try \`ssh -p ${server.port} ${server.user}@${server.host}\`; then correct \`server.user\` or \`server.privateKeyFile\`.`,
  );
}

function unusableKey(server: ServerAddress, why: string): HandoverError {
  return mistake(
    'unusable-key',
    `Cannot use ${server.privateKeyFile ?? 'the private key'} as it must be a private key without a passphrase: ${why}.`,
    'Put a key with a passphrase into an ssh agent, and leave `server.privateKeyFile` out.',
  );
}

export function noKey(): HandoverError {
  return mistake(
    'no-key',
    'Cannot log in to the old server as there must be a key: `server.privateKeyFile` is not set and no ssh agent is running.',
    'Set `server.privateKeyFile`, or start an ssh agent (SSH_AUTH_SOCK).',
  );
}

export function lost(server: ServerAddress): HandoverError {
  return environment(
    'connection-lost',
    `Cannot go on as the connection to ${address(server)} must last: it was lost.`,
    'Run it again; everything that was begun can be repeated.',
  );
}

export function tooLate(server: ServerAddress, withinMs: number): HandoverError {
  return environment(
    'deadline',
    `Cannot wait longer as ${address(server)} must answer within ${withinMs / 1000} s: it did not.`,
    'Look at the load of the server, then run it again.',
  );
}
