/**
 * Refs that GitLab did not set although it has what was expected there: a lock that a killed git left, a disk that is
 * full. Told with GitLab's words from the second failure in a row on; one may be somebody who was just writing.
 */
import { failedAgain, isListed } from '../rules/stuck';
import { showRef, shortRef } from '../rules/refs';
import type { World } from '../rules/ports';
import type { RefName, Stuck, Trouble } from '../rules/values';
import type { Look } from './look';
import type { Findings } from './mirrortroubles';
import type { Refused } from './send';
import { stuckWords } from './stuck';

/** Those that went through are forgotten; what this pass could not try stays as it was. */
export function unsentTroubles(world: World, look: Look, { actions, stale, sent }: Findings): Trouble[] {
  const before = world.journal.stuck();
  const failed = stale.again.map((refused) => failure(world, before, refused));
  const isOver = new Set<RefName>([...failed, ...sent.done, ...stale.troubles].map(({ ref }) => ref));
  const stays = ({ ref, kind }: Stuck): boolean =>
    kind === 'unsent' && !isOver.has(ref) && ['send', 'wait'].includes(actions.get(ref)?.kind ?? 'level');
  const stuck = [...before.filter(stays), ...failed];
  if (stuck.length > 0 || before.length > 0) world.journal.writeStuck(stuck);
  if (failed.length > 0)
    world.log.write('refs-unsent', {
      refs: failed.map(({ ref, tries, words }) => ({ ref: showRef(ref), tries, words })),
    });
  return stuck.filter(isListed).map((one) => troubleOf(world, look, one));
}

function failure(world: World, before: readonly Stuck[], { words, ...update }: Refused): Stuck {
  const known = before.find(({ ref, kind }) => ref === update.ref && kind === 'unsent');
  const last = world.clock.now();
  return failedAgain(known, update, { kind: 'unsent', words: wordsAbout(update.ref, words), last });
}

/** One push names many refs; git goes on with advice for a paragraph. */
function wordsAbout(ref: RefName, words: string): string {
  const lines = words.split('\n').filter((line) => line !== '');
  const own = lines.filter((line) => line.includes(`'${showRef(ref)}'`) || line.includes(shortRef(ref)));
  return (own.length > 0 ? own : lines).join(' ').slice(0, wordsMax);
}

const wordsMax = 500;

function troubleOf(world: World, { old, gitlab, agreed }: Look, one: Stuck): Trouble {
  const { ref } = one;
  return {
    ref,
    kind: 'unsent',
    old: old.get(ref) ?? null,
    gitlab: gitlab.get(ref) ?? null,
    agreed: agreed.get(ref) ?? null,
    since: world.clock.wall(),
    words: stuckWords(one),
  };
}
