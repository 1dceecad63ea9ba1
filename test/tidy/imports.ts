/** Who may use whom, who may print, and which files nobody uses. */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import { everyNode, finding, type Finding, isShell, lineOf, type Source } from './source';

/** Decisions, shared by the agent and the stacks. */
const pure = ['decide', 'refs', 'phase', 'errors', 'contract', 'printable'].map((name) => `agent/${name}`);
/** What the stacks must reckon as the agent does. It touches nothing either, but takes a digest of Node's. */
const reckoned = ['agent/statename'];
const runsGit = 'agent/git/gitprocess.ts';

interface Import {
  readonly source: Source;
  readonly line: number;
  /** Path without ending when it is one of ours, else the name of the package. */
  readonly target: string;
  /** Leaves nothing behind when the types are taken away. */
  readonly onlyTypes: boolean;
}

/** Whatever a decision leads to may use no package, and no module of Node. Types of such files are fine: they do nothing. */
export function pureDecisions(sources: readonly Source[]): Finding[] {
  const values = allImports(sources).filter(({ onlyTypes }) => !onlyTypes);
  const led = leadsTo(pure, values);
  return values
    .filter(({ source, target }) => led.has(withoutEnding(source.path)) && !target.startsWith('agent/'))
    .map((one) => say(one, `A decision leads here and does no input or output: it may not import ${one.target}.`));
}

export function stacksShareOnlyDecisions(sources: readonly Source[]): Finding[] {
  const shared = [...pure, ...reckoned];
  return allImports(sources)
    .filter(({ source, target }) => source.path.startsWith('stacks/') && target.startsWith('agent/') && !shared.includes(target))
    .map((one) => say(one, `The stacks share only ${shared.join(', ')} with the agent, not ${one.target}.`));
}

/** The agent is bundled for a server that has nothing else; product code does not lean on tests. */
export function layers(sources: readonly Source[]): Finding[] {
  const forbidden: Readonly<Record<string, RegExp>> = { agent: /^(?:stacks|scripts|test|sdks)\//, stacks: /^(?:scripts|test)\//, scripts: /^test\// };
  return allImports(sources)
    .filter(({ source, target }) => forbidden[source.path.split('/')[0] ?? '']?.test(target) === true)
    .map((one) => say(one, `${one.target} lies in a layer above.`));
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
    if (/^(?:console\.\w+|process\.(?:exit|exitCode|stdout|stderr))$/.test(used)) say(`Only entry points print or end the process, not by ${used} here.`);
  });
}

/** TypeScript is used when an entry point or a test leads to it; a script when another file names it, or Pulumi finds it by its name. */
export function noDeadFiles(sources: readonly Source[]): Finding[] {
  const used = reachable(sources);
  const unused = sources.filter(({ path }) => path.endsWith('.ts') && !used.has(withoutEnding(path)));
  const unnamed = sources.filter((one) => isShell(one) && !/\/pulumi-resource-\w+$/.test(one.path) && !sources.some((other) => other !== one && other.text.includes(baseName(one.path))));
  return [...unused, ...unnamed].map((one) => finding(one, 1, 'Nothing uses this file.'));
}

/** main.ts of any folder, the Pulumi program, our package's face, and what the commands of package.json run. */
function entryPoints(sources: readonly Source[]): Set<string> {
  const commands = sources.find(({ path }) => path === 'package.json')?.text ?? '';
  const named = sources.filter(({ path }) => commands.includes(` ${path}"`));
  const known = sources.filter(({ path }) => /(?:^|\/)main\.ts$|^stacks\/index\.ts$|^sdks\/\w+\/index\.ts$|\.mjs$/.test(path));
  return new Set([...named, ...known].map(({ path }) => path));
}

function reachable(sources: readonly Source[]): Set<string> {
  const entries = entryPoints(sources);
  const starts = sources.filter(({ path }) => entries.has(path) || path.endsWith('.test.ts')).map(({ path }) => withoutEnding(path));
  return leadsTo(starts, allImports(sources));
}

/** The files that these lead to, with themselves. A folder stands for its index. */
function leadsTo(starts: readonly string[], imports: readonly Import[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [...starts];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const here = [next, `${next}/index`];
    if (!seen.has(next)) waiting.push(...imports.filter(({ source }) => here.includes(withoutEnding(source.path))).map(({ target }) => target));
    here.forEach((path) => seen.add(path));
  }
  return seen;
}

function allImports(sources: readonly Source[]): Import[] {
  const found: Import[] = [];
  for (const one of sources) {
    everyNode([one], (node) => {
      const name = importedName(node);
      if (name === null) return;
      const line = lineOf(node.getSourceFile(), node.getStart());
      found.push({ source: one, line, target: resolve(one.path, name), onlyTypes: isTypesOnly(node) });
    });
  }
  return found;
}

/** Of an import, an export from elsewhere, a type's import() and a call of import() or require(). */
function importedName(node: ts.Node): string | null {
  const named = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier
    : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) ? node.argument.literal
    : ts.isCallExpression(node) && /^(?:import|require)$/.test(node.expression.getText()) ? node.arguments[0]
    : undefined;
  return named !== undefined && ts.isStringLiteral(named) ? named.text : null;
}

function isTypesOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { isTypeOnly, name, namedBindings } = node.importClause;
  return isTypeOnly || (name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings) && namedBindings.elements.every((one) => one.isTypeOnly));
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
