/** Why a repository on the old server cannot be used. */
import { isOrAre, mistake } from './fault';
import { quote } from './shellword';

const app = '/srv/git/app.git';

export const repositoryFaults = {
  noRepository: mistake(
    'no-repository',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: nothing is there.`,
      'Correct the path under `repositories`, or remove it.',
    ],
    { directory: app },
  ),
  notARepository: mistake(
    'not-a-repository',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: it is no git repository, HEAD, objects or config is missing.`,
      'Correct the path under `repositories`, or repair it.',
    ],
    { directory: app },
  ),
  notBare: mistake(
    'not-bare',
    ({ directory, why }: { directory: string; why: 'it has a work tree' | 'core.bare is false' }) => [
      `Cannot use ${directory}: it is not bare, ${why}.`,
      'Name the bare repository that people push to.',
    ],
    { directory: '/srv/git/app', why: 'it has a work tree' },
  ),
  shallow: mistake(
    'shallow',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: it is not complete, it is a shallow clone.`,
      'Run `git fetch --unshallow` in it.',
    ],
    { directory: app },
  ),
  partial: mistake(
    'partial',
    ({ directory, key }: { directory: string; key: string }) => [
      `Cannot use ${directory}: it is not complete, it is a partial clone (${key}).`,
      'Fetch all objects into a new clone, and put that one in its place.',
    ],
    { directory: app, key: 'remote.origin.promisor' },
  ),
  worktrees: mistake(
    'worktrees',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: it has linked worktrees.`,
      'Remove them with `git worktree remove`.',
    ],
    { directory: app },
  ),
  reftable: mistake(
    'reftable',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: its refs are no files, it uses reftable.`,
      'This tool cannot move it yet.',
    ],
    { directory: app },
  ),
  extension: mistake(
    'extension',
    ({ directory, key }: { directory: string; key: string }) => [
      `Cannot use ${directory}: it sets ${key}, an extension that this tool does not know.`,
      'This tool cannot move it yet.',
    ],
    { directory: app, key: 'extensions.objectformat' },
  ),
  configRedirects: mistake(
    'config-redirects',
    ({ directory, file, key }: { directory: string; file: string; key: string }) => [
      `Cannot use ${directory}: its configuration redirects git, it sets ${key}.`,
      `Remove it with \`git config --file ${file} --unset-all ${key}\`.`,
    ],
    { directory: app, file: `${app}/config`, key: 'url.ssh://elsewhere/.insteadof' },
  ),
  commonDir: mistake(
    'common-dir',
    ({ directory }: { directory: string }) => [
      `Cannot use ${directory}: it holds a file commondir, with which git uses the refs and settings of another repository.`,
      'Remove the file, or name the repository that it leads to.',
    ],
    { directory: app },
  ),
  configHook: mistake(
    'config-hook',
    ({ directory, file, key }: { directory: string; file: string; key: string }) => [
      `Cannot use ${directory}: its configuration names a hook, it sets ${key}.`,
      `Put what it does into a hook file, then remove it with \`git config --file ${file} --unset-all ${key}\`.`,
    ],
    { directory: app, file: `${app}/config`, key: 'hook.lint.command' },
  ),
  link: mistake(
    'link',
    ({ directory, name }: { directory: string; name: string }) => [
      `Cannot use ${directory}: its ${name} is a symbolic link, and other repositories may share what it leads to.`,
      name === 'config' ? 'Put a copy of the file in its place.' : 'Remove the link.',
    ],
    { directory: app, name: 'config' },
  ),
  twoPaths: mistake(
    'two-paths',
    ({ path, directory }: { path: string; directory: string }) => [
      `Cannot attach ${path}: it is ${directory}, which is attached already.`,
      'Keep one of the two paths under `repositories`.',
    ],
    { path: '/srv/link.git', directory: app },
  ),
  gone: mistake(
    'gone',
    ({ what, directory }: { what: string; directory: string }) => [
      `Cannot ${what}: the repository is gone, nothing lies at ${directory}.`,
      'Bring it back to this path, or restore it from a backup.',
    ],
    { what: `use ${app}`, directory: app },
  ),
  otherRepository: mistake(
    'other-repository',
    ({ directory, path }: { directory: string; path: string }) => [
      `Cannot use ${directory}: it is not the repository that was attached, another one lies there now.`,
      `If it was restored on purpose, run \`npm run restore -- ${quote(path)} --rebind\`.`,
    ],
    { directory: app, path: app },
  ),
  foreignOwner: mistake(
    'foreign-owner',
    ({ directory, uid, owner }: { directory: string; uid: number; owner: number }) => [
      `Cannot use ${directory}: it belongs to ${owner}, neither to the account of the agent (${uid}) nor is it shared with its group.`,
      'Log in as the owner in `server.user`, or change the owner, or share it (`git config core.sharedRepository group`, and group-writable files).',
    ],
    { directory: app, uid: 1000, owner: 0 },
  ),
  notInGroup: mistake(
    'not-in-group',
    ({ directory, gid, groups }: { directory: string; gid: number; groups: readonly number[] }) => [
      `Cannot use ${directory}: the account of the agent is not in the group ${gid} that shares it, it is in ${groups.join(', ')}.`,
      "Run `usermod --append --groups <group> <account>` on the old server, end the agent's processes there, and try again.",
    ],
    { directory: app, gid: 100, groups: [1000] },
  ),
  notGroupWritable: mistake(
    'not-group-writable',
    ({ directory, closed }: { directory: string; closed: readonly string[] }) => [
      `Cannot use ${directory}: ${closed.join(', ')} ${isOrAre(closed)} not writable for the group that core.sharedRepository names.`,
      `Run \`chmod -R g+rwX ${directory}\` on the old server.`,
    ],
    { directory: app, closed: ['objects', 'refs'] },
  ),
  noSetgid: mistake(
    'no-setgid',
    ({ directory, loose }: { directory: string; loose: readonly string[] }) => [
      `Cannot use ${directory}: ${loose.join(', ')} ${loose.length === 1 ? 'lacks' : 'lack'} the setgid bit, so that new files do not belong to its group and the agent could not read what others push.`,
      `Run \`find ${directory} -type d -exec chmod g+s {} +\` on the old server.`,
    ],
    { directory: app, loose: ['objects'] },
  ),
  unreachableFolder: mistake(
    'unreachable-folder',
    ({ directory, folder, closed }: { directory: string; folder: string; closed: readonly string[] }) => [
      `Cannot use ${directory}: hooks of other accounts do not reach the agent's folder ${folder} or Node, they are kept out of ${closed.join(', ')}.`,
      `Run \`chmod o+x ${closed.join(' ')}\`, or name places that all may enter in \`server.folder\` and \`server.node\`.`,
    ],
    { directory: app, folder: '/home/git/.git-handover', closed: ['/home/git'] },
  ),
  hidepid: mistake(
    'hidepid',
    ({ directory, hidden }: { directory: string; hidden: string }) => [
      `Cannot use ${directory}: accounts that push do not see the processes of the others, /proc is mounted with ${hidden}.`,
      'Mount /proc without hidepid (`mount -o remount,hidepid=0 /proc`, and /etc/fstab).',
    ],
    { directory: app, hidden: 'hidepid=2' },
  ),
};
