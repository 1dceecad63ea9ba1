/** Which troubles only inform. Pure. */
import type { Trouble } from './values';

/** The others say that nobody knows which value is right, or that old cannot have it: with them no phase changes. */
export function stopsMoves({ kind }: Pick<Trouble, 'kind'>): boolean {
  return kind !== 'unhooked' && kind !== 'aliased';
}
