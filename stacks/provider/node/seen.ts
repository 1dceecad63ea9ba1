/** What one command sees of Node on old, and of what a Node that is copied there would meet. Pure. */
import { nodeFile } from '../../../agent/contract/commands';
import { quote } from '../../../agent/contract/shellword';
import type { ServerSettings } from '../ssh/address';

export interface NodeSeen {
  /** Of the one that is named, or of `node` on PATH: without the v; null where nothing printed one. */
  readonly version: string | null;
  /** What was printed instead. */
  readonly words: string;
  /** SHA-256 of the one in the agent's folder; null where there is none that may be run. */
  readonly copied: string | null;
  /** As `uname -m` prints it. */
  readonly machine: string;
  readonly library: Library;
  /** On the disk of the agent's folder, KiB; null where it is unknown. */
  readonly freeKib: number | null;
  /** No program runs from that disk. */
  readonly noexec: boolean;
  readonly gzip: boolean;
}

export type Library =
  | { readonly kind: 'glibc'; readonly major: number; readonly minor: number }
  | { readonly kind: 'musl' }
  | { readonly kind: 'unknown' };

/** Only `auto` and `push` look for the one on PATH: anything else names one. */
export function isCopying({ node }: Pick<ServerSettings, 'node'>): boolean {
  return node === 'auto' || node === 'push';
}

/** A script for old, a line for each thing. `folder` is the agent's as a shell word; it need not be there. */
export function lookScript(settings: ServerSettings, folder: string): string {
  const program = isCopying(settings) ? 'node' : quote(settings.node);
  const version = `words=$(${program} --version 2>&1); printf 'node %s\\n' "$words"`;
  const copied = `[ ! -x ${folder}/${nodeFile} ] || printf 'copied %s\\n' "$(sha256sum <${folder}/${nodeFile})"`;
  // Who names the copied one uses it.
  if (!isCopying(settings)) return `${version}; [ ${folder}/${nodeFile} -ef "$(command -v ${program})" ] || ${copied}`;
  return [
    version,
    `printf 'machine %s\\n' "$(uname -m)"`,
    // glibc itself says what it is when it is run.
    `printf 'library %s\\n' "$(getconf GNU_LIBC_VERSION 2>/dev/null || for f in /lib64/libc.so.6 /lib/*-linux-gnu/libc.so.6; do "$f" && break; done 2>/dev/null | head -n 1)"`,
    'for f in /lib/ld-musl-*; do [ ! -e "$f" ] || echo musl; done',
    `d=${folder}; while [ ! -d "$d" ]; do d=$(dirname "$d"); done`,
    `printf 'disk %s\\n' "$(df -Pk "$d" 2>/dev/null | tail -n 1)"`,
    `printf 'mount %s\\n' "$(findmnt -n -o OPTIONS -T "$d" 2>/dev/null)"`,
    '! command -v gzip >/dev/null 2>&1 || echo gzip',
    copied,
  ].join('; ');
}

export function parseSeen(stdout: string): NodeSeen {
  const line = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1]?.trim() ?? '';
  const words = line('node');
  const free = /^\S.*?\s\d+\s+\d+\s+(\d{1,15})\s+\d+%\s/.exec(line('disk'))?.[1];
  return {
    version: /^v?(\d+\.\d+\.\S+)$/.exec(words)?.[1] ?? null,
    words,
    copied: /^[0-9a-f]{64}(?= )/.exec(line('copied'))?.[0] ?? null,
    machine: line('machine'),
    library: parseLibrary(line('library'), /^musl$/m.test(stdout)),
    freeKib: free === undefined ? null : Number(free),
    noexec: line('mount').split(',').includes('noexec'),
    gzip: /^gzip$/m.test(stdout),
  };
}

/** `glibc 2.36` of getconf, `GNU C Library (…) stable release version 2.17` of glibc. Musl is known by its loader. */
function parseLibrary(words: string, hasMuslLoader: boolean): Library {
  const version = /^(?:glibc|GNU C Library .* release version) (\d+)\.(\d+)/.exec(words);
  if (version !== null) return { kind: 'glibc', major: Number(version[1]), minor: Number(version[2]) };
  return hasMuslLoader ? { kind: 'musl' } : { kind: 'unknown' };
}
