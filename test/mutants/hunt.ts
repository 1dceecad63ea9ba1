/** Builds the simulation with one mistake in it and runs seeds until a checker objects. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Verdict } from '../history/history';
import type { Mutant } from './mutant';
import type * as Planted from './planted';
import { plant, type Edit } from './planting';

const project = join(__dirname, '..', '..');

export interface Hunt {
  readonly name: string;
  /** Null: it survived `seedsMax` seeds. */
  readonly caughtAfterSeeds: number | null;
  /** What the checker said. */
  readonly story: string;
}

/** Seeds 1, 2, 3 … */
export async function hunt(mutant: Mutant): Promise<Hunt> {
  const { close, ...planted } = await load(mutant.edits);
  let found: Hunt = { name: mutant.name, caughtAfterSeeds: null, story: '' };
  for (let seed = 1; seed <= mutant.seedsMax && found.caughtAfterSeeds === null; seed += 1) {
    const wrong = await wrongIn(seed, mutant, planted);
    if (wrong !== null)
      found = { name: mutant.name, caughtAfterSeeds: seed, story: `${wrong.promise}: ${wrong.story}` };
  }
  close();
  return found;
}

async function wrongIn(
  seed: number,
  { changes, points, crossings }: Mutant,
  planted: typeof Planted,
): Promise<Verdict | null> {
  const wrong: Verdict[] = [];
  const judge = ({ verdicts }: { readonly verdicts: readonly Verdict[] }): void =>
    void wrong.push(...verdicts.filter(({ answer }) => answer === 'invalid'));
  if (crossings !== undefined) await planted.searchCrossings(seed, crossings, (_crossing, result) => judge(result));
  else if (points === undefined) judge(await planted.runSeed(seed, changes));
  else await planted.searchWorst(seed, points, (_worst, result) => Promise.resolve(judge(result)));
  return wrong[0] ?? null;
}

async function load(edits: readonly Edit[]): Promise<typeof Planted & { close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-mutant-'));
  const outfile = join(folder, 'run.cjs');
  await build({
    absWorkingDir: project,
    entryPoints: ['test/mutants/planted.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    outfile,
    logLevel: 'error',
    plugins: [planting(edits)],
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle made a moment ago has no other way in
  const planted = require(outfile) as typeof Planted;
  return { ...planted, close: () => rmSync(folder, { recursive: true, force: true }) };
}

function planting(edits: readonly Edit[]): Plugin {
  return {
    name: 'planting',
    setup: (bundle) =>
      bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const mine = edits.filter(({ file }) => file === relative(project, path));
        return mine.length === 0
          ? undefined
          : { contents: mine.reduce(plant, readFileSync(path, 'utf8')), loader: 'ts' };
      }),
  };
}
