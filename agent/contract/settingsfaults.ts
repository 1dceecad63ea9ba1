/** What is wrong with the configuration, or with a change of it. */
import { mistake } from './fault';

export const settingsFaults = {
  nodeHere: mistake(
    'node-here',
    ({ found, majorMin }: { found: string; majorMin: number }) => [
      `Cannot run under Node ${found}: Pulumi needs Node ${majorMin} or newer.`,
      'Type `npm run preview` or `npm run up`, which bring one, or put a newer Node on PATH.',
    ],
    { found: '20.20.2', majorMin: 22 },
  ),
  configuration: mistake(
    'configuration',
    ({ mistakes }: { mistakes: readonly string[] }) => [
      `Cannot read the configuration: it has ${mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`}.\n${mistakes.map((one) => `  ${one}`).join('\n')}`,
      'Correct it in Pulumi.<stack>.yaml; stacks/Pulumi.example.yaml shows every setting.',
    ],
    { mistakes: ['git-handover:phase: expected one of old, mirror, both, warn, refuse, retired, got "mirorr".'] },
  ),
  folderChanged: mistake(
    'folder-changed',
    ({ from, to }: { from: string; to: string }) => [
      `Cannot move the agent to ${to}: its repositories' hooks name its folder ${from}.`,
      `Set \`server.folder\` back to ${from}.`,
    ],
    { from: '/home/git/.git-handover', to: '/srv/agent' },
  ),
  pathChanged: mistake(
    'path-changed',
    ({ from, to }: { from: string; to: string }) => [
      `Cannot follow this repository to ${to}: its history with GitLab belongs to its place ${from}.`,
      'Set its path back; or retire it, drop it, and add the new one under another key.',
    ],
    { from: '/srv/git/app.git', to: '/srv/git/app2.git' },
  ),
};
