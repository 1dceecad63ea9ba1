/** A client of git's protocol that checks nothing: what an attacker sends, git itself would not. */
import { execFileSync, spawn } from 'node:child_process';
import * as path from 'node:path';
import type { Pair } from './pair';

export interface RawUpdate {
  readonly before: string;
  readonly after: string;
  /** Bytes as latin1 characters. */
  readonly name: string;
}

const capabilities = '\0report-status side-band-64k atomic';

/**
 * Sends these commands to receive-pack on old; answers all that it printed after its list of refs, as latin1
 * characters.
 */
export function rawPush(pair: Pair, updates: readonly RawUpdate[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home'), GIT_CONFIG_NOSYSTEM: '1' };
  const emptyPack = execFileSync('git', ['-C', pair.old, 'pack-objects', '--stdout', '--revs', '--quiet'], {
    input: '',
    env,
  });
  const commands = updates.map(({ before, after, name }, index) =>
    packet(`${before} ${after} ${name}${index === 0 ? capabilities : ''}`),
  );
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['receive-pack', pair.old], { env });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', () =>
      resolve(
        Buffer.concat(said)
          .toString('latin1')
          .replace(/^[\s\S]*?\n0000/, ''),
      ),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(Buffer.concat([...commands, Buffer.from('0000'), emptyPack]));
  });
}

function packet(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}
