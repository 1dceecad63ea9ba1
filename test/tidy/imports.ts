/** Who may use whom, who may print, and which files nobody uses. */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import { rooms as table, type Room } from './rooms';
import { everyNode, finding, type Finding, isShell, lineOf, type Source } from './source';

const runsGit = 'agent/git/gitprocess.ts';

interface Import {
  readonly source: Source;
  readonly line: number;
  /** Path without ending when it is one of ours, else the name of the package. */
  readonly target: string;
}

/**
 * Every import is of the room itself, of a room that its row allows, or of a package that it may use. Tests may import
 * everything, but for those with a row of their own.
 */
export function rooms(sources: readonly Source[]): Finding[] {
  return allImports(sources).flatMap((one) => {
    const room = roomOf(one.source.path);
    const words = room === null ? null : trespass(room, one.target);
    return words === null ? [] : [say(one, words)];
  });
}

function trespass(room: Room, target: string): string | null {
  if (roomOf(`${target}.ts`) === room) return null;
  const isOurs = /^(?:agent|stacks|scripts|test|sdks)(?:\/|$)/.test(target);
  const isAllowed = isOurs
    ? room.may.some((path) => `${target}/`.startsWith(`${path.replace(/\.ts$/, '')}/`))
    : room.uses === 'any' || room.uses.includes(target);
  if (isAllowed) return null;
  const allowed = isOurs ? room.may : room.uses;
  return `${room.path} may not import ${target}. It may import ${allowed.length === 0 ? 'nothing of that kind' : [...allowed].join(', ')}: see docs/design/rooms.md.`;
}

/** Null: tests without a row of their own, which may import everything, and what is no TypeScript of ours. */
function roomOf(path: string): Room | null {
  const found = table.filter((room) => path === room.path || path.startsWith(`${room.path}/`));
  return found.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
}

/**
 * A file that leads back to itself cannot be understood without those on the way. Types count: they are read as well.
 */
export function noCircles(sources: readonly Source[]): Finding[] {
  const all = allImports(sources);
  const targets = targetsByFile(all);
  return all
    .filter(({ source, target }) => leadsTo([target], targets).has(withoutEnding(source.path)))
    .map((one) => say(one, `${one.target} leads back here: one of the two must not know the other.`));
}

export function sshOnlyInTheProvider(sources: readonly Source[]): Finding[] {
  return allImports(sources)
    .filter(({ source, target }) => target === 'node-ssh' && !source.path.startsWith('stacks/provider/'))
    .map((one) => say(one, 'node-ssh is used in stacks/provider only.'));
}

/** The program that a call is asked to run, the first word of what it passes on, or the start of a zx command. */
export function oneFileRunsGit(sources: readonly Source[]): Finding[] {
  const others = sources.filter(({ path }) => path.startsWith('agent/') && path !== runsGit);
  return everyNode(others, (node, say) => {
    const isProgram = ts.isCallExpression(node) && node.arguments.length > 1 && node.arguments.some(namesGit);
    const isCommand = ts.isTaggedTemplateExpression(node) && /^`git\b/.test(node.template.getText());
    if (isProgram || isCommand) say(`Only ${runsGit} runs git.`);
  });
}

function namesGit(argument: ts.Expression): boolean {
  const first = ts.isArrayLiteralExpression(argument) ? argument.elements[0] : argument;
  return first !== undefined && ts.isStringLiteral(first) && first.text === 'git';
}

export function onlyEntryPointsSpeak(sources: readonly Source[]): Finding[] {
  const entries = entryPoints(sources);
  const others = sources.filter(({ path }) => !entries.has(path));
  return everyNode(others, (node, say) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return;
    const used = `${node.expression.text}.${node.name.text}`;
    if (/^(?:console\.\w+|process\.(?:exit|exitCode|stdout|stderr))$/.test(used))
      say(`Only entry points print or end the process, not by ${used} here.`);
  });
}

/**
 * TypeScript is used when an entry point or a test leads to it; a script when another file names it, or Pulumi finds it
 * by its name.
 */
export function noDeadFiles(sources: readonly Source[]): Finding[] {
  const used = reachable(sources);
  const unused = sources.filter(({ path }) => path.endsWith('.ts') && !used.has(withoutEnding(path)));
  const unnamed = sources.filter(
    (one) =>
      isShell(one) &&
      !/\/pulumi-resource-\w+$/.test(one.path) &&
      !sources.some((other) => other !== one && other.text.includes(baseName(one.path))),
  );
  return [...unused, ...unnamed].map((one) => finding(one, 1, 'Nothing uses this file.'));
}

/** main.ts of any folder, the Pulumi program, our package's face, and what the commands of package.json run. */
function entryPoints(sources: readonly Source[]): Set<string> {
  const commands = sources.find(({ path }) => path === 'package.json')?.text ?? '';
  const named = sources.filter(({ path }) => commands.includes(` ${path}"`));
  const known = sources.filter(({ path }) =>
    /(?:^|\/)main\.ts$|^stacks\/index\.ts$|^sdks\/\w+\/index\.ts$|\.mjs$/.test(path),
  );
  return new Set([...named, ...known].map(({ path }) => path));
}

function reachable(sources: readonly Source[]): Set<string> {
  const entries = entryPoints(sources);
  const starts = sources
    .filter(({ path }) => entries.has(path) || path.endsWith('.test.ts'))
    .map(({ path }) => withoutEnding(path));
  return leadsTo(starts, targetsByFile(allImports(sources)));
}

/** Answers for a file what it leads to, with itself: paths without ending. */
export function reach(sources: readonly Source[]): (path: string) => Set<string> {
  const targets = targetsByFile(allImports(sources));
  return (path) => leadsTo([withoutEnding(path)], targets);
}

/** The files that these lead to, with themselves. A folder stands for its index. */
function leadsTo(starts: readonly string[], from: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const waiting = [...starts];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const here = [next, `${next}/index`].filter((path) => !seen.has(path));
    here.forEach((path) => seen.add(path));
    waiting.push(...here.flatMap((path) => from.get(path) ?? []));
  }
  return seen;
}

/** What each file imports, by paths without ending. */
function targetsByFile(imports: readonly Import[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { source, target } of imports)
    targets.set(withoutEnding(source.path), [...(targets.get(withoutEnding(source.path)) ?? []), target]);
  return targets;
}

/** Several rules ask for the same. */
const known = new WeakMap<readonly Source[], Import[]>();

function allImports(sources: readonly Source[]): Import[] {
  const found = known.get(sources) ?? findImports(sources);
  known.set(sources, found);
  return found;
}

function findImports(sources: readonly Source[]): Import[] {
  const found: Import[] = [];
  for (const one of sources) {
    everyNode([one], (node) => {
      const name = importedName(node);
      if (name === null) return;
      const line = lineOf(node.getSourceFile(), node.getStart());
      found.push({ source: one, line, target: resolve(one.path, name) });
    });
  }
  return found;
}

/** Of an import, an export from elsewhere, a type's import() and a call of import() or require(). */
function importedName(node: ts.Node): string | null {
  const named =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : ts.isCallExpression(node) && /^(?:import|require)$/.test(node.expression.getText())
          ? node.arguments[0]
          : undefined;
  return named !== undefined && ts.isStringLiteral(named) ? named.text : null;
}

function resolve(path: string, name: string): string {
  return name.startsWith('.') ? withoutEnding(join(dirname(path), name)) : name;
}

function withoutEnding(path: string): string {
  return path.replace(/(?:\.d)?\.ts$/, '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function say({ source, line }: Import, text: string): Finding {
  return finding(source, line, text);
}
