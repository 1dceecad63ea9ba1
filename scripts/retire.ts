/** Renames repositories away on the old server. */
import { runCommand } from './operator';
import { renameAll } from './renaming';

const usage = `
Renames repositories away on the old server, to find those who still read from them there.

  npm run retire -- REPOSITORY… [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]

  npm run retire -- team/app.git
  npm run retire -- team/app.git team/library.git --yes

Only from the phase refuse, when both sides are level and no repository borrows objects. Without --yes it only says what it would do.
It also sets the phase in the stack, so that the next \`pulumi up\` does not move them back.
Exit code: 0 done, 2 a person must correct something, 3 try again, 4 nothing to do.
`;

runCommand(process, {
  usage,
  options: { who: 'string', yes: 'boolean' },
  run: (session) => renameAll(session, { verb: 'retire', phase: 'retired' }),
});
