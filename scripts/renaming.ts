/** What `retire` and `restore` share: the dry run, the agent's part, and the stack's setting. */
import type { Verbs } from '../agent/contract/verbs';
import type { ExitCode, Fault } from '../agent/contract/views';
import { asFault } from '../agent/contract/errors';
import { faults } from '../agent/contract/faults';
import type { Phase } from '../agent/contract/phase';
import { worst } from '../agent/contract/exits';
import { findRepository, operatorName, printJson, type Session } from './operator';
import { setCommand, setPhase } from './stack';
import { tellFault } from './terminal';

export interface Renaming {
  readonly verb: 'retire' | 'restore';
  /** The phase that the stack asks for afterwards; null leaves the setting. */
  readonly phase: Phase | null;
}

type Outcome = Verbs['retire']['result'] & { readonly path: string };

/** One repository that cannot be renamed does not stop the others. */
export async function renameAll(session: Session, renaming: Renaming): Promise<ExitCode> {
  if (session.words.length === 0) throw faults.noneNamed({ verb: renaming.verb });
  const outcomes: Outcome[] = [];
  const refused: Fault[] = [];
  for (const word of session.words)
    await renameOne(session, renaming, word).then(
      (outcome) => outcomes.push(outcome),
      (error: unknown) => refused.push(asFault(error)),
    );
  if (session.json) printJson(session.terminal, { repositories: outcomes, faults: refused });
  else refused.forEach((fault) => tellFault(session.terminal, fault));
  if (!session.json && outcomes.some(({ applied }) => !applied))
    session.terminal.print('Nothing was changed. To do it, add --yes.');
  return worst(refused.map(({ exit }) => exit));
}

async function renameOne(session: Session, { verb, phase }: Renaming, word: string): Promise<Outcome> {
  const { key, path } = findRepository(session, word);
  const rebind = session.flag('rebind') ? { rebind: true } : {};
  try {
    const result = await session.call(verb, {
      path,
      who: operatorName(session),
      apply: session.flag('yes'),
      ...rebind,
    });
    if (!session.json) session.terminal.print(result.text);
    await setInStack(session, key, phase);
    return { ...result, path };
  } catch (error) {
    // A run that was killed after the rename is finished by running it again.
    if (asFault(error).code === 'already-there') await setInStack(session, key, phase);
    throw error;
  }
}

async function setInStack(session: Session, key: string | null, phase: Phase | null): Promise<void> {
  if (key === null || phase === null) return;
  const apply = session.flag('yes');
  if (apply) await setPhase(session.place, key, phase);
  if (!session.json) session.terminal.print(`${apply ? 'Set' : 'Would set'} in the stack: ${setCommand(key, phase)}`);
}
