/** Shows phase, lag and what needs a person, for each repository. */
import { statusExit } from '../agent/contract/exits';
import type { RepositoryStatus } from '../agent/contract/views';
import { findRepository, nameOf, printJson, runCommand, statusOfAll, type Session } from './operator';
import { duration, table } from './table';
import { takenLines } from './taken';
import { aliasedLines, troubleLines } from './troublelines';
import { tellFault } from './terminal';

const usage = `
Shows phase, lag and what needs a person, for each repository. Asks the old server only, and
waits half a minute at most where there is no way to it.

  npm run status -- [REPOSITORY…] [--json] [--stack NAME] [--cwd FOLDER]

  npm run status
  npm run status -- team/app.git --json

Exit code: 0 all is well, 2 a person must decide something, 3 the old server cannot be asked, or its passes fail or are late.
`;

const heads = ['REPOSITORY', 'PHASE', 'EPOCH', 'LAG', 'DEBTS', 'PUSHES', 'LAST PASS', 'TROUBLES'];

function row(session: Session, one: RepositoryStatus): string[] {
  const lastPass = typeof one.sinceLastPassMs === 'number' ? `${duration(one.sinceLastPassMs)} ago` : '-';
  const phase = one.hold === null ? one.phase : `${one.phase} (hold: ${one.hold})`;
  return [
    nameOf(session, one.path),
    phase,
    String(one.epoch),
    one.lagMs === null ? '-' : duration(one.lagMs),
    String(one.debts),
    String(one.livePushes),
    lastPass,
    one.troubles.length === 0 ? '-' : String(one.troubles.length),
  ];
}

function troublesOf(session: Session, one: RepositoryStatus): string[] {
  return one.troubles.flatMap((trouble) => {
    const head = `${nameOf(session, one.path)}: ${trouble.ref} is ${trouble.kind} since ${trouble.since}`;
    return ['', session.terminal.paint('yellow', head), ...troubleLines(trouble)];
  });
}

/** Names that only GitLab ever had beside old's other name of a branch: nothing was lost. */
function onlyTold(session: Session, one: RepositoryStatus): string[] {
  return (one.aliased ?? []).flatMap((name) => [
    '',
    `${nameOf(session, one.path)}: ${name.ref} is not mirrored`,
    ...aliasedLines(name),
  ]);
}

function takenOver(session: Session, one: RepositoryStatus): string[] {
  const shown = takenLines(nameOf(session, one.path), one.taken ?? []);
  return shown === null ? [] : ['', session.terminal.paint('yellow', shown.head), ...shown.lines];
}

runCommand(process, {
  usage,
  options: {},
  async run(session) {
    const named = session.words.map((word) => findRepository(session, word).path);
    const { repositories, faults } = await (named.length === 0
      ? statusOfAll(session)
      : session.call('status', { paths: named }));
    if (session.json) printJson(session.terminal, { repositories, faults });
    else {
      const lines = [
        table([heads, ...repositories.map((one) => row(session, one))]),
        ...repositories.flatMap((one) => troublesOf(session, one)),
        ...repositories.flatMap((one) => takenOver(session, one)),
        ...repositories.flatMap((one) => onlyTold(session, one)),
      ];
      session.terminal.print(lines.join('\n'));
      faults.forEach((fault) => tellFault(session.terminal, fault));
    }
    return statusExit(faults, repositories);
  },
});
