/** What the formatters and linters of the project say of it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { projectSources, type Source, source } from './tidy/source';
import { type Complaint, eslint, lintKeys, prettier, shellcheck, shfmt } from './tidy/tools';

const project = join(__dirname, '..');
const sources = projectSources(project);

interface Tool {
  readonly run: (project: string, sources: readonly Source[]) => Promise<Complaint>;
  /** A file that it must complain of, and what it says then. */
  readonly bad: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const tools: Readonly<Record<string, Tool>> = {
  'Prettier has nothing to change (npm run format)': {
    run: prettier,
    bad: { 'a.ts': 'f( 1 )' },
    says: /a\.ts/,
  },
  'eslint has nothing to say (npm run lint)': {
    run: eslint,
    bad: { 'agent/a.ts': 'async function f(): Promise<void> {}\nf();\n' },
    says: /agent\/a\.ts[^]*no-floating-promises/,
  },
  'shfmt has nothing to change': {
    run: shfmt,
    bad: { a: '#!/bin/sh\nif true; then\necho a\nfi\n' },
    says: /\+ {2}echo a/,
  },
  'shellcheck has nothing to say': {
    run: shellcheck,
    bad: { a: '#!/bin/sh\necho $1\n' },
    says: /SC2086/,
  },
};

void suite('tools', { concurrency: true }, () => {
  for (const [promise, { run, bad, says }] of Object.entries(tools)) {
    test(promise, async () => {
      const complaint = await run(project, sources);
      if (complaint !== null) assert.fail(`\n${complaint}`);
    });

    test(`what breaks "${promise}" is found`, async (t) => {
      const complaint = await run(
        place(t, bad),
        Object.entries(bad).map(([path, text]) => source(path, text)),
      );
      assert.match(complaint ?? '', says);
    });
  }
});

/** A project of these files alone, with the settings and tools of ours. */
function place(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-tidy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const settings = [
    'node_modules',
    'scripts',
    'eslint.config.mjs',
    'tsconfig.json',
    '.editorconfig',
    '.prettierrc.json',
  ];
  settings.forEach((name) => symlinkSync(join(project, name), join(folder, name)));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test('a file is linted again when it, what it imports or a setting changes', () => {
  const files = {
    'a.ts': "import './b';",
    'b.ts': "import './c';",
    'c.ts': 'f();',
    'd.ts': 'g();',
    'eslint.config.mjs': '',
  };
  const keys = (changed: Partial<typeof files>): Map<string, string> =>
    lintKeys(Object.entries({ ...files, ...changed }).map(([path, text]) => source(path, text)));
  const changes = (changed: Partial<typeof files>): string[] =>
    [...keys(changed)].filter(([path, key]) => keys({}).get(path) !== key).map(([path]) => path);
  assert.deepEqual(changes({ 'c.ts': 'h();' }), ['a.ts', 'b.ts', 'c.ts']);
  assert.deepEqual(changes({ 'd.ts': 'h();' }), ['d.ts']);
  assert.deepEqual(changes({ 'eslint.config.mjs': 'x' }), ['a.ts', 'b.ts', 'c.ts', 'd.ts']);
});
