/** How a mistake is planted: a piece of source text is replaced by another, so nothing in the product knows of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file, whatever its lines. */
  readonly from: string;
  readonly to: string;
}

/**
 * The text that is replaced must be there once: else the mistake was not planted, and would seem to survive. How it is
 * broken into lines does not matter.
 */
export function plant(source: string, { file, from, to }: Edit): string {
  const places = [...source.matchAll(anyLayout(from))];
  const [place] = places;
  if (places.length !== 1 || place === undefined)
    throw new Error(
      `Cannot plant a mistake in ${file}: its text must be there once, and is there ${places.length} times: ` +
        JSON.stringify(from),
    );
  return `${source.slice(0, place.index)}${to}${source.slice(place.index + place[0].length)}`;
}

/** Plants all of them below `root`. */
export function plantInto(root: string, edits: readonly Edit[]): void {
  for (const edit of edits) {
    const path = join(root, edit.file);
    writeFileSync(path, plant(readFileSync(path, 'utf8'), edit));
  }
}

/**
 * Matches the same words and signs with any white space between them, and with or without a comma before a bracket that
 * closes.
 */
function anyLayout(text: string): RegExp {
  const parts = text.match(/[\w$]+|[^\s\w$]/g) ?? [];
  const patterns = parts.map((part) => `${/[)\]}]/.test(part) ? ',?\\s*' : ''}${part.replace(/\W/g, '\\$&')}`);
  return new RegExp(patterns.join('\\s*'), 'g');
}
