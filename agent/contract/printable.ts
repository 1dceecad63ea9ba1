/** What others wrote (GitLab, pushers, git) on its way to somebody's terminal. Pure. */

/**
 * C0 and C1 controls, which terminals obey, and marks that turn the direction of what stands beside them or cannot be
 * seen: a name would read as another one. Line breaks stay.
 */
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const unsafeEach = new RegExp(unsafe.source, 'g');

export function isPrintable(text: string): boolean {
  return !unsafe.test(text) && !text.includes('\n');
}

/** Each of them as the bytes of its UTF-8 form, `\x1b`: as refs show theirs. */
export function printable(words: string): string {
  return words.replace(unsafeEach, hexBytes);
}

/** Every text in a value that came as JSON. */
export function allPrintable<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map(allPrintable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, allPrintable(inner as unknown)])) as T;
}

function hexBytes(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
