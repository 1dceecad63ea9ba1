/**
 * Object ids as letters, so that a whole ref list reads as a picture. The same id is the same letter in one picture.
 */
export function letters(): (refs: string) => string {
  const known = new Map<string, string>();
  const letter = (oid: string): string => {
    const found = known.get(oid) ?? String.fromCharCode('A'.charCodeAt(0) + known.size);
    known.set(oid, found);
    return found;
  };
  return (refs) =>
    refs
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        line
          .replace(/[0-9a-f]{40}/g, letter)
          .replace(/^refs\/(heads|tags)\//, (_all, kind: string) => (kind === 'tags' ? 'tag:' : '')),
      )
      .join(', ');
}
