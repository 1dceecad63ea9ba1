/** What `status` prints of one trouble, and of a name that is only told. Pure. */
import type { Aliased, RefTrouble } from '../agent/contract/views';

const heldMax = 10;

export function troubleLines({ words, held, next }: Pick<RefTrouble, 'words' | 'held' | 'next'>): string[] {
  return indented([words, ...heldLines(held), next]);
}

export function aliasedLines({ words, next }: Aliased): string[] {
  return indented([words, next]);
}

function heldLines(held: RefTrouble['held']): string[] {
  if (held === undefined || held.count === 0) return [];
  const shown = held.refs.slice(0, heldMax);
  const more = held.count - shown.length;
  return [
    'Held back:',
    ...shown.map(({ ref, old, gitlab }) => `  ${ref}: old ${short(old)}, GitLab ${short(gitlab)}`),
    ...(more > 0 ? [`  … and ${more} more: \`npm run verify\` lists all that differ`] : []),
  ];
}

function short(value: string | null): string {
  return value === null ? 'absent' : value.slice(0, 8);
}

function indented(parts: readonly string[]): string[] {
  return parts.flatMap((part) => part.split('\n')).map((line) => `  ${line}`);
}
