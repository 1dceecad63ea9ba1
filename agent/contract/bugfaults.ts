/** What nobody foresaw. */
import { ours } from './fault';

export const bugFaults = {
  bug: ours(
    'bug',
    ({ trace }: { trace: string }) => [
      `Cannot go on: something unexpected happened: ${trace}`,
      'Report this with the log file of the agent.',
    ],
    { trace: 'TypeError: refs is not iterable.' },
  ),
};
