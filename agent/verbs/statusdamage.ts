/** What `status` shows of damage that was found in files, of locks that stay, and of hooks that git would not run. */
import type { RefTrouble } from '../contract/views';
import { readDamage, type Damage } from '../repository/damage';
import { staleLocks } from '../git/gitlocks';
import { quote } from '../contract/shellword';
import { shortRef, showRef } from '../rules/refs';
import { knownHookless } from '../repository/hookless';
import type { Repository } from '../repository/open';

/** Lines for people; all of it is in the log. */
const linesMax = 10;

/** By ref where it is known which refs lack objects. */
export function damageTroubles({ state, config }: Repository): RefTrouble[] {
  const damage = readDamage(state);
  if (damage === null) return [];
  const next = `npm run repair -- ${quote(config.path)}`;
  const shared = { kind: 'damaged', gitlab: null, agreed: null, since: damage.since, next } as const;
  if (damage.refs === null || damage.refs.length === 0)
    return [{ ...shared, ref: 'refs/', old: null, words: [...filesOf(damage), whatRefsLack(damage)].join('\n') }];
  return damage.refs.map(({ ref, value }, turn) => ({
    ...shared,
    ref: showRef(ref),
    old: value,
    words:
      turn === 0
        ? [`${shortRef(ref)} needs objects that old cannot read.`, ...filesOf(damage)].join('\n')
        : 'It needs objects that old cannot read.',
  }));
}

function whatRefsLack({ refs }: Damage): string {
  return refs === null ? 'Which refs need it was not looked at.' : 'No ref lacks objects.';
}

function filesOf({ findings }: Damage): string[] {
  const lines = findings.slice(0, linesMax).map(({ words }) => words);
  return findings.length > linesMax ? [...lines, `and ${findings.length - linesMax} more`] : lines;
}

/** A lock that a pass did not remove: somebody still works in the repository, or nobody can tell. */
export function lockTroubles({ hooks, config, world }: Repository): RefTrouble[] {
  return staleLocks(hooks.directory).map((name) => ({
    ref: name.startsWith('refs/') ? showRef(name.replace(/\.lock$/, '')) : 'refs/',
    kind: 'locked',
    old: null,
    gitlab: null,
    agreed: null,
    since: world.clock.wall(),
    words: `${name} is older than ten minutes: git cannot write there.`,
    next: `The next pass removes it when no process of git works in ${config.path} (lsof +D shows them).`,
  }));
}

/** As the last pass found it: the next one sees that it is over. A retired one has no passes, and no pushes. */
export function hooklessTroubles({ hooks, journal }: Repository): RefTrouble[] {
  const found = journal.state().phase === 'retired' ? null : knownHookless(hooks);
  if (found === null) return [];
  const words = `Git would take pushes without git-handover: ${found.words}. What it takes so is undone where GitLab decides.`;
  const { since, next } = found;
  return [{ ref: 'refs/', kind: 'hookless', old: null, gitlab: null, agreed: null, since, words, next }];
}
