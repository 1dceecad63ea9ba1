/**
 * The sockets at which hooks of other accounts ask: one for each group that shares a repository, which nobody else
 * reaches, so that who may not push cannot keep those out who may.
 */
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { keepNewest } from '../machine/connections';
import { namesIn } from '../machine/files';
import { attachedFolders } from '../repository/place';
import { sharedFor } from '../repository/sharing';
import type { Log } from '../rules/ports';

/** Of one socket, those that proved nothing yet. */
const unprovedMax = 64;
const connectionsMax = 512;

export interface Doors {
  /** Listens where a repository is shared, and again where it could not or a socket is gone. */
  keep(): void;
  close(): void;
}

/** `hear` calls `proved` once who asks has shown who it is. */
export type Hear = (socket: net.Socket, proved: () => void) => void;

interface Door {
  readonly server: net.Server;
  readonly close: () => void;
}

interface Wanted {
  readonly file: string;
  readonly gid: number;
  readonly mode: number;
}

export function openDoors(folder: string, log: Log, hear: Hear): Doors {
  const open = new Map<string, Door>();
  const drop = (file: string): void => {
    open.get(file)?.close();
    open.delete(file);
  };
  return {
    keep: () => {
      const wanted = wantedIn(folder);
      for (const file of open.keys()) if (!wanted.has(file) || !fs.existsSync(file)) drop(file);
      const missing = [...wanted.values()].filter(({ file }) => !open.has(file));
      if (missing.length > 0) sweep(folder, wanted);
      for (const one of missing) {
        const failed = (error: Error): void => {
          log.write('not-asked', { words: error.message });
          drop(one.file);
        };
        open.set(one.file, listen(one, hear, failed));
      }
    },
    close: () => [...open.keys()].forEach(drop),
  };
}

/** Where hooks of this repository ask: its state folder has the group that shares it. */
export function socketFile(folder: string, state: string): string {
  const name = sharedFor(state) === 'everybody' ? 'everybody' : String(fs.statSync(state).gid);
  return path.join(folder, 'sockets', name);
}

/** By their files. */
function wantedIn(folder: string): Map<string, Wanted> {
  const all = attachedFolders(folder).flatMap((state): [string, Wanted][] => {
    const sharing = sharedFor(state);
    if (sharing === 'nobody') return [];
    const file = socketFile(folder, state);
    return [[file, { file, gid: fs.statSync(state).gid, mode: sharing === 'everybody' ? 0o666 : 0o660 }]];
  });
  return new Map(all);
}

/** What one that was killed left, and the one socket for all of an older agent. */
function sweep(folder: string, wanted: ReadonlyMap<string, Wanted>): void {
  fs.rmSync(path.join(folder, 'socket'), { force: true });
  const place = path.join(folder, 'sockets');
  fs.mkdirSync(place, { recursive: true });
  fs.chmodSync(place, 0o711);
  const left = namesIn(place).map((name) => path.join(place, name));
  for (const file of left) if (!wanted.has(file)) fs.rmSync(file, { force: true });
}

/** Whoever listened before is dead, or takes no new ones: `serve.lock` is ours. */
function listen({ file, gid, mode }: Wanted, hear: Hear, failed: (error: Error) => void): Door {
  fs.rmSync(file, { force: true });
  const unproved = new Set<net.Socket>();
  const server = net.createServer((socket) => hear(socket, keepNewest(unproved, socket, unprovedMax)));
  server.maxConnections = connectionsMax;
  server.on('error', failed);
  server.on('listening', () => {
    try {
      fs.chownSync(file, -1, gid);
      fs.chmodSync(file, mode);
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  });
  // Nobody comes in before it has its group.
  const umask = process.umask(0o177);
  server.listen({ path: file });
  process.umask(umask);
  return { server, close: () => void server.close() };
}
