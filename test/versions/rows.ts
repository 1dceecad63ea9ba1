/**
 * What an old server ran in each migration of the tier `versions`: one row, one migration. Versions are exact, and the
 * run asks old itself for them: a row that ran the machine's own programs would show nothing. README.md and
 * docs/operate/prepare.md show these rows.
 */

/** A release of Debian whose git and OpenSSH (its server, and the client that the agent calls) are taken. */
export interface Release {
  readonly name: string;
  /** As its packages are found. */
  readonly suite: string;
  readonly git: string;
  readonly openssh: string;
}

export interface Row {
  readonly release: Release;
  /** One that scripts/node/package.json pins for x64. */
  readonly node: string;
}

const bullseye: Release = { name: 'Debian 11', suite: 'bullseye', git: '2.30.2', openssh: '8.4p1' };
const bookworm: Release = { name: 'Debian 12', suite: 'bookworm', git: '2.39.5', openssh: '9.2p1' };
const trixie: Release = { name: 'Debian 13', suite: 'trixie', git: '2.47.3', openssh: '10.0p2' };
const sid: Release = { name: 'Debian unstable', suite: 'sid', git: '2.55.0', openssh: '10.6p1' };

/** A group is run by a file of its own, which has twenty minutes: more than two rows may take longer. */
export const rowsOf = {
  olderNodes: onBookworm('16.20.2', '18.20.8'),
  middleNodes: onBookworm('20.20.2', '22.23.5'),
  newerNodes: onBookworm('24.22.3', '26.12.1'),
  releases: [bullseye, trixie].map((release) => ({ release, node: '24.22.3' })),
  unstable: [{ release: sid, node: '24.22.3' }],
  together: [
    { release: bullseye, node: '16.20.2' },
    { release: sid, node: '26.12.1' },
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>;

export const rows: readonly Row[] = Object.values(rowsOf).flat();

function onBookworm(...nodes: readonly string[]): readonly Row[] {
  return nodes.map((node) => ({ release: bookworm, node }));
}

export function titleOf({ release, node }: Row): string {
  return `Node ${node}, git ${release.git}, OpenSSH ${release.openssh}: a repository goes through every phase, and once back`;
}
