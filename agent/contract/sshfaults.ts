/** Why the old server, or the agent on it, does not answer. */
import { environment, ended, mistake } from './fault';

const old = 'git@old.example.org:22';

export const sshFaults = {
  hostKey: mistake(
    'host-key',
    ({ host, port, seen, pinned }: { host: string; port: number; seen: string; pinned: string }) => [
      `Cannot trust ${host}:${port}: its host key is none of those pinned, it shows ${seen} and pinned is ${pinned}.`,
      'Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the server itself; correct `server.hostKeys` only if they are equal.',
    ],
    { host: 'old.example.org', port: 22, seen: 'SHA256:Zm9v', pinned: 'SHA256:YmFy' },
  ),
  unreachable: environment(
    'unreachable',
    ({ where, words }: { where: string; words: string }) => [
      ended(`Cannot reach ${where}: it does not answer as an SSH server: ${words}`),
      'Check `server.host` and `server.port`, and that the server is up, then try again.',
    ],
    { where: old, words: 'ECONNREFUSED' },
  ),
  refusedKey: mistake(
    'refused-key',
    ({ where, key, command }: { where: string; key: string; command: string }) => [
      `Cannot log in to ${where}: it refused ${key}.`,
      `Try \`${command}\`; then correct \`server.user\` or \`server.privateKeyFile\`.`,
    ],
    { where: old, key: '/home/ada/.ssh/id_ed25519', command: 'ssh -p 22 git@old.example.org' },
  ),
  unusableKey: mistake(
    'unusable-key',
    ({ key, why }: { key: string; why: string }) => [
      ended(`Cannot use ${key}: it is no private key without a passphrase: ${why}`),
      'Put a key with a passphrase into an ssh agent, and leave `server.privateKeyFile` out.',
    ],
    { key: '/home/ada/.ssh/id_ed25519', why: 'Encrypted private OpenSSH key detected' },
  ),
  noKey: mistake('no-key', () => [
    'Cannot log in to the old server without a key: `server.privateKeyFile` is not set and no ssh agent is running.',
    'Set `server.privateKeyFile`, or start an ssh agent (SSH_AUTH_SOCK).',
  ]),
  connectionLost: environment(
    'connection-lost',
    ({ where }: { where: string }) => [
      `Cannot go on: the connection to ${where} was lost.`,
      'Run it again; everything that was begun can be repeated.',
    ],
    { where: old },
  ),
  deadline: environment(
    'deadline',
    ({ where, withinMs }: { where: string; withinMs: number }) => [
      `Cannot wait longer: ${where} did not answer within ${withinMs / 1000} s.`,
      'Look at the load of the server, then run it again.',
    ],
    { where: old, withinMs: 60_000 },
  ),
  cancelled: environment('cancelled', () => [
    'Cannot go on: this was cancelled.',
    'Run it again; everything that was begun can be repeated.',
  ]),
  noAnswer: environment(
    'no-answer',
    ({ where, verb, said }: { where: string; verb: string; said: string }) => [
      `Cannot use the agent on ${where}: it did not answer \`${verb}\` with one result, it said ${said}.`,
      "If a login script prints something, silence it for logins without a terminal; else look at the log in the agent's folder.",
    ],
    { where: old, verb: 'hello', said: '"Welcome to old!"' },
  ),
  agentEnded: environment(
    'agent-ended',
    ({ where, verb, code }: { where: string; verb: string; code: number }) => [
      `Cannot use the agent on ${where}: it was ended before it answered \`${verb}\` (exit code ${code}).`,
      'Run it again; everything that was begun can be repeated.',
    ],
    { where: old, verb: 'move', code: 137 },
  ),
  notBuilt: mistake(
    'not-built',
    ({ dist }: { dist: string }) => [
      `Cannot install the agent: it is not built, ${dist} lacks it.`,
      'Run `npm run build` first.',
    ],
    { dist: 'dist' },
  ),
  upload: environment(
    'upload',
    ({ name, where, folder, words }: { name: string; where: string; folder: string; words: string }) => [
      ended(`Cannot install ${name}: ${where} cannot write ${folder}: ${words}`),
      'Make room or set the rights there, or choose another `server.folder`, then run it again.',
    ],
    { name: 'agent.cjs', where: old, folder: '/home/git/.git-handover', words: 'No space left on device' },
  ),
};
