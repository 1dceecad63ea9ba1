import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { tools } from '../../lab/toolchain';
import { run, type Seen } from '../kit/command';
import { assertLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

interface Desk {
  readonly pair: Pair;
  readonly command: (name: string, ...args: string[]) => Promise<Seen>;
  /** As somebody in the folder of Pulumi.yaml types it, without --cwd. */
  readonly here: (name: string) => Promise<Seen>;
  /** Another repository in the stack's configuration. */
  readonly configureAlso: (name: string) => void;
  /** The phase that the stack asks for. */
  readonly setting: () => string;
}

interface Stack {
  readonly config: { readonly 'git-handover:repositories': { readonly 'app.git': { readonly phase: string } } };
}

/** A stack whose old server is reached through the pair's sshd, with the agent's own key. */
async function start(t: TestContext): Promise<Desk> {
  const pair = await pairIn(t, 'old');
  const project = path.join(pair.folder, 'project');
  const stackFile = path.join(project, 'Pulumi.test.yaml');
  fs.mkdirSync(project);
  fs.symlinkSync(path.join(tools().project, 'scripts'), path.join(project, 'scripts'));
  fs.writeFileSync(path.join(project, 'Pulumi.yaml'), 'name: git-handover\nruntime: nodejs\n');
  fs.writeFileSync(stackFile, JSON.stringify({ config: configOf(pair) }));
  const env = {
    ...process.env,
    HOME: path.join(pair.folder, 'home'),
    PULUMI_HOME: path.join(pair.folder, 'pulumi'),
    PULUMI_BACKEND_URL: `file://${project}`,
    PULUMI_CONFIG_PASSPHRASE: 'x',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  const pulumi = path.join(tools().pulumi, 'pulumi');
  const made = await run(pulumi, ['stack', 'init', 'test', '--cwd', project, '--non-interactive'], {
    cwd: project,
    env,
  });
  assert.equal(made.code, 0, made.output);
  const script = (name: string): string => path.join(tools().project, 'scripts', `${name}.ts`);
  return {
    pair,
    command: (name, ...args) =>
      run(process.execPath, ['--import', 'tsx', script(name), '--cwd', project, '--stack', 'test', ...args], {
        cwd: tools().project,
        env,
      }),
    here: (name) =>
      run('bash', [path.join(project, 'scripts/with-setup'), `scripts/${name}.ts`, '--stack', 'test'], {
        cwd: project,
        env: { ...env, PATH: `${tools().pulumi}:${process.env['PATH'] ?? ''}` },
      }),
    configureAlso(name) {
      const file = parse(fs.readFileSync(stackFile, 'utf8')) as Stack;
      Object.assign(file.config['git-handover:repositories'], { [name]: {} });
      fs.writeFileSync(stackFile, JSON.stringify(file));
    },
    setting: () =>
      (parse(fs.readFileSync(stackFile, 'utf8')) as Stack).config['git-handover:repositories']['app.git'].phase,
  };
}

function configOf(pair: Pair): Record<string, unknown> {
  const { port, hostKey } = pair.sshd;
  const privateKeyFile = path.join(pair.agentFolder, 'ssh/id_ed25519');
  return {
    'git-handover:server': {
      host: '127.0.0.1',
      port,
      user: os.userInfo().username,
      hostKeys: [hostKey],
      privateKeyFile,
      root: path.dirname(pair.old),
      folder: pair.agentFolder,
      node: process.execPath,
    },
    'git-handover:gitlab': { url: 'https://gitlab.example.org', sshHostKeys: [hostKey], group: { path: 'team' } },
    'git-handover:repositories': { 'app.git': { phase: 'refuse' } },
  };
}

test('status and verify exit 0 only while nobody has to decide and both sides are equal', async (t) => {
  const { pair, command, here } = await start(t);
  await pair.move('mirror');
  const well = await command('status');
  assert.equal(well.code, 0, well.output);
  assert.match(well.output, /REPOSITORY +PHASE +EPOCH +LAG .*\napp\.git +mirror +2 +- +0 +0 +\d+ (ms|s) ago +-\n$/);
  assert.deepEqual(
    [(await command('verify')).code, (await command('verify', 'app.git')).output],
    [0, 'app.git  1 refs  equal\n'],
  );
  assert.deepEqual(
    (await here('status')).output.split('\n')[0]?.split(/  +/),
    well.output.split('\n')[0]?.split(/  +/),
    'the folder of Pulumi.yaml needs no --cwd',
  );
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.commit(stranger, 'A');
  await pair.must(stranger, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  const troubled = await command('status');
  assert.equal(troubled.code, 2);
  assert.match(troubled.output, /app\.git: refs\/heads\/main is conflict since .*\n {2}Somebody wrote to GitLab/);
  const differing = await command('verify', '--json');
  assert.equal(differing.code, 2);
  fs.appendFileSync(path.join(pair.state, 'state'), 'x');
  assert.equal((await command('verify')).code, 3, 'a repository that cannot be looked at is not equal');
  assert.equal(
    (JSON.parse(differing.output) as { repositories: { differences: { ref: string }[] }[] }).repositories[0]
      ?.differences[0]?.ref,
    'refs/heads/main',
  );
});

test('a repository that is configured and that the agent does not look at is not well', async (t) => {
  const { pair, command, configureAlso } = await start(t);
  assert.equal((await command('status')).code, 0);
  configureAlso('lib.git');
  const lib = path.join(path.dirname(pair.old), 'lib.git');
  for (const name of ['status', 'verify']) {
    const { code, output } = await command(name);
    assert.notEqual(code, 0, output);
    assert.match(
      output,
      new RegExp(`Cannot say how ${lib} is: it is configured, and the agent does not look at it\\.\\s+Run .pulumi up.`),
    );
  }
  assert.equal((await command('status', 'app.git')).code, 0, 'who asks for one is answered for that one');
  await pair.must(pair.folder, 'init', '--quiet', '--bare', lib);
  await pair.call('attach', { config: { ...pair.config, path: lib, project: 'team/lib' } });
  assert.equal((await command('status')).code, 0, 'after `pulumi up` it is well');
});

test('resolve shows first, and settles with a reason', async (t) => {
  const { pair, command } = await start(t);
  await pair.move('mirror');
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.commit(stranger, 'A');
  await pair.must(stranger, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  const shown = await command('resolve', 'app.git', 'refs/heads/main', '--keep', 'gitlab');
  assert.deepEqual([shown.code, /Would keep GitLab's/.test(shown.output)], [0, true], shown.output);
  assert.match(shown.output, /To do it, add --reason and --yes\.\n$/);
  const meant = await command('resolve', 'app.git', 'refs/heads/main', '--keep', 'gitlab', '--reason', 'was meant');
  assert.match(meant.output, /To do it, add --yes\.\n$/);
  const printed = (await command('status')).output.match(/npm run resolve .*/g) ?? [];
  const sides = printed.map((line) =>
    /^npm run resolve -- --stack test --cwd \S+ \S+ refs\/heads\/main --keep (\w+)/.exec(line),
  );
  assert.deepEqual(
    sides.map((match) => match?.[1]),
    ['old', 'gitlab', 'both'],
    'each is a command of its own, and names the stack',
  );
  assert.equal((await command('resolve', 'app.git', 'refs/heads/main', '--keep', 'gitlab', '--yes')).code, 2);
  const done = await command(
    'resolve',
    'app.git',
    'refs/heads/main',
    '--keep',
    'gitlab',
    '--reason',
    'was meant',
    '--yes',
  );
  assert.equal(done.code, 0, done.output);
  await assertLevel(pair, 'main A');
  assert.equal((await command('resolve', 'app.git', 'refs/heads/main', '--keep', 'gitlab')).code, 4);
});

test('retire and restore change nothing without --yes, and change the stack with it', async (t) => {
  const { pair, command, setting } = await start(t);
  for (const phase of ['mirror', 'both', 'warn', 'refuse'] as const) await pair.move(phase);
  const dry = await command('retire', 'app.git');
  assert.deepEqual([dry.code, setting(), fs.existsSync(pair.old)], [0, 'refuse', true], dry.output);
  assert.match(
    dry.output,
    /Would set in the stack: pulumi config set --stack test --cwd \S+ --path 'git-handover:repositories\["app\.git"\]\.phase' retired/,
  );
  const retired = await command('retire', 'app.git', '--yes', '--who', 'ada');
  assert.deepEqual([retired.code, fs.existsSync(pair.old), setting()], [0, false, 'retired'], retired.output);
  assert.equal((await command('retire', 'app.git', '--yes')).code, 4);
  const restored = await command('restore', 'app.git', '--yes');
  assert.deepEqual([restored.code, fs.existsSync(pair.old), setting()], [0, true, 'refuse'], restored.output);
  await assertLevel(pair, 'main S1');
});

test('repair says first what would come back, then brings it back; --state needs the phase, and rebuilds nothing that can be read', async (t) => {
  const { pair, command } = await start(t);
  await pair.move('mirror');
  const healthy = await command('repair', 'app.git');
  assert.equal(healthy.code, 4, healthy.output);
  const tree = (await pair.must(pair.old, 'rev-parse', 'main')).trim();
  fs.rmSync(path.join(pair.old, 'objects', tree.slice(0, 2), tree.slice(2)));
  const dry = await command('repair', 'app.git');
  assert.equal(dry.code, 0, dry.output);
  assert.match(dry.output, /Would come back[\s\S]*Nothing was changed\. To do it, add --yes\./);
  const done = await command('repair', 'app.git', '--yes');
  assert.match(done.output, /Everything that the refs need is here now\./);
  assert.match(
    (await command('repair', 'app.git', '--state')).output,
    /--phase takes one of .*, and is missing\.\nThe stack asks for refuse/,
  );
  assert.equal((await command('repair', 'app.git', '--state', '--phase', 'mirror', '--yes')).code, 4);
  fs.rmSync(path.join(pair.state, 'state'));
  const lost = await command('status');
  assert.deepEqual(
    [lost.code, /npm run repair -- --stack test --cwd \S+ <repository> --state --phase <phase>/.test(lost.output)],
    [3, true],
    lost.output,
  );
  assert.match(
    (await command('repair', 'app.git', '--state', '--phase', 'both')).output,
    /the agent's log says mirror since/,
  );
});

test('a mistake in the arguments, an unknown repository and an unreachable server say what to do, each with its exit code', async (t) => {
  const { pair, command } = await start(t);
  assert.deepEqual([(await command('status', '--help')).code, (await command('status', '--loud')).code], [0, 2]);
  const unknown = await command('retire', 'other.git');
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /the stack's repositories are app\.git/);
  await pair.sshd.stop();
  const unreachable = await command('status', '--json');
  assert.equal(unreachable.code, 3);
  // What is waited for is on the other stream.
  const answer = unreachable.output.slice(unreachable.output.indexOf('{'));
  assert.equal((JSON.parse(answer) as { fault: { code: string } }).fault.code, 'unreachable');
});
