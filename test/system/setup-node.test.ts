/** Where the machine's Node is too old, one is brought; and what an operator reads who types `pulumi` by hand there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { labFolder } from '../lab/folder';
import { startProcess } from '../lab/processes';
import { layOutProject } from '../lab/stack';
import { tools } from '../lab/toolchain';

const project = join(__dirname, '..', '..');

interface Scene {
  /** Puts an executable on PATH, before everything else. */
  readonly install: (name: string, text: string) => void;
  readonly setUp: (...args: string[]) => Promise<Result>;
  /** What is left in the cache, beside locks and known versions. */
  readonly cached: () => string[];
  readonly bin: string;
  /** A file is in the place of the cache. */
  readonly blockCache: () => void;
}

interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** A machine with this Node, which says that it is another one. */
function scene(t: TestContext, says: string): Scene {
  const lab = labFolder();
  t.after(() => lab.close());
  const bin = join(lab.path, 'bin');
  for (const folder of ['bin', 'scripts']) mkdirSync(join(lab.path, folder));
  for (const part of ['setup-node', 'node', 'cache'])
    cpSync(join(project, 'scripts', part), join(lab.path, 'scripts', part), { recursive: true });
  const install = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  install('node', `[ "$1" != --version ] || { echo ${says}; exit; }\nexec ${process.execPath} "$@"`);
  const cache = join(lab.path, '.cache', 'git-handover');
  return {
    bin,
    install,
    blockCache: () => writeFileSync(join(lab.path, '.cache'), ''),
    async setUp(...args) {
      const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: lab.path, LAB: lab.path };
      const started = startProcess('bash', [join(lab.path, 'scripts', 'setup-node'), ...args], { env });
      return { code: (await started.ended).code, output: started.output() };
    },
    cached: () => (existsSync(cache) ? readdirSync(cache).filter((name) => /^node-/.test(name)) : []),
  };
}

test('a Node on PATH that is new enough is used, and nothing is brought', async (t) => {
  const { setUp, cached, bin } = scene(t, 'v22.0.0');
  assert.deepEqual(await setUp(), { code: 0, output: `${bin}\n` });
  assert.deepEqual(cached(), []);
});

test('a link on PATH to a Node in a closed folder is no Node for other accounts', async (t) => {
  const { setUp, install, bin } = scene(t, 'v22.0.0');
  const closed = join(dirname(bin), 'closed');
  const version = `v99.${process.pid}.0`;
  install('real', `[ "$1" != --version ] || { echo ${version}; exit; }\nexec ${process.execPath} "$@"`);
  mkdirSync(closed);
  renameSync(join(bin, 'real'), join(closed, 'node'));
  chmodSync(closed, 0o700);
  for (const open of [dirname(bin), bin]) chmodSync(open, 0o755);
  rmSync(join(bin, 'node'));
  symlinkSync(join(closed, 'node'), join(bin, 'node'));
  const { code, output } = await setUp('--for-all');
  const place = output.trim();
  t.after(() => rmSync(place, { recursive: true, force: true }));
  assert.equal(code, 0);
  assert.match(place, new RegExp(`^/var/tmp/git-handover-node-\\d+/${version}$`));
  assert.equal(lstatSync(join(place, 'node')).isFile(), true);
});

test('a cache that cannot be written keeps nobody from a Node that is there', async (t) => {
  const { setUp, bin, blockCache } = scene(t, 'v22.0.0');
  blockCache();
  assert.deepEqual(await setUp(), { code: 0, output: `${bin}\n` });
});

test('a cache that cannot be written is said in one sentence where something must go there', async (t) => {
  const { setUp, blockCache } = scene(t, 'v20.0.0');
  blockCache();
  const { code, output } = await setUp();
  assert.equal(code, 3);
  assert.match(output, /^setup: Cannot write to the cache folder \S+\. Set XDG_CACHE_HOME to .*\n$/);
});

test('what npm brings instead of what is pinned is not run, and nothing of it stays', async (t) => {
  const { setUp, install, cached } = scene(t, 'v20.20.2');
  install('npm', 'for last in "$@"; do :; done\necho changed > "$(echo "$last" | tr @ -).tgz"');
  const { code, output } = await setUp();
  assert.equal(code, 3);
  assert.match(output, /bringing Node 24\.\d+\.\d+ as npm's node-linux-/);
  assert.match(output, /Cannot bring Node: what npm brought is not what scripts\/node\/package-lock\.json pins\. Ask /);
  assert.deepEqual(cached(), []);
});

test('an npm that cannot download says why, in its own words', async (t) => {
  const { setUp, install, cached } = scene(t, 'v20.20.2');
  // The real one says nothing at all when it is told to be silent.
  install('npm', 'case "$*" in *--silent*) exit 1 ;; esac\necho "npm error code ENOTFOUND" >&2; exit 1');
  const { code, output } = await setUp();
  assert.equal(code, 3);
  assert.match(
    output,
    /npm error code ENOTFOUND\nsetup: Cannot bring Node 24\.[\d.]+: npm does not download node-linux-/,
  );
  assert.deepEqual(cached(), []);
});

test('what is not pinned is not brought', async (t) => {
  const { code, output } = await scene(t, 'v22.0.0').setUp('linux-x64-15');
  assert.equal(code, 3);
  assert.match(output, /Cannot bring Node: nothing is pinned as linux-x64-15\. Name one of /);
});

test('under an older Node `pulumi` typed by hand says one sentence, and names the command that brings its own', async (t) => {
  const old = execFileSync('bash', [join(project, 'scripts', 'setup-node'), 'linux-x64-20'], { encoding: 'utf8' });
  const lab = labFolder();
  t.after(() => lab.close());
  const folder = layOutProject(join(lab.path, 'project'), {});
  const env = {
    PATH: `${dirname(old)}:${tools(project).pulumi}:/usr/bin:/bin`,
    HOME: lab.path,
    PULUMI_BACKEND_URL: `file://${lab.path}`,
    PULUMI_CONFIG_PASSPHRASE: 'passphrase',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  const pulumi = async (...args: string[]): Promise<Result> => {
    const started = startProcess('pulumi', [...args, '--stack', 'lab'], { env, cwd: folder });
    return { code: (await started.ended).code, output: started.output() };
  };
  const init = await pulumi('stack', 'init');
  assert.equal(init.code, 0, init.output);
  const { code, output } = await pulumi('preview');
  assert.notEqual(code, 0);
  const [, said = ''] = /Diagnostics:\n([^]*?)\n\nResources:/.exec(output) ?? [];
  assert.equal(
    said.replace(/^ +/gm, ''),
    `pulumi:pulumi:Stack (git-handover-lab):
error: Cannot run under Node 20.20.2: Pulumi needs Node 22 or newer.
Type \`npm run preview\` or \`npm run up\`, which bring one, or put a newer Node on PATH.`,
    output,
  );
});
