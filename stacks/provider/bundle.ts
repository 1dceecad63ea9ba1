/** The agent's files here and on the old server: what differs is copied, what is equal is left alone. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../../agent/contract/faults';
import { agentFile } from '../../agent/contract/commands';
import { quote } from '../../agent/contract/shellword';
import { lookScript, type NodeSeen, parseSeen } from './node/seen';
import type { Connection } from './ssh/ssh';
import { address } from './ssh/address';

export interface BundleFile {
  /** Path below the agent's folder. */
  readonly name: string;
  readonly content: Buffer;
  readonly checksum: string;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  readonly agent: Buffer;
  /** Short checksum of everything, for people. */
  readonly checksum: string;
}

/** `dist` is the folder that `npm run build` fills. */
export function readBundle(dist: string): Bundle {
  const shims = join(dist, 'shims');
  if (!existsSync(join(dist, agentFile)) || !existsSync(shims)) throw faults.notBuilt({ dist });
  const names = [
    agentFile,
    ...readdirSync(shims)
      .sort()
      .map((name) => `shims/${name}`),
  ];
  const files = names.map((name) => fileOf(name, readFileSync(join(dist, name))));
  const [agent] = files;
  return {
    files,
    agent: agent?.content ?? Buffer.alloc(0),
    checksum: sha256(files.map(({ name, checksum }) => `${checksum} ${name}\n`).join('')).slice(0, 12),
  };
}

function fileOf(name: string, content: Buffer): BundleFile {
  return { name, content, checksum: sha256(content) };
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What lies on the server, seen by one remote command. */
export interface Look {
  /** Name below the agent's folder to checksum; files that lost their execute bit are left out. */
  readonly checksums: ReadonlyMap<string, string>;
  readonly installed: boolean;
  readonly node: NodeSeen;
}

export async function look(connection: Connection, signal: AbortSignal): Promise<Look> {
  const node = lookScript(connection.settings, connection.folder);
  const script = `${node}; cd ${connection.folder} 2>/dev/null || exit 0; for f in shims/*; do [ ! -f "$f" ] || [ -x "$f" ] || echo "plain $f"; done; sha256sum ${agentFile} shims/* 2>/dev/null; exit 0`;
  const { stdout } = await connection.run(script, { withinMs: 120_000, signal });
  const plain = new Set([...stdout.matchAll(/^plain (.+)$/gm)].map(([, name]) => name));
  const checksums = new Map(
    [...stdout.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)]
      .map(([, sum = '', name = '']) => [name, sum] as const)
      .filter(([name]) => !plain.has(name)),
  );
  return { checksums, installed: checksums.has(agentFile), node: parseSeen(stdout) };
}

export function outdated(bundle: Bundle, { checksums }: Look): readonly BundleFile[] {
  return bundle.files.filter(({ name, checksum }) => checksums.get(name) !== checksum);
}

/** A running hook keeps the file that it began with: each file is replaced by a rename. */
export async function upload(connection: Connection, file: BundleFile, signal: AbortSignal): Promise<void> {
  const target = `${connection.folder}/${quote(file.name)}`;
  const mode = file.name.startsWith('shims/') ? '755' : '644';
  const script = `umask 022; mkdir -p ${connection.folder}/shims && cat > ${target}.new && chmod ${mode} ${target}.new && mv -f ${target}.new ${target}`;
  const { code, stderr } = await connection.run(script, { stdin: file.content, withinMs: 120_000, signal });
  if (code !== 0)
    throw faults.upload({
      name: file.name,
      where: address(connection.settings),
      folder: connection.settings.folder,
      words: stderr,
    });
}
