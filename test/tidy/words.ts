/** What may not be written at all. */
import ts from 'typescript';
import { everyNode, finding, type Finding, isCode, isShell, lineOf, type Source } from './source';

interface Comment {
  readonly source: Source;
  readonly line: number;
  readonly text: string;
}

export function noEscapesFromTypes(sources: readonly Source[]): Finding[] {
  return everyNode(sources, (node, say) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) say('any switches the types off; say what it is, or unknown.');
    if (ts.isNonNullExpression(node)) say('! hides a missing value; handle it.');
    if (ts.isPropertyDeclaration(node) && node.exclamationToken !== undefined)
      say('! hides a missing value; initialise it.');
    if (ts.isEnumDeclaration(node)) say('enum is not used here; a union of texts is.');
  });
}

export function noSilencedCompiler(sources: readonly Source[]): Finding[] {
  return comments(sources)
    .filter(({ text }) => /@ts-(?:ignore|nocheck|expect-error)/.test(text))
    .map((one) => say(one, 'The compiler may not be silenced.'));
}

export function reasonedExceptions(sources: readonly Source[]): Finding[] {
  return comments(sources)
    .filter(({ text }) => /\beslint-disable|^shellcheck disable=|^prettier-ignore/.test(text))
    .filter(({ text }) => !/\beslint-disable\S* [^-].* -- \w|^shellcheck disable=\S+ # \w/.test(text))
    .map((one) => say(one, 'An exception says why: `-- the reason` after the rule, `# The reason.` in a shell.'));
}

export function noUnfinishedWork(sources: readonly Source[]): Finding[] {
  return comments(sources)
    .filter(({ text }) => /\b(?:TODO|FIXME|XXX)\b/.test(text))
    .map((one) => say(one, 'Unfinished work belongs into an issue.'));
}

/** Code in a comment: it looks like a statement and parses as one. Prose ends with a full stop, or does not parse. */
export function noDisabledCode(sources: readonly Source[]): Finding[] {
  return comments(sources)
    .filter(({ source, text }) => !isShell(source) && /(?:;|\{|\}|\),?)$/.test(text) && parses(text))
    .map((one) => say(one, 'Code that is commented out is deleted.'));
}

/** The project must make sense on any machine. */
export function noPlaceOfThisMachine(sources: readonly Source[]): Finding[] {
  const places = [['', 'work', ''].join('/'), ['..', 'shared'].join('/'), ['"resolved"', ' "http'].join(':')];
  return sources.flatMap((one) =>
    one.text.split('\n').flatMap((line, index) => {
      const place = places.find((candidate) => line.includes(candidate));
      return place === undefined ? [] : [finding(one, index + 1, `${place} is true on one machine only.`)];
    }),
  );
}

function say({ source, line }: Comment, text: string): Finding {
  return finding(source, line, text);
}

function comments(sources: readonly Source[]): Comment[] {
  return sources
    .filter(isCode)
    .flatMap((one) => (one.tree === null ? hashComments(one) : typescriptComments(one, one.tree)));
}

function hashComments(one: Source): Comment[] {
  const starts = isShell(one) ? /(?:^|\s)#(.*)$/ : /(?:^|\s)\/\/(.*)$/;
  return one.text.split('\n').flatMap((line, index) => {
    const text = starts.exec(line)?.[1];
    return text === undefined ? [] : [{ source: one, line: index + 1, text: text.trim() }];
  });
}

/** One for each line of each comment. The scanner also finds comments that belong to no node. */
function typescriptComments(one: Source, tree: ts.SourceFile): Comment[] {
  const ranges = new Map<number, ts.CommentRange>();
  const collect = (node: ts.Node): void => {
    const all = [
      ...(ts.getLeadingCommentRanges(one.text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(one.text, node.end) ?? []),
    ];
    if (node.kind !== ts.SyntaxKind.JsxText) all.forEach((range) => ranges.set(range.pos, range));
    node.getChildren(tree).forEach(collect);
  };
  collect(tree);
  return [...ranges.values()].flatMap(({ pos, end }) =>
    one.text
      .slice(pos, end)
      .split('\n')
      .map((line, index) => ({
        source: one,
        line: lineOf(tree, pos) + index,
        text: line.replace(/^\s*(?:\/\/|\/\*+|\*(?!\/))|\*\/\s*$/g, '').trim(),
      })),
  );
}

function parses(text: string): boolean {
  const complete = text.endsWith('{') ? `${text}}` : text.replace(/^\}/, '');
  const { diagnostics = [] } = ts.transpileModule(complete, { reportDiagnostics: true });
  return complete.trim() !== '' && diagnostics.length === 0;
}
