/** Builds the simulation with one mistake in it and runs seeds until a checker objects. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type * as Run from '../simulation/run';
import type { Edit, Mutant } from './mutants';

const project = join(__dirname, '..', '..');

export interface Hunt {
  readonly name: string;
  /** Null: it survived `seedsMax` seeds. */
  readonly caughtAfterSeeds: number | null;
  /** What the checker said. */
  readonly story: string;
}

/** Seeds 1, 2, 3 … */
export async function hunt({ name, edits, seedsMax }: Mutant): Promise<Hunt> {
  const { runSeed, close } = await load(edits);
  let found: Hunt = { name, caughtAfterSeeds: null, story: '' };
  for (let seed = 1; seed <= seedsMax && found.caughtAfterSeeds === null; seed += 1) {
    const wrong = (await runSeed(seed)).verdicts.find(({ answer }) => answer === 'invalid');
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
    target: 'node20',
    outfile,
    logLevel: 'error',
    plugins: [planting(edits)],
  });
  // A bundle that was made a moment ago has no other way in.
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

/**
 * The text that is replaced must be there once: else the mistake was not planted, and would seem to survive. How it is
 * broken into lines does not matter.
 */
function plant(source: string, { file, from, to }: Edit): string {
  const places = [...source.matchAll(anyLayout(from))];
  const [place] = places;
  if (places.length !== 1 || place === undefined)
    throw new Error(
      `Cannot plant a mistake in ${file}: its text must be there once, and is there ${places.length} times: ${JSON.stringify(from)}`,
    );
  return `${source.slice(0, place.index)}${to}${source.slice(place.index + place[0].length)}`;
}

/** Matches the same words and signs with any white space between them, and with or without a comma before a bracket that closes. */
function anyLayout(text: string): RegExp {
  const parts = text.match(/[\w$]+|[^\s\w$]/g) ?? [];
  const patterns = parts.map((part) => `${/[)\]}]/.test(part) ? ',?\\s*' : ''}${part.replace(/\W/g, '\\$&')}`);
  return new RegExp(patterns.join('\\s*'), 'g');
}
