/** Settles a ref in conflict, damaged, declined, unhooked or stopped; gives back what old took over from GitLab. */
import { faults } from '../agent/contract/faults';
import type { Verbs } from '../agent/contract/verbs';
import { findRepository, operatorName, printJson, runCommand, type Session } from './operator';

type Request = Verbs['resolve']['request'];

const usage = `
Settles a ref that status lists: shows both histories, keeps one, and puts the other into the attic of the old server.
--keep both gives the other one a name as well, on both servers: --stays gitlab (or old) says which value the ref itself gets, --name
what the other is called (by default the ref's name, the side and the date).
--give-back sends what old lost by following GitLab back to it, from the attic ref that status names; old follows.
A stopped repository is settled under refs/, which means every ref that GitLab lost, or by the names of some: --keep gitlab lets old
follow; --keep old gives GitLab back what old still has. Refs where only GitLab has some commits are named one by one.

  npm run resolve -- REPOSITORY REF --keep old|gitlab|both [--stays old|gitlab] [--name NAME] [--reason TEXT] [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]
  npm run resolve -- REPOSITORY refs/|REF [REF …] --keep old|gitlab [--reason TEXT] [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]
  npm run resolve -- REPOSITORY --give-back ATTIC_REF [--reason TEXT] [--yes] [--who NAME] [--json] [--stack NAME] [--cwd FOLDER]

  npm run resolve -- team/app.git refs/heads/main --keep old
  npm run resolve -- team/app.git refs/heads/main --keep gitlab --reason "web edit was meant" --yes
  npm run resolve -- team/app.git refs/heads/main --keep both --name main-before-web-edit --reason "to be merged" --yes
  npm run resolve -- team/app.git refs/ refs/heads/main --keep old --reason "GitLab was restored from a backup" --yes
  npm run resolve -- team/app.git --give-back refs/handover/attic/20300131T090000000Z-0/heads/main --reason "deleted by mistake" --yes

Without --yes it only shows. Exit code: 0 done, 2 a person must decide something, 3 try again, 4 nothing to settle.
`;

function keepOf(session: Session): Pick<Request, 'keep' | 'stays' | 'name'> {
  const keep = session.option('keep');
  if (keep === 'old' || keep === 'gitlab') return { keep };
  if (keep !== 'both') throw faults.keep({ keep });
  const stays = session.option('stays') ?? 'gitlab';
  if (stays !== 'old' && stays !== 'gitlab') throw faults.stays({ stays });
  return { keep, stays, name: session.option('name') ?? '' };
}

function decisionOf(session: Session, word: string): Pick<Request, 'path' | 'reason' | 'who' | 'apply'> {
  return {
    path: findRepository(session, word).path,
    reason: session.option('reason') ?? '',
    who: operatorName(session),
    apply: session.flag('yes'),
  };
}

async function settle(session: Session): Promise<Verbs['resolve']['result']> {
  const [word, ref, ...more] = session.words;
  if (word === undefined || ref === undefined) throw faults.noRefNamed({ words: session.words.length });
  const refs = more.length === 0 ? { ref } : { ref, more };
  return session.call('resolve', { ...decisionOf(session, word), ...refs, ...keepOf(session) });
}

async function giveBack(session: Session, attic: string): Promise<Verbs['giveback']['result']> {
  const [word, ...rest] = session.words;
  if (word === undefined || rest.length > 0 || session.option('keep') !== undefined) throw faults.giveBackAlone();
  return session.call('giveback', { ...decisionOf(session, word), attic });
}

runCommand(process, {
  usage,
  options: {
    keep: 'string',
    stays: 'string',
    name: 'string',
    'give-back': 'string',
    reason: 'string',
    who: 'string',
    yes: 'boolean',
  },
  async run(session) {
    const attic = session.option('give-back');
    const result = await (attic === undefined ? settle(session) : giveBack(session, attic));
    if (session.json) printJson(session.terminal, result);
    else
      session.terminal.print(
        `${result.text}${result.applied ? '' : `\nNothing was changed. To do it, add ${session.option('reason') === undefined ? '--reason and --yes' : '--yes'}.`}`,
      );
    return 0;
  },
});
