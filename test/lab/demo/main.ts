/**
 * npm run demo [-- --repository <path or URL>] [--gitlab plain|gitaly] [--verbose]
 *
 * Shows a whole migration on loopback: a real history on an old git server, people who keep pushing to both servers all
 * the time, and every phase forward and once back, each by a real `pulumi up`. Ends by checking every acknowledged push
 * and both sides' refs.
 *
 *   npm run demo
 *   npm run demo -- --repository ~/src/linux
 *   npm run demo -- --gitlab gitaly
 */
import { parseArgs } from 'node:util';
import { chooseKind, usualKind } from '../gitlab/kind';
import { startLab } from '../lab';
import { tools } from '../toolchain';
import { runStory } from './story';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      repository: { type: 'string' },
      gitlab: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !chooseKind(values.gitlab)) {
    process.stdout.write('npm run demo [-- --repository <path or URL>] [--gitlab plain|gitaly] [--verbose]\n');
    return values.help ? 0 : 2;
  }
  process.stdout.write(
    `Starting an old git server, a GitLab stand-in${usualKind() === 'gitaly' ? ' with Gitaly' : ''} and an empty Pulumi stack on 127.0.0.1 …\n`,
  );
  const lab = await startLab({ repositories: ['team/app.git'], people: ['ada', 'bob', 'carol', 'dan'] });
  const stop = (): void => void lab.close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await runStory(lab, {
      repository: values.repository ?? tools().project,
      verbose: values.verbose,
      say: (line) => void process.stdout.write(`${line}\n`),
    });
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
