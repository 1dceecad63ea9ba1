/** The project's own files as the rules see them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Null for what is not TypeScript. */
  readonly tree: ts.SourceFile | null;
}

export interface Finding {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** A rule looks at all files at once, since some rules are about how files hang together. */
export type Rule = (sources: readonly Source[]) => Finding[];

export function source(path: string, text: string): Source {
  const tree = path.endsWith('.ts') ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) : null;
  return { path, text, tree };
}

/** Everything that git tracks or would track; not what is installed or built, and not data. */
export function projectSources(project: string): Source[] {
  const listed = execFileSync('git', ['-C', project, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  const paths = [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(project, path)));
  return paths.map((path) => source(path, readFileSync(join(project, path), 'utf8')));
}

export function isShell({ path, text }: Source): boolean {
  return path.endsWith('.sh') || /^#!.*\b(?:ba)?sh\b/.test(text);
}

export function isCode(one: Source): boolean {
  return /\.(?:ts|mjs|cjs|js)$/.test(one.path) || isShell(one);
}

export function finding({ path }: Source, line: number, text: string): Finding {
  return { path, line, text };
}

export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `visit` for every node of every TypeScript file. */
export function everyNode(
  sources: readonly Source[],
  visit: (node: ts.Node, say: (text: string) => void) => void,
): Finding[] {
  const found: Finding[] = [];
  for (const one of sources) {
    const { tree } = one;
    if (tree === null) continue;
    const walk = (node: ts.Node): void => {
      visit(node, (text) => found.push(finding(one, lineOf(tree, node.getStart()), text)));
      ts.forEachChild(node, walk);
    };
    walk(tree);
  }
  return found;
}
