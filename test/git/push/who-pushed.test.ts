/** Who pushed what is lost: sshd tells its hooks the key where it is set up for that. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { startSshd } from '../../lab/sshd';
import { branch, repair, start } from '../kit/damaged';
import type { Pair } from '../kit/pair';
import { looseFile } from '../kit/spoil';

/** A key of ada's, and the fingerprint by which people know it. */
function makeKey(pair: Pair, name: string): { file: string; fingerprint: string } {
  const file = path.join(pair.folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return {
    file,
    fingerprint: execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '',
  };
}

for (const [exposed, said] of [
  ['yes', ' by somebody with the key KEY at 127.0.0.1'],
  ['no', ' by 127.0.0.1'],
] as const) {
  test(`behind one account, with ExposeAuthInfo ${exposed}, what is lost is named with ${exposed === 'yes' ? 'the key and the address' : 'the address'} that pushed it`, async (t) => {
    const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
    const { file, fingerprint } = makeKey(pair, 'ada-key');
    const authorizedKeys = path.join(pair.folder, 'people-keys');
    fs.copyFileSync(`${file}.pub`, authorizedKeys);
    const sshd = await startSshd({
      folder: path.join(pair.folder, 'people-sshd'),
      authorizedKeys,
      env: { HOME: path.join(pair.folder, 'home') },
      extraConfig: [`ExposeAuthInfo ${exposed}`],
    });
    t.after(() => sshd.stop());
    const { clone } = await branch(pair, 'work');
    fs.writeFileSync(path.join(clone, 'new.bin'), randomBytes(5_000));
    await pair.must(clone, 'add', '.');
    const newer = await pair.commit(clone, 'only on old');
    const blob = (await pair.must(clone, 'rev-parse', 'HEAD:new.bin')).trim();
    const user = new URL(pair.config.gitlabUrl).username;
    await pair.must(
      clone,
      '-c',
      `core.sshCommand=ssh -F none -i ${file} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`,
      'push',
      '--quiet',
      `ssh://${user}@127.0.0.1:${sshd.port}${pair.old}`,
      'HEAD:work',
    );
    fs.rmSync(looseFile(pair, blob));
    const { text } = await repair(pair, false);
    const line = text.split('\n').find((found) => found.includes(newer)) ?? assert.fail(text);
    assert.match(
      line,
      new RegExp(`: pushed \\d{4}-[^ ]*${said.replace('KEY', fingerprint.replace(/[+/]/g, '.'))}; written by Ada`),
    );
  });
}
