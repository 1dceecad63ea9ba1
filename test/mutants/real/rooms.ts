/** Mistakes in the other rooms of the agent: git, repository, repair, resident, verbs. */
import { planted, type RealMutant } from './mutant';

const storage: readonly RealMutant[] = [
  planted(
    'P2',
    "the mirror pass's push carries no leases",
    ['agent/git/sendfolder.ts', "return ['--force-with-lease', '--',", "return ['--force', '--',"],
    ['git/mirror/send-leases', 'refs/heads on GitLab is replaced only where it is the expected one: all in one push'],
  ),
  planted(
    'P1',
    'a setting that redirects git is not seen',
    [
      'agent/git/forbidden.ts',
      'if (first !== undefined) throw asError(first);',
      'if (first === null) throw asError(first);',
    ],
    ['git/hostile/hostile-settings', 'gets url..\\.insteadOf later'],
  ),
  planted(
    'P7',
    'a stale lock of git stays',
    [
      'agent/git/gitlocks.ts',
      'Math.abs(Date.now() - stat.mtimeMs) > staleMs',
      'Date.now() - stat.mtimeMs > staleMs * 100',
    ],
    ['git/damage/git-locks', 'locks of git that a dead process left'],
  ),
  planted(
    'P3',
    'a lost folder of leases is not made again',
    ['agent/repository/mend.ts', 'if (fs.existsSync(folder)) return [];', 'if (folder !== "") return [];'],
    ['git/damage/lost-state', 'the folder of leases is gone'],
  ),
  planted(
    'P1',
    'a list of what was agreed that is gone reads as a first copy',
    [
      'agent/sync/mirrorlook.ts',
      "if (look.isFirst && world.journal.state().phase !== 'old')",
      'if (look.isFirst && look.leases.length < 0)',
    ],
    ['simulation/lost', 'a lost branch is not called level'],
  ),
  planted(
    'P4',
    'a repair drops a newer value for the one that GitLab has',
    [
      'agent/rules/refplan.ts',
      'const best = proven.filter(readable).pop();',
      'const best = proven.filter(readable).shift();',
    ],
    ['git/damage/repair', 'an acknowledged push that GitLab does not have yet is restored'],
  ),
  planted(
    'P3',
    'a repair does not wait for a push that writes its records',
    ['agent/repair/survey.ts', 'await waitFor(world.clock, recordsMs, 20,', 'await waitFor(world.clock, 0, 20,'],
    ['git/damage/repair-beside', 'a push that is just writing its records down'],
  ),
];

const people: readonly RealMutant[] = [
  planted(
    'P4',
    'a settlement keeps nothing in the attic',
    ['agent/sync/settle.ts', '.filter((oid) => !gone.has(oid))', '.filter((oid) => gone.has(oid))'],
    ['git/operator/resolve-ref', 'keeping GitLab in a conflict'],
  ),
  planted(
    'P2',
    'keeping old sends nothing',
    ['agent/sync/settle.ts', 'if (oldOffered !== gitlab) await send(', 'if (oldOffered === gitlab) await send('],
    ['git/operator/resolve-ref', 'keeping old in a conflict'],
  ),
  planted(
    'P4',
    'a repository from which others borrow objects is retired',
    ['agent/verbs/retire.ts', 'if (borrowers.length > 0)', 'if (borrowers.length > 99)'],
    ['git/operator/retire-repository', 'from which another one borrows objects'],
  ),
  planted(
    'P3',
    'the resident forgets a wake-up that comes while it looks',
    [
      'agent/resident/rounds.ts',
      'turn.dueMs = Math.min(turn.dueMs, atMs);',
      'turn.dueMs = Math.max(turn.dueMs, atMs);',
    ],
    ['git/server/resident', 'mirror: a push wakes the resident'],
  ),
];

export const rooms: readonly RealMutant[] = [...storage, ...people];
