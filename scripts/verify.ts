/** Compares both sides' refs one by one. */
import type { Verbs } from '../agent/contract/verbs';
import type { Fault } from '../agent/contract/views';
import { worst } from '../agent/contract/exits';
import { findRepository, nameOf, printJson, runCommand, statusOfAll, type Session } from './operator';
import { startProgress } from './progress';
import { table } from './table';
import { tellFault } from './terminal';

const usage = `
Compares the refs of the old server with those of GitLab, read now; trusts no journal.

  npm run verify -- [REPOSITORY…] [--json] [--stack NAME] [--cwd FOLDER]

  npm run verify
  npm run verify -- team/app.git team/library.git

Exit code: 0 both sides are equal, 2 they differ, 3 a side cannot be asked.
`;

type Verified = Verbs['verify']['result']['repositories'][number];

const sideBySide = 4;

/**
 * Without names: every repository that the agent knows, and a fault for one that is configured and that it does not
 * know. One that cannot be looked at is not equal; how its passes ended says nothing of that.
 */
async function pathsOf(session: Session): Promise<{ paths: string[]; unseen: Fault[] }> {
  if (session.words.length > 0)
    return { paths: session.words.map((word) => findRepository(session, word).path), unseen: [] };
  const { repositories, faults } = await statusOfAll(session);
  return {
    paths: repositories.map(({ path }) => path),
    unseen: faults.filter(({ code }) => !code.startsWith('pass-')),
  };
}

async function verifyAll(
  session: Session,
  paths: readonly string[],
): Promise<{ repositories: Verified[]; faults: Fault[] }> {
  const open = [...paths];
  const progress = startProgress(session.terminal, 'verify', paths.length);
  const results: Verbs['verify']['result'][] = [];
  const work = async (): Promise<void> => {
    for (let path = open.shift(); path !== undefined; path = open.shift()) {
      results.push(await session.call('verify', { paths: [path] }));
      progress.step();
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  progress.done();
  const repositories = results.flatMap((result) => result.repositories).sort((a, b) => (a.path < b.path ? -1 : 1));
  return { repositories, faults: results.flatMap((result) => result.faults) };
}

function show(session: Session, repositories: readonly Verified[]): void {
  const rows = repositories.map(({ path, refs, differences }) => [
    nameOf(session, path),
    `${refs} refs`,
    differences.length === 0 ? 'equal' : `${differences.length} differ`,
  ]);
  const details = repositories.flatMap(({ path, differences }) =>
    differences.map(({ ref, old, gitlab }) => [
      nameOf(session, path),
      ref,
      `old ${old ?? 'absent'}`,
      `GitLab ${gitlab ?? 'absent'}`,
    ]),
  );
  const aside = repositories.flatMap(({ path, aliased }) =>
    (aliased ?? []).map(({ ref, gitlab }) => [
      nameOf(session, path),
      ref,
      'not compared: on old it is another name of a branch',
      `GitLab ${gitlab ?? 'absent'}`,
    ]),
  );
  const { terminal } = session;
  terminal.print(table(rows));
  if (aside.length > 0) terminal.print(`\n${table(aside)}`);
  if (details.length > 0) terminal.print(`\n${terminal.paint('yellow', table(details))}`);
}

runCommand(process, {
  usage,
  options: {},
  async run(session) {
    const { paths, unseen } = await pathsOf(session);
    const { repositories, faults: unanswered } = await verifyAll(session, paths);
    const faults = [...unseen, ...unanswered];
    if (session.json) printJson(session.terminal, { repositories, faults });
    else {
      show(session, repositories);
      faults.forEach((fault) => tellFault(session.terminal, fault));
    }
    return worst([
      ...faults.map(({ exit }) => exit),
      repositories.some(({ differences }) => differences.length > 0) ? 2 : 0,
    ]);
  },
});
