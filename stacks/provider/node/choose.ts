/** Which Node runs the agent on old. Pure. */
import { nodeMajorMin } from '../../../agent/contract/commands';
import { faults } from '../../../agent/contract/faults';
import { address, type ServerSettings } from '../ssh/address';
import type { Library, NodeSeen } from './seen';

export type Choice =
  | { readonly kind: 'there'; readonly program: string }
  /** `pin`: its name in scripts/node/package.json. `why`: as the preview says it. */
  | { readonly kind: 'copy'; readonly pin: string; readonly why: string };

/** What Node's own binaries ask of glibc (BUILDING.md of Node 24 and of 16). */
const newest = { major: 24, least: '2.28' };
const oldest = { major: 16, least: '2.17' };
/** Of npm's packages, by what `uname -m` prints. */
const packages: Readonly<Record<string, string>> = { x86_64: 'linux-x64', aarch64: 'linux-arm64' };

/** Throws where neither is possible: nothing works without Node. */
export function chooseNode(settings: ServerSettings, seen: NodeSeen): Choice {
  const { node } = settings;
  if (node === 'push') return { kind: 'copy', pin: pinFor(settings, seen), why: '`server.node` says so' };
  if (node !== 'auto') return named(settings, seen);
  if (isEnough(seen.version)) return { kind: 'there', program: 'node' };
  const why = seen.version === null ? 'there is none on PATH' : `the one on PATH is ${seen.version}`;
  return { kind: 'copy', pin: pinFor(settings, seen), why };
}

function isEnough(version: string | null): boolean {
  return version !== null && Number(version.split('.')[0]) >= nodeMajorMin;
}

function named(settings: ServerSettings, { version, words }: NodeSeen): Choice {
  if (isEnough(version)) return { kind: 'there', program: settings.node };
  const where = address(settings);
  if (version !== null) throw faults.oldNode({ where, majorMin: nodeMajorMin, found: version });
  throw faults.noNode({ where, words: words.slice(-200), copied: false });
}

function pinFor(settings: ServerSettings, { machine, library }: NodeSeen): string {
  const where = address(settings);
  const name = packages[machine];
  if (name === undefined) throw faults.nodeMachine({ where, machine });
  const release = [newest, oldest].find(({ least }) => runsOn(library, least));
  if (release === undefined) throw faults.nodeLibrary({ where, library: show(library), least: oldest.least });
  return `${name}-${release.major}`;
}

/** Where nobody says what it is, the oldest is tried: it runs wherever a newer one would. */
function runsOn(library: Library, least: string): boolean {
  if (library.kind === 'musl') return false;
  if (library.kind === 'unknown') return least === oldest.least;
  const [major = 0, minor = 0] = least.split('.').map(Number);
  return library.major > major || (library.major === major && library.minor >= minor);
}

function show(library: Library): string {
  if (library.kind !== 'glibc') return library.kind;
  const { major, minor } = library;
  return `glibc ${major}.${minor}`;
}
