/** One of the two sides went back in time: brings both together again, by the word of a person. */
import { faults } from '../agent/contract/faults';
import { isPhase } from '../agent/contract/phase';
import type { Verbs } from '../agent/contract/verbs';
import { findRepository, operatorName, printJson, runCommand, type Session } from './operator';

const usage = `
For a repository that status lists as travelled: the old server or GitLab came back from a backup, or GitLab's project was made anew.
Shows each ref at which they differ. --keep says whose refs stay, --but names those (with commas between) of which the other side's stay;
what loses goes to the attic of the old server. --phase names the phase that the repository was in, where the old server came back from a
time when that was another one.

  npm run rejoin -- REPOSITORY --keep old|gitlab [--but REF,REF] [--phase PHASE] [--reason TEXT] [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]

  npm run rejoin -- team/app.git --keep gitlab
  npm run rejoin -- team/app.git --keep gitlab --phase both --reason "old was restored from the backup of Sunday" --yes

Without --yes it only shows. Exit code: 0 done, 2 a person must decide something, 3 try again, 4 nothing to settle.
`;

type Request = Verbs['rejoin']['request'];

function requestOf(session: Session): Request {
  const [word, ...rest] = session.words;
  const keep = session.option('keep');
  if (word === undefined || rest.length > 0 || (keep !== 'old' && keep !== 'gitlab'))
    throw faults.rejoinAlone({ words: session.words.length, keep });
  const phase = session.option('phase') ?? null;
  if (phase !== null && !isPhase(phase)) throw faults.rejoinPhase({ phase });
  return {
    path: findRepository(session, word).path,
    keep,
    but: (session.option('but') ?? '').split(',').filter((ref) => ref !== ''),
    phase,
    reason: session.option('reason') ?? '',
    who: operatorName(session),
    apply: session.flag('yes'),
  };
}

runCommand(process, {
  usage,
  options: { keep: 'string', but: 'string', phase: 'string', reason: 'string', who: 'string', yes: 'boolean' },
  async run(session) {
    const result = await session.call('rejoin', requestOf(session));
    if (session.json) printJson(session.terminal, result);
    else
      session.terminal.print(
        `${result.text}${result.applied ? '' : '\nNothing was changed. To do it, add --reason and --yes.'}`,
      );
    return 0;
  },
});
