/** The verb `rejoin`: one side went back in time; a person says which one is right. */
import type { Verbs } from '../contract/verbs';
import { faults } from '../contract/faults';
import { noteDecision } from '../repository/decisions';
import { openByPath, type Repository } from '../repository/open';
import { readRef, shortOid, showRef } from '../rules/refs';
import { meet, needlessIn, rejoin as bringTogether, type Meeting } from '../sync/rejoin';
import type { Difference } from '../sync/bothsides';
import type { RefName } from '../rules/values';
import { requireWords } from './resolve';

type Request = Verbs['rejoin']['request'];
type Result = Verbs['rejoin']['result'];

const linesMax = 40;

export async function rejoin(folder: string, request: Request, progress: (text: string) => void): Promise<Result> {
  const repository = openByPath(folder, request.path);
  requireWords(request);
  const { world } = repository;
  const phase = request.phase ?? repository.journal.state().phase;
  if (phase === 'old' || phase === 'retired') throw faults.rejoinPhase({ phase });
  const but = new Set(request.but.map(readRef));
  const meeting = await meet(world);
  const [needless] = needlessIn(meeting, but);
  if (needless !== undefined) throw faults.inNoTrouble({ ref: showRef(needless), path: request.path });
  const text = tell(meeting, request, but);
  if (!request.apply) return { text: `${text}\nWould go on in ${phase}.`, applied: false };
  // Before: where it ends halfway, what it did was decided.
  note(repository, request, phase, meeting);
  const attic = await bringTogether(world, { keep: request.keep, but, phase }, progress);
  const kept = attic.length === 0 ? '' : `\nIn the attic of old: ${attic.map(showRef).join(', ')}`;
  return { text: `${text}\nBoth sides are level, in ${phase}.${kept}`, applied: true };
}

function tell({ differences }: Meeting, { keep }: Request, but: ReadonlySet<RefName>): string {
  const shown = differences.slice(0, linesMax).map((one) => line(one, (keep === 'old') !== but.has(one.ref)));
  const more = differences.length - shown.length;
  if (differences.length === 0) return 'Both sides have the same refs.';
  return [...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

function line({ ref, old, gitlab }: Difference, isOlds: boolean): string {
  const [stays, goes] = isOlds ? (['old', 'GitLab'] as const) : (['GitLab', 'old'] as const);
  const [kept, lost] = isOlds ? [old, gitlab] : [gitlab, old];
  const what = kept === null ? 'is deleted' : `stays ${shortOid(kept)}`;
  return `  ${showRef(ref)} ${what} as ${stays} has it; ${goes} has ${shortOid(lost)}${lost === null ? '' : ', which goes to the attic'}`;
}

function note({ folder }: Repository, request: Request, phase: string, { differences }: Meeting): void {
  const facts = {
    keep: request.keep,
    but: request.but,
    phase,
    reason: request.reason,
    refs: differences.map(({ ref, old, gitlab }) => ({ ref: showRef(ref), old, gitlab })),
  };
  noteDecision(folder, { what: 'rejoin', repository: request.path, who: request.who, facts });
}
