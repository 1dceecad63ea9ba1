/** Why the agent cannot be installed on the old server, or does not run there as it should. */
import { environment, ended, isOrAre, mistake } from './fault';

const folder = '/home/git/.git-handover';

export const serverFaults = {
  notLinux: mistake(
    'not-linux',
    ({ platform }: { platform: string }) => [
      `Cannot run on this server: the agent needs Linux, and this is ${platform}.`,
      'Move the repositories to a Linux server first.',
    ],
    { platform: 'freebsd' },
  ),
  oldGit: mistake(
    'old-git',
    ({ least, found }: { least: string; found: string }) => [
      `Cannot run on this server: the agent needs git ${least} or newer, and git is ${found === '' ? 'missing' : found}.`,
      'Install a newer git on the old server.',
    ],
    { least: '2.30', found: '2.29.3' },
  ),
  missingPrograms: mistake(
    'missing-programs',
    ({ missing }: { missing: readonly string[] }) => [
      `Cannot run on this server: ${missing.join(', ')} ${isOrAre(missing)} missing on PATH.`,
      'Install them (Debian: git, util-linux, coreutils, findutils, openssh-client).',
    ],
    { missing: ['flock'] },
  ),
  noFlock: environment(
    'no-flock',
    ({ file, exit }: { file: string; exit: number }) => [
      `Cannot lock ${file}: flock is missing or failed, it ended with ${exit}.`,
      'Install util-linux on the old server.',
    ],
    { file: `${folder}/lock`, exit: 127 },
  ),
  folderName: mistake(
    'folder-name',
    ({ folder: name }: { folder: string }) => [
      `Cannot use the folder ${JSON.stringify(name)}: its path is not absolute, or holds other characters than letters, digits, dots, dashes and underscores.`,
      'Choose another `server.folder`.',
    ],
    { folder: '/srv/my agent' },
  ),
  folderLong: mistake(
    'folder-long',
    ({ folder: name, bytesMax }: { folder: string; bytesMax: number }) => [
      `Cannot use the folder ${name}: its path is too long for a socket below it, it has ${name.length} characters and at most ${bytesMax} work.`,
      'Choose a shorter `server.folder`.',
    ],
    { folder: `/srv/${'deep/'.repeat(16)}agent`, bytesMax: 70 },
  ),
  stillAttached: mistake(
    'still-attached',
    ({ attached }: { attached: readonly string[] }) => [
      `Cannot take the agent away: ${attached.length} ${attached.length === 1 ? 'repository is' : 'repositories are'} still attached (${attached.join(', ')}).`,
      'Move them to `retired`, or back to `old`, and drop them from `repositories` first.',
    ],
    { attached: ['/srv/git/app.git'] },
  ),
  keyNotMade: environment(
    'key-not-made',
    ({ words }: { words: string }) => [
      ended(`Cannot make the key for GitLab: ssh-keygen failed: ${words}`),
      'Check the disk that holds the state folder, then run `pulumi up` again.',
    ],
    { words: 'Saving key failed: No space left on device' },
  ),
  keyUnreadable: environment(
    'key-unreadable',
    ({ file, words }: { file: string; words: string }) => [
      ended(`Cannot use the key ${file}: it cannot be read: ${words}`),
      'Move it away and run `pulumi up`: a new one is made and registered.',
    ],
    { file: `${folder}/ssh/key`, words: 'invalid format' },
  ),
  badHostKey: mistake(
    'bad-host-key',
    ({ what }: { what: string }) => [
      `Cannot pin GitLab's host key: it does not read "ssh-ed25519 AAAA…": ${what}.`,
      'Copy it from `ssh-keyscan` after comparing its fingerprint.',
    ],
    { what: '"ssh-ed25519"' },
  ),
  badHost: mistake(
    'bad-host',
    ({ host }: { host: string }) => [
      `Cannot use the SSH host ${JSON.stringify(host)} of GitLab: it is no plain name or address.`,
      'Correct `gitlab.sshHost`.',
    ],
    { host: 'git lab' },
  ),
  systemdFailed: environment(
    'systemd-failed',
    ({ command, words }: { command: string; words: string }) => [
      ended(`Cannot start the timer: \`${command}\` failed: ${words}`),
      'Mend systemd on the old server, or set `agent.timer` to cron.',
    ],
    { command: 'systemctl --user daemon-reload', words: 'Failed to connect to bus' },
  ),
  noSystemd: mistake('no-systemd', () => [
    'Cannot install the timer with systemd: it does not run for this account, or does not keep it after logout.',
    'Set `agent.timer` to auto or cron, or run `loginctl enable-linger` for the account.',
  ]),
  noCron: mistake('no-cron', () => [
    'Cannot install the timer with cron: crontab does not work for this account.',
    'Install cron, or allow the account in /etc/cron.allow.',
  ]),
  crontabFailed: environment(
    'crontab-failed',
    ({ words }: { words: string }) => [
      ended(`Cannot change the crontab of this account: ${words}`),
      'Check that `crontab -` works for the account of the agent, then run `pulumi up` again.',
    ],
    { words: 'crontab: cannot create temporary file' },
  ),
  webhookFile: mistake(
    'webhook-file',
    ({ name, path, why }: { name: string; path: string; why: string }) => [
      ended(`Cannot listen for webhooks: the account of the agent cannot read ${path}: ${why}`),
      `Correct \`agent.webhook.${name}\`, or let the account read the file.`,
    ],
    { name: 'certificate', path: '/etc/ssl/none.pem', why: 'ENOENT: no such file or directory' },
  ),
  webhookTls: mistake(
    'webhook-tls',
    ({ certificate, key, why }: { certificate: string; key: string; why: string }) => [
      ended(
        `Cannot listen for webhooks: ${certificate} and ${key} are no certificate and its key, in PEM and without a passphrase: ${why}`,
      ),
      'Correct `agent.webhook.certificate` and `agent.webhook.key`.',
    ],
    { certificate: '/etc/ssl/old.pem', key: '/etc/ssl/old.key', why: 'key values mismatch' },
  ),
  webhookPort: mistake(
    'webhook-port',
    ({ host, port, why }: { host: string; port: number; why: string }) => [
      ended(`Cannot listen for webhooks: ${host}, port ${port}, is not free on the old server: ${why}`),
      'Choose another `agent.webhook.listen`, or end what holds it.',
    ],
    { host: '0.0.0.0', port: 8443, why: 'listen EADDRINUSE' },
  ),
  noWebhooks: environment(
    'no-webhooks',
    ({ words }: { words: string }) => [
      ended(`Cannot hear GitLab's webhooks: the agent does not listen for them: ${words}`),
      'Correct `agent.webhook`; until then GitLab is asked again and again, which is slower.',
    ],
    { words: 'listen EADDRINUSE' },
  ),
  noResident: environment('no-resident', () => [
    'Cannot bring changes over at once: the resident agent does not run on the old server, or hangs.',
    "The timer starts it within a minute; log/agent.jsonl in the agent's folder says why when it does not.",
  ]),
};
