/** Renames retired repositories back. */
import { runCommand } from './operator';
import { renameAll } from './renaming';

const usage = `
Renames retired repositories back on the old server; they can be read there again and refuse pushes, as in the phase refuse.

  npm run restore -- REPOSITORY… [--yes] [--rebind] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]

  npm run restore -- team/app.git --yes
  npm run restore -- team/app.git --rebind --yes

--rebind takes up a repository that came back from a backup as the one that was attached; it changes no phase.
Without --yes it only says what it would do. It also sets the phase in the stack.
Exit code: 0 done, 2 a person must correct something, 3 try again, 4 nothing to do.
`;

runCommand(process, {
  usage,
  options: { who: 'string', yes: 'boolean', rebind: 'boolean' },
  run: (session) => renameAll(session, { verb: 'restore', phase: session.flag('rebind') ? null : 'refuse' }),
});
