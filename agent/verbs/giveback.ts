/** The verb `giveback`: what a pass took over from GitLab goes back to GitLab, out of the attic of old. */
import type { Verbs } from '../contract/verbs';
import { faults } from '../contract/faults';
import { noteDecision } from '../repository/decisions';
import { openByPath, type Repository } from '../repository/open';
import { readRef, shortOid, showRef } from '../rules/refs';
import { withLock } from '../rules/withlock';
import { caseToGiveBack, giveBack as giveItBack } from '../sync/giveback';
import type { Unlock } from '../rules/ports';
import { bringHere, requireWords, sideInWords } from './resolve';

type Request = Verbs['giveback']['request'];
type Result = Verbs['giveback']['result'];

export async function giveBack(folder: string, request: Request): Promise<Result> {
  const repository = openByPath(folder, request.path);
  requireWords(request);
  const waitedMs = repository.world.limits.holdMs;
  return withLock(
    repository.journal.lock(waitedMs),
    () => faults.busy({ what: `settle a ref of ${request.path}`, waitedMs, again: 'Try again' }),
    (lock) => giveBackUnder(repository, request, lock),
  );
}

async function giveBackUnder(repository: Repository, request: Request, lock: Unlock): Promise<Result> {
  const { world } = repository;
  const attic = readRef(request.attic);
  const found = await caseToGiveBack(world, attic);
  await bringHere(world, found, lock);
  const { gitlab, oldOffered } = found;
  const ref = showRef(found.trouble.ref);
  const sides = [
    await sideInWords(world, 'attic', oldOffered, gitlab),
    await sideInWords(world, 'GitLab', gitlab, oldOffered),
  ];
  const text = `${ref}\n${sides.join('\n')}`;
  const what = `${ref} at ${shortOid(oldOffered)}`;
  if (!request.apply) return { text: `${text}\nWould give back ${what} to GitLab; old follows.`, applied: false };
  const kept = await giveItBack(world, found, attic, lock);
  const lost = kept.map(showRef);
  const facts = { ref, attic: request.attic, reason: request.reason, value: oldOffered, gitlab, lost };
  noteDecision(repository.folder, { what: 'give-back', repository: request.path, who: request.who, facts });
  const inAttic = lost.length === 0 ? '' : `\nIn the attic of old: ${lost.join(', ')}`;
  return { text: `${text}\nGave back ${what}.${inAttic}`, applied: true };
}
