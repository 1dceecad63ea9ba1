/** The phase that a repository was in, as the agent's log tells it: the state that would say so is gone. */
import * as path from 'node:path';
import type { Phase } from '../contract/phase';
import { readOrNull } from '../machine/files';

/** What the log wrote down last about a change of phase; null when it does not reach back so far. */
export function lastKnownPhase(folder: string, repositoryPath: string): { phase: string; time: string } | null {
  const lines = ['agent.jsonl.1', 'agent.jsonl'].flatMap((name) =>
    Buffer.from(readOrNull(path.join(folder, 'log', name)) ?? '', 'latin1')
      .toString('utf8')
      .split('\n'),
  );
  let last: { phase: string; time: string } | null = null;
  for (const line of lines) last = phaseIn(line, repositoryPath) ?? last;
  return last;
}

const renames: Readonly<Record<string, Phase>> = { 'decided-retire': 'retired', 'decided-restore': 'refuse' };

function phaseIn(line: string, repositoryPath: string): { phase: string; time: string } | null {
  if (!/"event":"(?:phase-changed|decided-(?:retire|restore|rebuild))"/.test(line)) return null;
  try {
    const { event, repository, phase, time } = JSON.parse(line) as Record<string, string>;
    return repository === repositoryPath ? { phase: renames[event ?? ''] ?? phase ?? '', time: time ?? '' } : null;
  } catch {
    return null;
  }
}
