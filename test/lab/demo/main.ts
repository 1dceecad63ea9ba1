/**
 * npm run demo [-- --repository <path or URL>] [--verbose]
 *
 * Shows a whole migration on loopback: a real history on an old git server, people who keep pushing to both servers all the time,
 * and every phase forward and once back, each by a real `pulumi up`. Ends by checking every acknowledged push and both sides' refs.
 *
 *   npm run demo
 *   npm run demo -- --repository ~/src/linux
 */
import { parseArgs } from 'node:util';
import { startLab } from '../lab';
import { tools } from '../toolchain';
import { runStory } from './story';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { repository: { type: 'string' }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    process.stdout.write('npm run demo [-- --repository <path or URL>] [--verbose]\n');
    return 0;
  }
  process.stdout.write('Starting an old git server, a GitLab stand-in and an empty Pulumi stack on 127.0.0.1 …\n');
  const lab = await startLab({ repositories: ['team/app.git'], people: ['ada', 'bob', 'carol', 'dan'] });
  const stop = (): void => void lab.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await runStory(lab, { repository: values.repository ?? tools().project, verbose: values.verbose, say: (line) => void process.stdout.write(`${line}\n`) });
  } finally {
    await lab.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
