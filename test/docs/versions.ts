/** What the tier `versions` tried on old, as tables of pages. */
import { rows } from '../versions/rows';
import { table } from './page';

/** One line, one migration. */
export function triedTable(): string[] {
  return table(
    ['Node', 'git', 'OpenSSH', 'git and OpenSSH are those of'],
    rows.map(({ node, release }) => [node, release.git, release.openssh, release.name]),
  );
}

/** Each program with all its versions, for a first look. */
export function triedVersions(): string[] {
  const tried: Readonly<Record<string, readonly string[]>> = {
    Node: rows.map(({ node }) => node),
    git: rows.map(({ release }) => release.git),
    OpenSSH: rows.map(({ release }) => release.openssh),
  };
  return table(
    ['on old', 'versions tried'],
    Object.entries(tried).map(([program, versions]) => [program, inOrder(versions).join(', ')]),
  );
}

function inOrder(versions: readonly string[]): string[] {
  return [...new Set(versions)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
