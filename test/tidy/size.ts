/** What is too long, too wide or too deep. */
import ts from 'typescript';
import { everyNode, finding, type Finding, isCode, lineOf, type Source } from './source';

const fileLinesMax = 250;
const functionLinesMax = 50;
const parametersMax = 4;
const nestingMax = 2;

export function shortFiles(sources: readonly Source[]): Finding[] {
  return sources.filter(isCode).flatMap((one) => {
    const lines = one.text.replace(/\n$/, '').split('\n').length;
    return lines > fileLinesMax
      ? [finding(one, fileLinesMax + 1, `The file has ${lines} lines; at most ${fileLinesMax} are allowed.`)]
      : [];
  });
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
