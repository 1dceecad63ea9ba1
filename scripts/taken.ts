/** What `status` prints of the deletions and rewinds that old took over from GitLab. Pure. */
import type { TakenOver } from '../agent/contract/views';
import { duration } from './table';

const shownMs = 86_400_000;
const linesMax = 10;

/** Those of the last 24 h: `--json` has all that old remembers. Empty where there is none. */
export function takenLines(name: string, taken: readonly TakenOver[]): { head: string; lines: string[] } | null {
  const recent = taken.filter(({ agoMs }) => agoMs < shownMs);
  const [first] = recent;
  if (first === undefined) return null;
  const more = recent.length - linesMax;
  return {
    head: `${name}: taken over from GitLab in the last 24 h: ${counted(recent)}`,
    lines: [
      ...recent.slice(0, linesMax).map(line),
      ...(more > 0 ? [`  … and ${more} more: --json has all`] : []),
      `  To give one back: ${first.next}`,
    ],
  };
}

function counted(taken: readonly TakenOver[]): string {
  const count = (kind: TakenOver['kind']): string[] => {
    const many = taken.filter((one) => one.kind === kind).length;
    return many === 0 ? [] : [`${many} ${kind}${many === 1 ? '' : 's'}`];
  };
  return [...count('deletion'), ...count('rewind')].join(', ');
}

function line({ ref, before, after, attic, agoMs, from }: TakenOver): string {
  const to = after === null ? 'deleted' : `now ${after.slice(0, 8)}`;
  const by = from === null ? '' : `, pushed by ${from}`;
  return `  ${ref} was ${before.slice(0, 8)}${by}, ${to}, ${duration(agoMs)} ago: in ${attic}`;
}
