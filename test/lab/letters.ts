/**
 * Names of commits, given when they are made, as git's own t5411 does: so an ending says which commit arrived. One
 * world has one registry.
 */
export class Letters {
  private readonly names = new Map<string, string>();
  private strangers = 0;

  /** A commit has one name, and a name one commit: else an ending would not say which one is there. */
  give(oid: string, name: string): void {
    const [known] = [...this.names].find(([other, given]) => (other === oid) !== (given === name)) ?? [];
    if (known !== undefined)
      throw new Error(`Cannot name ${oid} ${name}: ${known} is ${this.names.get(known) ?? 'named'} already.`);
    this.names.set(oid, name);
  }

  /** What nobody named is `?1`, `?2` …: the same one each time. */
  of(oid: string): string {
    const found = this.names.get(oid) ?? `?${(this.strangers += 1)}`;
    this.names.set(oid, found);
    return found;
  }

  /**
   * Lines of `ref oid` as one picture: `main A, tag:v1 B`. Of a ref that is no branch or tag the whole name is shown.
   */
  draw(refs: string): string {
    return refs
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        line
          .replace(/[0-9a-f]{40}$/, (oid) => this.of(oid))
          .replace(/^refs\/(heads|tags)\//, (_all, kind: string) => (kind === 'tags' ? 'tag:' : '')),
      )
      .join(', ');
  }
}
