/**
 * Files of ours as bytes: each character of a text is one byte, and a sealed text ends with the checksum of what is
 * above.
 */
import { createHash } from 'node:crypto';

/** Text as the bytes of a file: paths and words that people read are text in Node, and may be more than ASCII. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The inverse of `toBytes`. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function checksum(content: string): string {
  return createHash('sha256').update(Buffer.from(content, 'latin1')).digest('hex');
}

/** Adds a last line with the checksum of all before it. */
export function seal(content: string): string {
  const body = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  return `${body}checksum ${checksum(body)}\n`;
}

/** The content without its checksum line; null when it is cut short or altered. */
export function unseal(sealed: string): string | null {
  const match = /(^|\n)checksum ([0-9a-f]{64})\n$/.exec(sealed);
  if (match === null) return null;
  const body = sealed.slice(0, match.index + (match[1] ?? '').length);
  return checksum(body) === match[2] ? body : null;
}
