/**
 * Why runs of `pulumi up` failed, by their sentence: an operator who waits must have been told of something that does
 * not pass by itself. Pure.
 */
export class FailedUps {
  private readonly counts = new Map<string, number>();

  note(code: number | null, output: string): void {
    const kind = kindOf(code, output);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  count(): number {
    return [...this.counts.values()].reduce((sum, one) => sum + one, 0);
  }

  /** The most frequent first. */
  lines(): string[] {
    return [...this.counts]
      .sort(([, one], [, other]) => other - one)
      .map(([kind, count]) => `${String(count).padStart(4)}  ${kind}`);
  }
}

/** Not what was only waited for. */
function sentenceOf(output: string): string {
  const lines = output.split('\n').filter((line) => !/Trying again\.$/.test(line));
  const found = (pattern: RegExp): string | undefined =>
    lines.flatMap((line) => pattern.exec(line)?.[0] ?? []).find((one) => one !== 'error: update failed');
  return found(/Cannot .*/) ?? found(/error: .*/) ?? 'no word';
}

/** The sentence without what differs from one run to the next. */
export function kindOf(code: number | null, output: string): string {
  if (code === null) return 'it was killed';
  if (/the stack is currently locked/.test(output))
    return 'the stack was locked by another one, or one that was killed';
  return sentenceOf(output)
    .replace(/refs\/\S+/g, 'a ref')
    .replace(/\/\S+?(?=[,;:.]?(?:\s|$))/g, 'a path')
    .replace(/\b[0-9a-f]{40}\b/g, 'a value')
    .replace(/\S+@\S+?(?=[,;:.]?(?:\s|$))/g, 'old')
    .replace(/\d+/g, 'n')
    .slice(0, 160);
}
