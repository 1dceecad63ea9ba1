/**
 * GitLab's webhooks by real `pulumi up`: made and taken away with the phase, with a secret that nobody reads, heard by
 * the agent on old.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { stateName } from '../../agent/contract/statename';
import { rest } from '../lab/gitlab/restclient';
import { freePort, until } from '../lab/processes';
import { filesWith } from './secrets';
import { expectDone, projectOf, startWalk, type Walk } from './walk';

const app = 'team/app.git';
const heardMs = 60_000;

interface Scene {
  readonly walk: Walk;
  readonly url: string;
  /** Pushes to GitLab as bob. */
  readonly push: (message: string) => Promise<void>;
}

test(
  'webhooks follow the phase, and their secret is made on old and read by nobody',
  { timeout: 900_000 },
  async (t) => {
    const scene = await begin(t);
    await t.test('mirror: nothing comes from GitLab, so there is no webhook', () => inMirror(scene));
    await t.test('both: switched on with it, the preview knows no secret yet, and GitLab has the webhook', () =>
      switchedOn(scene),
    );
    await t.test('the secret is in plain in its own file only, and nothing changed means silence', () =>
      secretKept(scene),
    );
    await t.test('a push to GitLab is heard, and old has it', () => heard(scene));
    await t.test('a lost secret is named in the preview, made again, and told to GitLab', () => secretLost(scene));
    await t.test('another renewSecret makes a new secret, and GitLab is told', () => secretRenewed(scene));
    await t.test('a certificate that is none and a port that is taken are refused in the preview', () =>
      cannotListen(scene),
    );
    await t.test('back in mirror the webhook is gone', () => backInMirror(scene));
  },
);

async function begin(t: TestContext): Promise<Scene> {
  const walk = await startWalk(t, { repositories: [app], people: ['ada', 'bob'] });
  const { lab } = walk;
  const [ada, bob] = [lab.person('ada'), lab.person('bob')];
  const first = await ada.clone(lab.oldUrl(app));
  await ada.commit(first, 'first');
  expectDone(await ada.git(first, 'push', 'origin', 'HEAD:refs/heads/main'));
  const clone = await bob.clone(lab.oldUrl(app));
  await bob.git(clone, 'remote', 'set-url', 'origin', lab.gitlabUrl(projectOf(app)));
  const push = async (message: string): Promise<void> => {
    await bob.commit(clone, message);
    expectDone(await bob.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  };
  return { walk, push, url: `http://127.0.0.1:${await freePort()}/hooks` };
}

async function hooks({ lab }: Walk): Promise<readonly Record<string, unknown>[]> {
  return (await rest(lab.gitlab, `GET /projects/${encodeURIComponent(projectOf(app))}/hooks`)) as unknown as Record<
    string,
    unknown
  >[];
}

function setWebhook({ lab }: Walk, webhook: Record<string, unknown> | undefined): void {
  lab.configure((settings) => ((settings['git-handover:agent'] as Record<string, unknown>)['webhook'] = webhook));
}

function secretFile({ lab }: Walk): string {
  return join(lab.agentFolder, 'ssh/webhook-secret');
}

async function inMirror({ walk, url }: Scene): Promise<void> {
  setWebhook(walk, { listen: new URL(url).host, url, allow: ['127.0.0.0/8'] });
  await walk.moveTo('mirror');
  assert.deepEqual(await hooks(walk), []);
  setWebhook(walk, undefined);
  expectDone(await walk.up());
  await walk.expectLevel(app);
}

async function switchedOn({ walk, url }: Scene): Promise<void> {
  rmSync(secretFile(walk));
  walk.choose('both');
  setWebhook(walk, { listen: new URL(url).host, url, allow: ['127.0.0.0/8'] });
  const preview = expectDone(await walk.preview('--diff'));
  // Of a secret that is not made yet the engine says [secret], as of any; that of 3.192 said [unknown].
  assert.match(
    preview.output,
    /\+ gitlab:index\/projectHook:ProjectHook: \(create\)[^]*?token +: \[(?:secret|unknown)\]/,
  );
  assert.doesNotMatch(preview.output, /warning/);
  expectDone(await walk.up());
  const made = await hooks(walk);
  assert.deepEqual(
    made.map((hook) => [hook['url'], hook['push_events'], hook['tag_push_events'], hook['name']]),
    [[`${url}/${stateName(walk.lab.old.repositoryPath(app))}`, true, true, 'git-handover']],
  );
}

async function secretKept({ walk }: Scene): Promise<void> {
  const secret = readFileSync(secretFile(walk), 'utf8').trim();
  assert.match(secret, /^[0-9a-f]{64}$/);
  const silent = expectDone(await walk.preview('--diff', '--expect-no-changes'));
  const state = expectDone(await walk.lab.pulumi('stack', 'export', '--stack', 'lab'));
  assert.match(state.output, /"webhookSecret": \{\s+"4dabf18193072939515e22adb298388d"/);
  for (const { output } of [silent, state]) assert.ok(!output.includes(secret));
  assert.deepEqual(filesWith(secret, [walk.lab.folder]), [secretFile(walk)]);
}

/** Waits until the listener took one: the agent may still be starting it. */
async function heard({ walk, push }: Scene): Promise<void> {
  const { deliveries } = walk.lab.gitlab;
  let pushes = 0;
  await until(
    'a webhook to be taken',
    async () => {
      deliveries.length = 0;
      await push(`push ${(pushes += 1)}`);
      await walk.lab.gitlab.settled();
      return deliveries.length > 0 && deliveries.every(({ status }) => status === 200);
    },
    heardMs,
    500,
  ).catch((thrown: unknown) => assert.fail(`${String(thrown)}: ${JSON.stringify(deliveries)}`));
  await walk.expectLevel(app);
}

async function secretLost(scene: Scene): Promise<void> {
  const { walk } = scene;
  const former = readFileSync(secretFile(walk), 'utf8');
  rmSync(secretFile(walk));
  const preview = expectDone(await walk.preview());
  assert.match(preview.output, /secret for webhooks is missing on the old server and will be made again/);
  assert.match(preview.output, /~ +gitlab:index:ProjectHook +team\/app\.git +update/);
  expectDone(await walk.up());
  assert.notEqual(readFileSync(secretFile(walk), 'utf8'), former);
  expectDone(await walk.preview('--expect-no-changes'));
  await heard(scene);
}

async function secretRenewed(scene: Scene): Promise<void> {
  const { walk, url } = scene;
  const former = readFileSync(secretFile(walk), 'utf8');
  const webhook = { listen: new URL(url).host, url, allow: ['127.0.0.0/8'], renewSecret: 'ada has left' };
  setWebhook(walk, webhook);
  assert.match(expectDone(await walk.preview()).output, /~ +gitlab:index:ProjectHook +team\/app\.git +update/);
  expectDone(await walk.up());
  const renewed = readFileSync(secretFile(walk), 'utf8');
  assert.notEqual(renewed.split('\n')[0], former.split('\n')[0]);
  expectDone(await walk.preview('--expect-no-changes'));
  await heard(scene);
  assert.equal(readFileSync(secretFile(walk), 'utf8'), renewed);
}

async function cannotListen({ walk, url }: Scene): Promise<void> {
  const good = { listen: new URL(url).host, url, allow: ['127.0.0.0/8'], renewSecret: 'ada has left' };
  const none = join(walk.lab.folder, 'none.pem');
  setWebhook(walk, { ...good, url: url.replace('http:', 'https:'), certificate: none, key: none });
  const unreadable = await walk.preview();
  assert.notEqual(unreadable.code, 0);
  assert.match(
    unreadable.output,
    /Cannot listen for webhooks: the account of the agent cannot read \S+none\.pem: ENOENT/,
  );
  setWebhook(walk, { ...good, listen: new URL(walk.lab.gitlab.url).host });
  const taken = await walk.preview();
  assert.notEqual(taken.code, 0);
  assert.match(
    taken.output,
    /Cannot listen for webhooks: 127\.0\.0\.1, port \d+, is not free on the old server: .*EADDRINUSE/,
  );
  setWebhook(walk, good);
  expectDone(await walk.preview('--expect-no-changes'));
}

async function backInMirror({ walk }: Scene): Promise<void> {
  await walk.moveTo('mirror');
  assert.deepEqual(await hooks(walk), []);
  await walk.expectLevel(app);
}
