/** What `retire` and `restore` share: the dry run, the agent's part, and the stack's setting. */
import type { ExitCode, Fault, Verbs } from '../agent/contract';
import { asFault, mistake } from '../agent/errors';
import type { Phase } from '../agent/phase';
import { findRepository, operatorName, printFault, printJson, worst, type Session } from './operator';
import { setCommand, setPhase } from './stack';

export interface Renaming {
  readonly verb: 'retire' | 'restore';
  /** The phase that the stack asks for afterwards; null leaves the setting. */
  readonly phase: Phase | null;
}

type Outcome = Verbs['retire']['result'] & { readonly path: string };

/** One repository that cannot be renamed does not stop the others. */
export async function renameAll(session: Session, renaming: Renaming): Promise<ExitCode> {
  if (session.words.length === 0) throw mistake('arguments', `Cannot ${renaming.verb} as at least one repository must be named.`, 'See --help.');
  const outcomes: Outcome[] = [];
  const faults: Fault[] = [];
  for (const word of session.words) {
    try {
      outcomes.push(await renameOne(session, renaming, word));
    } catch (error) {
      faults.push(asFault(error));
      if (!session.json) printFault(asFault(error));
    }
  }
  if (session.json) printJson({ repositories: outcomes, faults });
  else if (outcomes.some(({ applied }) => !applied)) process.stdout.write('Nothing was changed. To do it, add --yes.\n');
  return worst(faults.map(({ exit }) => exit));
}

async function renameOne(session: Session, { verb, phase }: Renaming, word: string): Promise<Outcome> {
  const { key, path } = findRepository(session, word);
  const apply = session.flag('yes');
  const say = (text: string): void => void (session.json || process.stdout.write(`${text}\n`));
  const set = async (): Promise<void> => {
    if (key === null || phase === null) return;
    if (apply) await setPhase(session.place, key, phase);
    say(`${apply ? 'Set' : 'Would set'} in the stack: ${setCommand(key, phase)}`);
  };
  try {
    const rebind = session.flag('rebind') ? { rebind: true } : {};
    const result = await session.call(verb, { path, who: operatorName(session), apply, ...rebind });
    say(result.text);
    await set();
    return { ...result, path };
  } catch (error) {
    // A run that was killed after the rename is finished by running it again.
    if (asFault(error).code === 'already-there') await set();
    throw error;
  }
}
