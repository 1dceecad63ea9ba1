/** What may not be wrong in pages: links, anchors, names of files and commands, wide lines, and pages nobody finds. */
import { dirname, join } from 'node:path/posix';
import { finding, type Finding, type Source } from './source';

const columnsMax = 120;
/** Written by a tool (test/bench/page.ts). */
const madeWhole = ['BENCHMARKS.md'];

interface Line {
  readonly source: Source;
  readonly line: number;
  readonly text: string;
}

interface Link extends Line {
  /** The page or file that it leads to, relative to the project. */
  readonly target: string;
  readonly anchor: string | null;
}

export function linksLead(sources: readonly Source[]): Finding[] {
  const anchors = new Map(sources.filter(isPage).map((page) => [page.path, anchorsOf(page)]));
  return links(sources).flatMap((link) => {
    if (!isThere(sources, link.target)) return [say(link, `There is no ${link.target}.`)];
    if (link.anchor === null || anchors.get(link.target)?.has(link.anchor) === true) return [];
    const known = [...(anchors.get(link.target) ?? [])].join(', ');
    return [say(link, `${link.target} has no heading with the anchor ${link.anchor}; it has ${known}.`)];
  });
}

export function pagesAreFound(sources: readonly Source[]): Finding[] {
  const pages = sources.filter(isPage);
  const all = links(sources);
  const seen = new Set(['README.md']);
  for (const page of seen) all.filter(({ source }) => source.path === page).forEach(({ target }) => seen.add(target));
  return pages
    .filter(({ path }) => !seen.has(path))
    .map((page) => finding(page, 1, 'No link leads here from README.md.'));
}

/** Only what stands in code spans: a path below a folder of ours, a test's file, a command of package.json. */
export function namesExist(sources: readonly Source[]): Finding[] {
  const commands = sources.find(({ path }) => path === 'package.json')?.text ?? '';
  return codeSpans(sources).flatMap((span) => {
    const [, command] = /npm run (?:--silent )?([\w:-]+)/.exec(span.text) ?? [];
    if (command !== undefined && !commands.includes(`"${command}":`))
      return [say(span, `package.json has no command ${command}.`)];
    return pathsIn(span.text)
      .filter((path) => !isThere(sources, path))
      .map((path) => say(span, `There is no ${path}.`));
  });
}

function pathsIn(text: string): string[] {
  if (/[*{<…]/.test(text)) return [];
  const ours = text.match(/(?<![\w/.~-])(?:agent|stacks|scripts|test|sdks|docs)\/[\w./-]*\w/g) ?? [];
  return [...ours, ...(/^[\w-]+\.test\.ts$/.test(text) ? [text] : [])];
}

/** `name` of `file.ts`: the file still holds that name. */
export function namesStand(sources: readonly Source[]): Finding[] {
  return withNext(sources).flatMap((one) =>
    [...one.text.matchAll(/`(\w+)` of\s+`([\w./-]+\.(?:ts|sh))`/g)].flatMap(([, name = '', path = '']) => {
      const file = sources.find((candidate) => candidate.path === path);
      return file === undefined || new RegExp(`\\b${name}\\b`).test(file.text)
        ? []
        : [say(one, `${path} has no ${name}.`)];
    }),
  );
}

/** Tables and code blocks cannot be wrapped. */
export function narrowPages(sources: readonly Source[]): Finding[] {
  return proseLines(sources.filter(({ path }) => !madeWhole.includes(path)))
    .filter(({ text }) => text.length > columnsMax && !text.startsWith('|'))
    .map((one) => say(one, `The line has ${one.text.length} columns; at most ${columnsMax} are allowed.`));
}

function isPage({ path }: Source): boolean {
  return path.endsWith('.md');
}

/** A file, or a folder that holds some. */
function isThere(sources: readonly Source[], path: string): boolean {
  const folder = `${path.replace(/\/$/, '')}/`;
  return sources.some((one) => one.path === path || one.path.startsWith(folder));
}

function links(sources: readonly Source[]): Link[] {
  return proseLines(sources).flatMap((one) =>
    [...one.text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to = '']) => to)
      .filter((to) => !/^[a-z]+:/.test(to))
      .map((to) => {
        const [path = '', anchor] = to.split('#');
        const target = path === '' ? one.source.path : join(dirname(one.source.path), path);
        return { ...one, target, anchor: anchor ?? null };
      }),
  );
}

function codeSpans(sources: readonly Source[]): Line[] {
  return proseLines(sources).flatMap((one) =>
    [...one.text.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ ...one, text })),
  );
}

/** As GitHub makes them. */
function anchorsOf(page: Source): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseLines([page])) {
    const [, heading] = /^#{1,6} (.*)$/.exec(text) ?? [];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = plain.replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-');
    let count = 0;
    while (anchors.has(count === 0 ? name : `${name}-${count}`)) count += 1;
    anchors.add(count === 0 ? name : `${name}-${count}`);
  }
  return anchors;
}

/** Each line with what the next one begins with: a name may stand at the end of one and its file on the next. */
function withNext(sources: readonly Source[]): Line[] {
  const lines = proseLines(sources);
  return lines.map((one, index) => {
    const next = lines[index + 1];
    const [begin = ''] = next?.source === one.source ? (/^\s*(?:of\s+)?(?:`[\w./-]+`)?/.exec(next.text) ?? []) : [];
    return { ...one, text: `${one.text}\n${begin}` };
  });
}

/** Without what stands in code blocks. */
function proseLines(sources: readonly Source[]): Line[] {
  return sources.filter(isPage).flatMap((page) => {
    let isCode = false;
    return page.text.split('\n').flatMap((text, index) => {
      const isFence = /^\s*```/.test(text);
      if (isFence) isCode = !isCode;
      return isFence || isCode ? [] : [{ source: page, line: index + 1, text }];
    });
  });
}

function say({ source, line }: Line, text: string): Finding {
  return finding(source, line, text);
}
