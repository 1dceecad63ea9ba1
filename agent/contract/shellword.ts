/** One word of a command line for a POSIX shell. Pure. */

/** Plain words stay as they are. zx quotes for bash; servers may have only that sh. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}
