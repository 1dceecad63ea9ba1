/** What can go wrong on the way to the old server, told by what ssh2 throws. Pure. */
import { createHash } from 'node:crypto';
import type { HandoverError } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
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
  return faults.hostKey({ host: server.host, port: server.port, seen: fingerprint(seen), pinned });
}

interface SshTrouble extends Error {
  readonly level?: string;
  readonly code?: string;
}

export function connectFault(server: ServerAddress, trouble: SshTrouble): HandoverError {
  if (trouble.level === 'client-authentication') return refusedKey(server);
  if (/passphrase|parse privateKey|private key/i.test(trouble.message)) return unusableKey(server, trouble.message);
  return faults.unreachable({ where: address(server), words: trouble.code ?? trouble.message });
}

function refusedKey(server: ServerAddress): HandoverError {
  const key = server.privateKeyFile ?? 'the keys of your ssh agent';
  return faults.refusedKey({
    where: address(server),
    key,
    command: `ssh -p ${server.port} ${server.user}@${server.host}`,
  });
}

function unusableKey(server: ServerAddress, why: string): HandoverError {
  return faults.unusableKey({ key: server.privateKeyFile ?? 'the private key', why });
}

export function noKey(): HandoverError {
  return faults.noKey();
}

export function lost(server: ServerAddress): HandoverError {
  return faults.connectionLost({ where: address(server) });
}

export function tooLate(server: ServerAddress, withinMs: number): HandoverError {
  return faults.deadline({ where: address(server), withinMs });
}
