/** Which test files a run starts: by tier, file or folder, and only those that hold a test of the wanted name. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** In the order in which they run; each names folders below test/, or single files. */
export const tiers: Readonly<Record<string, readonly string[]>> = {
  types: [],
  tidy: ['tidy.test.ts'],
  unit: ['unit', 'history'],
  agent: ['agent'],
  provider: ['provider'],
  tools: ['tools', 'bench'],
  fuzz: ['fuzz'],
  model: ['model'],
  simulation: ['simulation', 'mutants'],
  ports: ['ports'],
  git: ['git'],
  system: ['lab', 'system'],
  gitaly: ['gitaly'],
  chaos: ['chaos'],
  versions: ['versions'],
};

/** Those that run only when they are named: what they show changes seldom, and takes long. */
export const asked: readonly string[] = ['versions'];

export interface Choice {
  readonly tiers: readonly string[];
  /** Test files by their whole paths, each once, in the order in which they run. */
  readonly files: readonly string[];
}

/**
 * What was typed: tiers, files and folders, in any mixture; nothing is everything but the tiers that want to be asked
 * for. A text says what is wrong.
 */
export function choose(project: string, typed: readonly string[]): Choice | string {
  const chosen = typed.length === 0 ? usual() : typed.filter((name) => name in tiers);
  const paths = typed.filter((name) => !(name in tiers)).map((name) => resolve(project, name));
  for (const path of paths) {
    const name = relative(project, path);
    if (!existsSync(path))
      return `Cannot run ${name}: no tier, file or folder is called that. The tiers are ${Object.keys(tiers).join(', ')}.`;
    if (testsBelow(path).length === 0) return `Cannot run ${name}: it holds no test. Tests are called *.test.ts.`;
  }
  const ofTiers = Object.keys(tiers)
    .filter((tier) => chosen.includes(tier))
    .flatMap((tier) => filesOf(project, tier));
  return { tiers: chosen, files: [...new Set([...ofTiers, ...paths.flatMap(testsBelow)])] };
}

function usual(): string[] {
  return Object.keys(tiers).filter((tier) => !asked.includes(tier));
}

/** All tests below the tier's folders; those directly in test/ belong to `tidy`. */
export function filesOf(project: string, tier: string): string[] {
  const test = join(project, 'test');
  const loose = tier === 'tidy' ? readdirSync(test).filter((name) => name.endsWith('.test.ts')) : [];
  return [...new Set([...(tiers[tier] ?? []), ...loose])].flatMap((name) => testsBelow(join(test, name))).sort();
}

function testsBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return path.endsWith('.test.ts') ? [path] : [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name))
    .sort();
}

export function holdsTest(file: string, only: RegExp): boolean {
  return mayHoldTest(readFileSync(file, 'utf8'), only);
}

const nameOfTest =
  /\b(?:test|t\.test|suite|describe|it)(?:\.\w+)?\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[^\s])/g;
const anyText = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

/**
 * Read from the source, since to start a process for each file takes minutes. A name that is made when the test runs (a
 * template or a variable) may be anything. A plain text anywhere counts as well: it may be handed to what makes tests.
 */
export function mayHoldTest(source: string, only: RegExp): boolean {
  const isMade = [...source.matchAll(nameOfTest)].some(([, name = '']) => !/^['"]/.test(name));
  const matches = (text: string): boolean => only.test(text.slice(1, -1).replace(/\\(.)/g, '$1'));
  return isMade || [...source.matchAll(anyText)].some(([text]) => matches(text));
}
