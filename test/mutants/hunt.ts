/** Builds the simulation with one mistake in it and runs seeds until a checker objects. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type * as Run from '../simulation/run';
import type { Mutant } from './mutant';
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
export async function hunt({ name, edits, seedsMax, changes }: Mutant): Promise<Hunt> {
  const { runSeed, close } = await load(edits);
  let found: Hunt = { name, caughtAfterSeeds: null, story: '' };
  for (let seed = 1; seed <= seedsMax && found.caughtAfterSeeds === null; seed += 1) {
    const wrong = (await runSeed(seed, changes)).verdicts.find(({ answer }) => answer === 'invalid');
    if (wrong !== undefined) found = { name, caughtAfterSeeds: seed, story: `${wrong.promise}: ${wrong.story}` };
  }
  close();
  return found;
}

async function load(edits: readonly Edit[]): Promise<{ runSeed: typeof Run.runSeed; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-mutant-'));
  const outfile = join(folder, 'run.cjs');
  await build({
    absWorkingDir: project,
    entryPoints: ['test/simulation/run.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    outfile,
    logLevel: 'error',
    plugins: [planting(edits)],
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle made a moment ago has no other way in
  const { runSeed } = require(outfile) as typeof Run;
  return { runSeed, close: () => rmSync(folder, { recursive: true, force: true }) };
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
