/** Repairs a damaged repository on the old server from GitLab's copy, or rebuilds what the agent keeps about it. */
import { faults } from '../agent/contract/faults';
import { isPhase } from '../agent/contract/phase';
import type { Verbs } from '../agent/contract/verbs';
import { findRepository, operatorName, printJson, runCommand, type Session } from './operator';

const usage = `
Brings back what the old server lost: objects from GitLab and from what can still be read, refs from records and GitLab. Pushes go on.

  npm run repair -- REPOSITORY [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]
  npm run repair -- REPOSITORY --state --phase PHASE [--yes]

  npm run repair -- team/app.git
  npm run repair -- team/app.git --yes
  npm run repair -- team/app.git --state --phase mirror --yes

What is damaged stays in the repository on the old server, below git-handover-damaged/. What neither side has is named, with who pushed it.
--state rebuilds the agent's own state when it is gone or cannot be read: name the phase in which the repository was.
Without --yes it only says what would come back. Exit code: 0 done, 2 a person must correct something, 3 try again, 4 nothing is damaged.
`;

type Request = Verbs['repair']['request'];

/** The settings come from the stack: the agent's own may be gone with its state. */
function stateOf(session: Session, path: string): Pick<Request, 'state'> {
  if (!session.flag('state')) return {};
  const phase = session.option('phase') ?? '';
  const settings = session.repositories.find(({ config }) => config.path === path);
  if (settings === undefined) throw faults.notInStack({ path });
  if (!isPhase(phase)) throw faults.phase({ path, phase, asked: settings.phase });
  return { state: { phase, config: settings.config } };
}

runCommand(process, {
  usage,
  options: { who: 'string', yes: 'boolean', state: 'boolean', phase: 'string' },
  async run(session) {
    const [word, ...rest] = session.words;
    if (word === undefined || rest.length > 0) throw faults.notOneNamed({ words: session.words.length });
    const { path } = findRepository(session, word);
    const result = await session.call('repair', {
      path,
      who: operatorName(session),
      apply: session.flag('yes'),
      ...stateOf(session, path),
    });
    if (session.json) printJson(session.terminal, result);
    else session.terminal.print(`${result.text}${result.applied ? '' : '\nNothing was changed. To do it, add --yes.'}`);
    return 0;
  },
});
