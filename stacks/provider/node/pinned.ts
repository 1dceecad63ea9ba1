/** Node's own binary on this machine: scripts/setup-node fetches, checks and keeps it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { faults } from '../../../agent/contract/faults';

export interface Binary {
  readonly version: string;
  readonly content: Buffer;
  /** SHA-256. */
  readonly checksum: string;
  /** As it goes over the network, where old can unpack it. Made when it is first asked for. */
  packed(): Promise<Buffer>;
}

/** Of what the network saves most, at a third of the time. */
const level = 1;

/** `scripts` is the folder of setup-node, `pin` a name of scripts/node/package.json; `where` is for people. */
export async function pinnedNode(scripts: string, pin: string, where: string): Promise<Binary> {
  const content = await readFile(await fetched(scripts, pin, where));
  let packed: Promise<Buffer> | null = null;
  return {
    version: versionOf(scripts, pin),
    content,
    checksum: createHash('sha256').update(content).digest('hex'),
    packed: () => (packed ??= promisify(gzip)(content, { level })),
  };
}

function versionOf(scripts: string, pin: string): string {
  const lock = JSON.parse(readFileSync(join(scripts, 'node', 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  return lock.packages[`node_modules/${pin}`]?.version ?? '';
}

async function fetched(scripts: string, pin: string, where: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('bash', [join(scripts, 'setup-node'), pin]);
    return stdout.trim();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const last = (stderr ?? '').trim().split('\n').at(-1) ?? '';
    throw faults.nodeNotBrought({ where, words: last === '' ? message : last.replace(/^setup: /, '') });
  }
}
