/**
 * Which records are forgotten: written down as a whole before the first of them goes. A pass that is cut short among
 * them would else leave an acknowledged value whose followers are gone, which looks as if old had lost it. Pure.
 */
import { changesOf } from './records';
import type { Drops, Lease, RefName } from './values';

/** Lines `<lease>` and `<lease> <ref>`; ids of leases hold no space. */
export function printDrops(drops: Drops): string {
  return [...drops]
    .flatMap(([id, refs]) => (refs === 'all' ? [id] : [...refs].map((ref) => `${id} ${ref}`)))
    .join('\n');
}

export function parseDrops(text: string): Drops {
  const drops = new Map<string, Set<RefName> | 'all'>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const space = line.indexOf(' ');
    if (space < 0) drops.set(line, 'all');
    else add(drops, line.slice(0, space), [line.slice(space + 1) as RefName]);
  }
  return drops;
}

export function bothDrops(left: Drops, right: Drops): Drops {
  const drops = new Map<string, Set<RefName> | 'all'>();
  for (const [id, refs] of [...left, ...right]) {
    if (refs === 'all') drops.set(id, 'all');
    else add(drops, id, refs);
  }
  return drops;
}

function add(drops: Map<string, Set<RefName> | 'all'>, id: string, refs: Iterable<RefName>): void {
  const known = drops.get(id);
  if (known !== 'all') drops.set(id, new Set([...(known ?? []), ...refs]));
}

/** What of an ended lease is not forgotten; null when nothing is left. One that lives is whole. */
export function undropped(lease: Lease, drops: Drops): Lease | null {
  const refs = drops.get(lease.id);
  if (refs === undefined || lease.live) return lease;
  if (refs === 'all' || changesOf(lease).every(({ ref }) => refs.has(ref))) return null;
  const keep = (updates: Lease['updates']): Lease['updates'] => updates?.filter(({ ref }) => !refs.has(ref)) ?? null;
  return { ...lease, updates: keep(lease.updates), landed: keep(lease.landed) };
}
