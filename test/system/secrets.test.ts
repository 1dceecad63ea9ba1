/**
 * Secrets are looked for in the state, on old, in what is printed and in the list of processes while the real pulumi
 * runs.
 */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Lab, startLab } from '../lab/lab';
import { freePort } from '../lab/processes';
import { around, filesWith, watchProcesses, type Watch } from './secrets';

const app = 'team/app.git';

/** The line of a private key that is its own: the first ones are alike in all keys. */
function keyLine(file: string): string {
  return readFileSync(file, 'utf8').split('\n')[3] ?? '';
}

interface Run {
  readonly output: string;
  readonly watch: Watch;
}

async function watched(lab: Lab, secrets: readonly string[], ...args: string[]): Promise<Run> {
  const started = lab.beginPulumi(...args);
  const watch = watchProcesses(lab.folder, secrets);
  await started.ended;
  watch.stop();
  return { output: started.output(), watch };
}

test(
  'tokens, private keys and the secret of webhooks are in no state, log, output, command line or environment where they do not belong',
  { timeout: 900_000 },
  async (t) => {
    const lab = await startLab({ repositories: [app], people: ['ada'] });
    const listen = `127.0.0.1:${await freePort()}`;
    lab.configure(
      (settings) =>
        ((settings['git-handover:agent'] as Record<string, unknown>)['webhook'] = { listen, url: `http://${listen}` }),
    );
    t.after(() => lab.close());
    const token = lab.env['GITLAB_TOKEN'] ?? '';
    // As docs/design/security.md says. The engine masks in its own log what it knows as a secret: a token in the
    // environment alone it does not know.
    assert.equal((await lab.pulumi('config', 'set', '--secret', 'gitlab:token', token, '--stack', 'lab')).code, 0);
    const operatorKey = keyLine(lab.old.operatorKey);
    const ada = lab.person('ada');
    const clone = await ada.clone(lab.oldUrl(app));
    await ada.commit(clone, 'first');
    await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main');
    const runs = [await watched(lab, [token, operatorKey], 'up', '--yes', '--skip-preview', '--stack', 'lab')];
    const deployKey = keyLine(join(lab.agentFolder, 'ssh/id_ed25519'));
    const webhookFile = join(lab.agentFolder, 'ssh/webhook-secret');
    const webhookSecret = readFileSync(webhookFile, 'utf8').trim();
    const secrets = [token, operatorKey, deployKey, webhookSecret];
    for (const [phase, ...flags] of [
      ['mirror', '--verbose=3', '--logtostderr'],
      ['both', '--diff'],
    ] as const) {
      lab.configure((settings) => (settings['git-handover:phase'] = phase));
      runs.push(await watched(lab, secrets, 'up', '--yes', '--stack', 'lab', ...flags));
      await ada.commit(clone, phase);
      await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main');
    }
    // A rename takes all of it at once, whatever a tick writes meanwhile.
    renameSync(join(lab.agentFolder, 'repositories'), join(lab.folder, 'lost'));
    lab.configure((settings) => (settings['git-handover:phase'] = 'retired'));
    runs.push(await watched(lab, secrets, 'up', '--yes', '--stack', 'lab'));

    await t.test('the runs did their work, and the last one failed', () => {
      const [first, mirror, both, failed] = runs.map(({ output }) => output);
      assert.match(both ?? '', /projectHook:ProjectHook: \(create\)[^]*?token +: \[secret\]/);
      for (const output of [first, mirror, both]) assert.doesNotMatch(output ?? '', /error:/, output?.slice(-2000));
      assert.match(failed ?? '', /error:/);
    });
    await t.test('the search finds what is there', () => {
      const planted = join(lab.folder, 'planted');
      writeFileSync(planted, Buffer.from(`x: ${token}!`).toString('base64'));
      assert.deepEqual(filesWith(token, [lab.folder]).includes(planted), true);
      rmSync(planted);
      assert.ok(
        runs.every(({ watch }) => watch.own.size > 0),
        'pulumi itself has the token in its environment',
      );
    });
    await t.test('files: the token in none, each other secret only in its own', () => {
      assert.deepEqual(
        filesWith(token, [lab.folder]).filter((file) => !file.startsWith(join(lab.folder, 'gitlab'))),
        [],
      );
      assert.deepEqual(filesWith(operatorKey, [lab.folder]), [lab.old.operatorKey]);
      assert.deepEqual(filesWith(deployKey, [lab.folder]), [join(lab.agentFolder, 'ssh/id_ed25519')]);
      assert.deepEqual(filesWith(webhookSecret, [lab.folder]), [webhookFile]);
      for (const file of ['ssh/id_ed25519', 'ssh/webhook-secret'])
        assert.equal(statSync(join(lab.agentFolder, file)).mode & 0o777, 0o600);
    });
    await t.test('what is printed, with errors and with --verbose', () => {
      // Pulumi's debug log shows what resources answer, as docs/design/security.md says: the secret of webhooks is one
      // of these answers.
      const silent = (secret: string): Run[] =>
        secret === webhookSecret ? runs.filter((_, index) => index !== 1) : runs;
      assert.deepEqual(
        secrets.flatMap((secret) => silent(secret).flatMap(({ output }) => around(output, secret) ?? [])),
        [],
      );
    });
    await t.test('processes: none shows a secret, and nothing but pulumi and its plugins inherits one', () => {
      for (const { watch } of runs) assert.deepEqual([[...watch.shown], [...watch.inherited]], [[], []]);
    });
  },
);
