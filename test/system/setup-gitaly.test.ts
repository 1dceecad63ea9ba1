import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { labFolder } from '../lab/folder';
import { startProcess } from '../lab/processes';

const project = join(__dirname, '..', '..');

interface Result {
  readonly code: number | null;
  readonly output: string;
  /** What is left in the cache, beside the file of the lock. */
  readonly cached: readonly string[];
}

/** Runs the set-up on a machine with the usual programs and this Go, or none. */
async function setUp(t: TestContext, go: string | null, ...args: string[]): Promise<Result> {
  const lab = labFolder();
  t.after(() => lab.close());
  for (const folder of ['bin', 'scripts']) mkdirSync(join(lab.path, folder));
  for (const part of ['setup-gitaly', 'debian-package', 'cache'])
    cpSync(join(project, 'scripts', part), join(lab.path, 'scripts', part));
  if (go !== null) writeFileSync(join(lab.path, 'bin', 'go'), go);
  if (go !== null) chmodSync(join(lab.path, 'bin', 'go'), 0o755);
  const env = { PATH: `${lab.path}/bin:/usr/bin:/bin`, HOME: lab.path };
  const started = startProcess('bash', [join(lab.path, 'scripts', 'setup-gitaly'), ...args], { env });
  const { code } = await started.ended;
  const cache = join(lab.path, '.cache', 'git-handover');
  mkdirSync(cache, { recursive: true });
  return { code, output: started.output(), cached: readdirSync(cache).filter((name) => !name.endsWith('.lock')) };
}

test(
  'without Go, one sentence says what to install, and nothing is left behind',
  { skip: existsSync('/usr/bin/go') ? 'this machine has Go among its usual programs' : false },
  async (t) => {
    const { code, output, cached } = await setUp(t, null);
    assert.deepEqual([code, cached], [3, []]);
    assert.match(output, /Cannot build Gitaly: go is missing\. Install Go/);
  },
);

test('who only asks whether Gitaly is there gets no answer, no error and no download', async (t) => {
  assert.deepEqual(await setUp(t, null, '--cached'), { code: 0, output: '', cached: [] });
});

test('a module with another checksum than the one that is known is not built', async (t) => {
  const { code, output, cached } = await setUp(t, `#!/bin/sh\necho '\t"Sum": "h1:other",'\n`);
  assert.deepEqual([code, cached], [3, []]);
  assert.match(output, /its module has another checksum than h1:/);
});

test('a download that fails is told in the words of Go, with what to do', async (t) => {
  const { code, output, cached } = await setUp(t, '#!/bin/sh\necho "dial tcp: no route to host" >&2\nexit 1\n');
  assert.deepEqual([code, cached], [3, []]);
  assert.match(output, /no route to host[^]*Cannot build Gitaly \(go mod\)\. Mend what Go says above/);
});
