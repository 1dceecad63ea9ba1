/** The names under which old keeps tips that were overwritten or deleted. */
import type { RefName } from '../rules/values';

/** refs/handover/attic/<time>/heads/main */
export function atticName(ref: RefName, time: string): RefName {
  return `refs/handover/attic/${time}/${ref.slice('refs/'.length)}` as RefName;
}
