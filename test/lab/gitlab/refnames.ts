/** Names of branches and tags: patterns of protections, and names that GitLab refuses. Pure. */

/** GitLab's own refs, which nobody sets by git: those that nobody sees, and those that are shown. */
export const hiddenRefs = ['refs/keep-around', 'refs/remotes', 'refs/tmp'] as const;
export const readOnlyRefs = ['refs/merge-requests', 'refs/pipelines', 'refs/environments'] as const;

export function branchName(ref: string): string | null {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
}

export function tagName(ref: string): string | null {
  return ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : null;
}

/** Only `*` is special; it matches `/` too, and case counts. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(name);
}

export function isRefusedBranch(name: string): boolean {
  return /^[0-9a-f]{40}(-?\/|$)/i.test(name);
}

export function isRefusedTag(name: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?/i.test(name);
}

export function hasRefusedTagPrefix(name: string): boolean {
  return name.startsWith('refs/tags/');
}
