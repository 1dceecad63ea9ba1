/** What is too long, too wide or too deep. */
import ts from 'typescript';
import { everyNode, finding, type Finding, isCode, lineOf, type Source } from './source';

const fileLinesMax = 250;
const functionLinesMax = 50;
const parametersMax = 4;
const nestingMax = 2;
const columnsMax = 120;

/** Files that are one on purpose. Each has a limit of its own, and a reason. */
const wholes: Readonly<Record<string, number>> = {
  // A hook is replaced as a whole where it runs, so it is read as a whole as well.
  'agent/hook/shims/pre-receive': 490,
};

export function shortFiles(sources: readonly Source[]): Finding[] {
  return sources.filter(isCode).flatMap((one) => {
    const lines = one.text.replace(/\n$/, '').split('\n').length;
    const linesMax = wholes[one.path] ?? fileLinesMax;
    return lines > linesMax
      ? [finding(one, linesMax + 1, `The file has ${lines} lines; at most ${linesMax} are allowed.`)]
      : [];
  });
}

/** No formatter breaks a literal, nor takes it away from what names it, nor the title of a test from its `test(`. */
const onlyLiteral = /^(?:return |(?:const|let) \w+ = |[\w.]+ = |\w+: |'\w+': )?''(?:[;,)]*| \\)$/;
const testTitle = /^(?:void |await |return )*(?:t\.)?(?:test|suite)\('',/;
const onlyAddress = /^(?:\/\/|\*|#) \S*https?:\/\/\S+$/;

/** sdks/ is as the tool that made it wrote it. */
export function narrowLines(sources: readonly Source[]): Finding[] {
  return sources
    .filter((one) => isCode(one) && !one.path.startsWith('sdks/'))
    .flatMap((one) =>
      wideLines(one.text)
        .filter(({ line, at }) => !isUnbreakable(withoutLiteral(line, at, literalsOf(one.tree))))
        .map(({ line, number }) =>
          finding(one, number, `The line has ${[...line].length} columns; at most ${columnsMax} are allowed.`),
        ),
    );
}

function wideLines(text: string): { readonly line: string; readonly at: number; readonly number: number }[] {
  let at = 0;
  return text
    .split('\n')
    .map((line, index) => {
      const start = at;
      at += line.length + 1;
      return { line, at: start, number: index + 1 };
    })
    .filter(({ line }) => [...line].length > columnsMax);
}

type Span = readonly [start: number, end: number];

function literalsOf(tree: ts.SourceFile | null): Span[] {
  const found: Span[] = [];
  const walk = (node: ts.Node): void => {
    const isLiteral = ts.isStringLiteral(node) || ts.isTemplateLiteral(node) || ts.isRegularExpressionLiteral(node);
    if (isLiteral) found.push([node.getStart(), node.end]);
    else ts.forEachChild(node, walk);
  };
  if (tree !== null) walk(tree);
  return found;
}

/** The line with its longest literal, or what of it lies here, as ''. In a shell a literal stands for itself. */
function withoutLiteral(line: string, at: number, literals: readonly Span[]): string {
  const here = literals
    .map(([start, end]) => [Math.max(start - at, 0), Math.min(end - at, line.length)] as const)
    .sort(([a, b], [c, d]) => d - c - (b - a));
  const [start, end] = here[0] ?? [0, 0];
  const left = end > start ? `${line.slice(0, start)}''${line.slice(end)}` : line.replace(/(["']).*\1/, "''");
  return left.trim();
}

function isUnbreakable(left: string): boolean {
  return onlyLiteral.test(left) || testTitle.test(left) || onlyAddress.test(left);
}

/** A test within a test counts for itself only, so that a scene may hold many. */
export function shortFunctions(sources: readonly Source[]): Finding[] {
  return everyNode(sources, (node, say) => {
    if (!isFunction(node)) return;
    const lines = linesOf(node) - innerTests(node).reduce((sum, inner) => sum + linesOf(inner), 0);
    if (lines > functionLinesMax) say(`The function has ${lines} lines; at most ${functionLinesMax} are allowed.`);
  });
}

function innerTests(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    const isTest = ts.isCallExpression(child) && /^(?:test|t\.test)$/.test(child.expression.getText());
    found.push(...(isTest ? [child] : innerTests(child)));
  });
  return found;
}

function linesOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  return lineOf(tree, node.end) - lineOf(tree, node.getStart()) + 1;
}

export function fewParameters(sources: readonly Source[]): Finding[] {
  return everyNode(sources, (node, say) => {
    const count = ts.isFunctionLike(node) ? node.parameters.length : 0;
    if (count > parametersMax) say(`There are ${count} parameters; at most ${parametersMax} are allowed.`);
  });
}

/**
 * Counts if, loops, switch and try around a statement within its own function; `else if` stays on the level of its
 * `if`.
 */
export function flatFunctions(sources: readonly Source[]): Finding[] {
  return everyNode(sources, (node, say) => {
    if (!isNesting(node)) return;
    const depth = depthOf(node);
    if (depth > nestingMax) say(`This is nested ${depth} levels deep; at most ${nestingMax} are allowed.`);
  });
}

function depthOf(node: ts.Node): number {
  let depth = 0;
  for (let at = node; !isFunction(at) && !ts.isSourceFile(at); at = at.parent) if (isNesting(at)) depth++;
  return depth;
}

function isNesting(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return !(ts.isIfStatement(node.parent) && node.parent.elseStatement === node);
  return ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node);
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}
