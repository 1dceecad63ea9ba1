/** A restart of old, as the hooks of its pushes see it: another boot id. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bootIdVariable } from '../../lab/bootable';
import type { Pair } from './pair';

export interface Boot {
  readonly id: string;
  /** Of a push by path to old. */
  readonly receivePack: string;
}

let boots = 0;

export function makeBoot({ folder }: Pick<Pair, 'folder'>): Boot {
  boots += 1;
  const id = `0000000${boots % 10}-0000-4000-8000-000000000000`;
  const file = path.join(folder, `boot-${id}`);
  fs.writeFileSync(file, `${id}\n`);
  return { id, receivePack: `--receive-pack=env ${bootIdVariable}=${file} git-receive-pack` };
}
