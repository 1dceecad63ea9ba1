import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { labFolder } from '../lab/folder';
import { type Started, startProcess, until } from '../lab/processes';
import { isAlive, running } from '../lab/processtree';
import { tools } from '../lab/toolchain';

const project = join(__dirname, '..', '..');

/** Writes its arguments down, and what `go build` would make; waits before that while the file `slow` exists. */
const compiler = `#!/bin/sh
[ "$1" = env ] && { echo go1.26.6; exit; }
echo "$*" >> "$LAB/builds"
while [ -e "$LAB/slow" ]; do sleep 0.02; done
while [ "$1" != -o ]; do shift; done
touch "$2/pulumi" "$2/pulumi-language-nodejs" && chmod +x "$2"/*
`;

interface Scene {
  readonly path: string;
  readonly cache: string;
  /** Puts an executable on PATH. */
  readonly install: (name: string, text: string) => void;
  readonly setUp: (script?: string) => Started;
  readonly builds: () => number;
}

/** A machine with the usual programs, but without Go and Pulumi. */
function scene(t: TestContext): Scene {
  const lab = labFolder();
  t.after(() => lab.close());
  const { path } = lab;
  const bin = join(path, 'bin');
  mkdirSync(bin);
  mkdirSync(join(path, 'scripts'));
  for (const part of ['setup-pulumi', 'pulumi', 'setup-node', 'node', 'cache'])
    cpSync(join(project, 'scripts', part), join(path, 'scripts', part), { recursive: true });
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: path, GOROOT: join(path, 'none'), LAB: path };
  return {
    path,
    cache: join(path, '.cache', 'git-handover'),
    install(name, text) {
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    },
    setUp: (script = 'setup-pulumi') => startProcess('bash', [join(path, 'scripts', script)], { env }),
    builds: () =>
      existsSync(join(path, 'builds')) ? readFileSync(join(path, 'builds'), 'utf8').trim().split('\n').length : 0,
  };
}

async function answer(started: Started): Promise<string> {
  const { code } = await started.ended;
  assert.equal(code, 0, started.output());
  return started.output().trim().split('\n').at(-1) ?? '';
}

test('without Pulumi and Go, one sentence says what to install', async (t) => {
  const setUp = scene(t).setUp();
  assert.equal((await setUp.ended).code, 3);
  assert.match(
    setUp.output(),
    /^setup: Cannot run Pulumi: there is neither pulumi \d+\.\d+\.\d+ or newer on PATH nor Go to build it\. Install Pulumi .* or Go .*\n$/,
  );
});

test('a Pulumi on PATH is used when it is new enough and has its language host, else one is built', async (t) => {
  const { path, install, setUp, builds } = scene(t);
  install('go', compiler);
  install('pulumi', '#!/bin/sh\necho v3.200.1\n');
  assert.match(await answer(setUp()), /\.cache\/git-handover\/pulumi-3\.276\.0-/);
  install('pulumi-language-nodejs', '#!/bin/sh\n');
  assert.equal(await answer(setUp()), join(path, 'bin'));
  install('pulumi', '#!/bin/sh\necho "v3.99.0 (an old one)"\n');
  assert.match(await answer(setUp()), /\.cache\/git-handover\/pulumi-3\.276\.0-/);
  assert.equal(builds(), 2);
});

test('two set-ups at once build Pulumi once, and both get it', async (t) => {
  const { path, install, setUp, builds } = scene(t);
  install('go', compiler);
  writeFileSync(join(path, 'slow'), '');
  const both = [setUp(), setUp()];
  await until('the build to begin', () => builds() === 1);
  unlinkSync(join(path, 'slow'));
  const folders = await Promise.all(both.map(answer));
  assert.equal(folders[0], folders[1]);
  assert.equal(builds(), 2);
});

test('a set-up that is killed in the middle leaves nothing that the next one takes for a result', async (t) => {
  const { path, cache, install, setUp, builds } = scene(t);
  install('go', compiler);
  writeFileSync(join(path, 'slow'), '');
  const killed = setUp();
  await until('the build to begin', () => builds() === 1);
  process.kill(killed.pid, 'SIGKILL');
  await until('the set-up to be gone', () => !isAlive(killed.pid));
  unlinkSync(join(path, 'slow'));
  await until('its compiler to end', () => running(join(path, 'bin', 'go')).length === 0);
  const folder = await answer(setUp());
  assert.deepEqual(readdirSync(folder).sort(), ['pulumi', 'pulumi-language-nodejs']);
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.includes('building')),
    [],
  );
  assert.equal(builds(), 3);
});

test('the lab says what to run when set-up was not', async (t) => {
  const { path } = scene(t);
  assert.throws(() => tools(path), {
    message: `Cannot use the lab as it was not set up: ${path}/dist/toolchain.json is missing. Run: npm run setup`,
  });
});
