/** Pages of which parts are made from the code: what stands between two markers is replaced. Pure. */

export interface Part {
  /** Relative to the project. */
  readonly page: string;
  /** What it is made from, as the marker says it: a file or a folder. */
  readonly from: string;
  /** Lines of Markdown. */
  readonly make: () => readonly string[];
}

export function openingMarker({ from }: Pick<Part, 'from'>): string {
  return `<!-- made from ${from} by npm run docs -->`;
}

const closingMarker = '<!-- end -->';

/** The page with this part as it is now. Throws where the page has no place for it. */
export function fill(text: string, part: Part): string {
  const opening = openingMarker(part);
  const start = text.indexOf(opening);
  const end = text.indexOf(closingMarker, start);
  if (start === -1 || end === -1)
    throw new Error(`Cannot fill ${part.page}: it has no ${opening} with a ${closingMarker} after it.`);
  return `${text.slice(0, start + opening.length)}\n\n${part.make().join('\n')}\n\n${text.slice(end)}`;
}

/** A table whose cells may hold anything. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

/** Outside of code `<` would begin a tag. */
function cell(text: string): string {
  return text
    .trim()
    .split(/(`[^`]*`)/)
    .map((piece, index) => (index % 2 === 0 ? piece.replaceAll('<', '&lt;') : piece))
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll('\n', '<br>');
}

export interface Page {
  readonly path: string;
  readonly text: string;
}

/** The pages that are not what the code says, as they should be. */
export function stalePages(parts: readonly Part[], read: (path: string) => string): Page[] {
  return [...new Set(parts.map(({ page }) => page))].flatMap((path) => {
    const before = read(path);
    const text = parts.filter(({ page }) => page === path).reduce(fill, before);
    return text === before ? [] : [{ path, text }];
  });
}
