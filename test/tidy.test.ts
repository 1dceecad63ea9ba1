import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as errors from './tidy/errors';
import * as imports from './tidy/imports';
import * as size from './tidy/size';
import { projectSources, type Rule, source } from './tidy/source';
import * as words from './tidy/words';
import * as writers from './tidy/writers';

interface Case {
  readonly rule: Rule;
  /** Files by path: the rule must find something in each set of `bad`, and nothing in `good`. */
  readonly bad: readonly Readonly<Record<string, string>>[];
  readonly good: Readonly<Record<string, string>>;
}

/** Written in pieces, or the rules would find them here. */
const dots = '@ts' + '-ignore';
const off = 'eslint' + '-disable';
const wide = 'w'.repeat(121);
const lines = (count: number): string => 'x();\n'.repeat(count);

const cases: Readonly<Record<string, Case>> = {
  'files have at most 250 lines': {
    rule: size.shortFiles,
    bad: [{ 'a.ts': lines(251) }, { 'agent/hook/shims/hook': `#!/bin/sh\n${lines(250)}` }],
    good: { 'a.ts': lines(250), 'README.md': lines(900) },
  },
  'lines have at most 120 columns': {
    rule: size.narrowLines,
    bad: [
      { 'a.ts': `f(${wide}, ${wide});` },
      { 'a.ts': `f('${wide}', 1);` },
      { 'a.ts': `// ${wide} ${wide}` },
      { 'a.ts': `const a = 'b'; // '${wide}'` },
      { 'a.mjs': `f(${wide});` },
      { 'a.sh': `fail "${wide}" "b"` },
      { 'a.sh': `# see https://a.example/${wide} and more` },
    ],
    good: {
      'a.ts': `f(\n  '${wide}',\n);\nconst a = \`${wide} \${b('c')}\`;`,
      'a2.ts': `return /${wide}/;\nconst d = {\n  e: '${wide}',\n};`,
      'b.ts': `void test('${wide}', async (t) => {});\n// https://a.example/${wide}\nconst c = \`\n${wide}\n\`;`,
      'c.ts': `${'x'.repeat(119)};`,
      'd.sh': `fail \\\n  "${wide}" \\\n  "b"`,
      'README.md': wide,
    },
  },
  'functions have at most 50 lines': {
    rule: size.shortFunctions,
    bad: [{ 'a.ts': `function f() {\n${lines(49)}}` }, { 'a.ts': `test('x', () => {\n${lines(49)}});` }],
    good: {
      'a.ts': `function f() {\n${lines(48)}}`,
      'b.ts': `test('scene', (t) => { ${`t.test('x', () => {\n${lines(40)}});`.repeat(3)} });`,
    },
  },
  'functions have at most four parameters': {
    rule: size.fewParameters,
    bad: [{ 'a.ts': 'const f = (a, b, c, d, e) => 1;' }, { 'a.ts': 'class A { constructor(a, b, c, d, e) {} }' }],
    good: { 'a.ts': 'function f(a, b, c, d) {}' },
  },
  'functions are nested at most two levels deep': {
    rule: size.flatFunctions,
    bad: [
      { 'a.ts': 'function f() { for (;;) { if (a) { try { b(); } catch { c(); } } } }' },
      { 'a.ts': 'const f = () => { while (a) if (b) if (c) d(); };' },
    ],
    good: {
      'a.ts': 'function f() { for (;;) { if (a) b(() => { if (c) d(); }); else if (e) g(); else if (h) i(); } }',
    },
  },
  'no any, no !, no enum': {
    rule: words.noEscapesFromTypes,
    bad: [
      { 'a.ts': 'const a: any = 1;' },
      { 'a.ts': 'f(a as any);' },
      { 'a.ts': 'a!.b();' },
      { 'a.ts': 'class A { b!: string }' },
      { 'a.ts': 'enum A { b }' },
    ],
    good: { 'a.ts': 'const any = !a && b !== c;' },
  },
  'the compiler is not silenced': {
    rule: words.noSilencedCompiler,
    bad: [{ 'a.ts': `// ${dots}\nf(1);` }, { 'a.ts': `f(\n  /* ${dots} */ 1);` }],
    good: { 'a.ts': `const a = '// ${dots}';` },
  },
  'a lint exception carries its reason': {
    rule: words.reasonedExceptions,
    bad: [
      { 'a.ts': `// ${off}-next-line a-rule\nf(1);` },
      { 'a.ts': `/* ${off} */\nf(1);` },
      { 'a.sh': `# shellcheck ${'disable'}=SC2086\nf $1` },
      { 'a.ts': `// ${'prettier'}-ignore\nf(1);` },
    ],
    good: {
      'a.ts': `// ${off}-next-line a-rule -- the reason\nf('${off}');`,
      'b.sh': `# shellcheck ${'disable'}=SC2086 # The reason.\nf $1`,
    },
  },
  'no unfinished work': {
    rule: words.noUnfinishedWork,
    bad: [
      { 'a.ts': '/** Works.\n * TODO: really? */' },
      { 'a.sh': 'f # FIXME' },
      { 'a.mjs': '// XXX' },
      { 'a.ts': 'function f() {\n  // TODO\n}' },
    ],
    good: { 'a.ts': "f('TODO');" },
  },
  'no code that is commented out': {
    rule: words.noDisabledCode,
    bad: [{ 'a.ts': '// f(1);\nf(2);' }, { 'a.ts': 'f(); // g();' }, { 'a.ts': '/*\nif (a) {\n*/' }],
    good: { 'a.ts': '/** Calls f (see there); never twice. */\n// The lock is taken (by the kernel)\nf();' },
  },
  'nothing of one machine': {
    rule: words.noPlaceOfThisMachine,
    bad: [
      { 'README.md': ['See ', '/shared/x'].join('..') },
      { 'package-lock.json': ['"resolved"', ' "https://r.example/a.tgz"'].join(':') },
    ],
    good: { 'README.md': 'work/shared' },
  },
  'a room imports what its row in test/tidy/rooms.ts allows': {
    rule: imports.rooms,
    bad: [
      { 'agent/rules/a.ts': "import { b } from '../sync/b';" },
      { 'agent/rules/a.ts': "import type { b } from '../machine/b';" },
      { 'agent/sync/a.ts': "import { createHash } from 'node:crypto';" },
      { 'agent/git/a.ts': "export * from '../repository/a';" },
      { 'agent/hook/a.ts': "const a = await import('../resident/serve');" },
      { 'agent/verbs/a.ts': "import '../main';" },
      { 'stacks/a.ts': "import { pass } from '../agent/sync/pass';" },
      { 'stacks/provider/a.ts': "const a = await import('../../agent/git/git');" },
      { 'stacks/a.ts': "import '../test/lab/old';" },
      { 'scripts/a.ts': "export * from '../test/a';" },
      { 'agent/contract/a.ts': "import '../../stacks/config';" },
      { 'test/simulation/a.ts': "import { openGit } from '../../agent/git/git';" },
      { 'test/simulation/a.ts': "import { startLab } from '../lab/lab';" },
      { 'test/unit/rules/a.test.ts': "import { spawn } from 'node:child_process';" },
      { 'test/unit/rules/a.test.ts': "import { writeFileSync } from 'node:fs';" },
      { 'test/unit/a.test.ts': "import { openJournal } from '../../agent/repository/journal';" },
      { 'test/history/a.ts': "import { Simulation } from '../simulation/simulation';" },
    ],
    good: {
      'agent/rules/a.ts':
        "import { b } from './b';\nimport { c } from '../contract/c';\nimport { createHash } from 'node:crypto';",
      'agent/verbs/a.ts': "import '../install/a';\nimport { $ } from 'zx';",
      'stacks/a.ts': "import { phases } from '../agent/contract/phase';",
      'scripts/a.ts': "import '../stacks/config';",
      'test/a.ts': "import { pass } from '../agent/sync/pass';",
      'test/simulation/a.ts': "import '../random';\nimport '../history/check';\nimport '../../agent/sync/pass';",
      'test/unit/sync/a.test.ts': "import { test } from 'node:test';\nimport { a } from '../../../agent/sync/a';",
    },
  },
  'no file leads back to itself': {
    rule: imports.noCircles,
    bad: [
      { 'a.ts': "import './b';", 'b.ts': "import type { A } from './a';" },
      { 'a.ts': "import './b';", 'b.ts': "import './c';", 'c.ts': "export * from './a';" },
    ],
    good: { 'a.ts': "import './b';\nimport './c';", 'b.ts': "import './c';", 'c.ts': '' },
  },
  'node-ssh is used in the provider only': {
    rule: imports.sshOnlyInTheProvider,
    bad: [{ 'agent/a.ts': "import { NodeSSH } from 'node-ssh';" }],
    good: { 'stacks/provider/a.ts': "import { NodeSSH } from 'node-ssh';" },
  },
  'one file of the agent runs git': {
    rule: imports.oneFileRunsGit,
    bad: [
      { 'agent/a.ts': "spawn('git', ['gc']);" },
      { 'agent/a.ts': 'await $`git gc`;' },
      { 'agent/a.ts': "run('nice', ['git', 'gc']);" },
    ],
    good: {
      'agent/git/gitprocess.ts': "spawn('git', []);",
      'test/a.ts': "spawn('git', []);",
      'agent/a.ts': "f({ user: 'git' }, 1); a.includes('git'); const needed = ['git', 'ssh'];",
    },
  },
  'what lies in a repository is changed through one door': writers.oneDoor,
  'only entry points print or end the process': {
    rule: imports.onlyEntryPointsSpeak,
    bad: [
      { 'agent/a.ts': 'process.exit(1);' },
      { 'stacks/a.ts': "console.log('x');" },
      { 'test/a.ts': "process.stdout.write('x');" },
    ],
    good: {
      'agent/main.ts': 'process.exit(1);',
      'scripts/a.ts': 'console.log(1);',
      'package.json': '"a": "bash scripts/with-setup scripts/a.ts"',
    },
  },
  'errors are worded in the catalogue': {
    rule: errors.oneCatalogue,
    bad: [
      { 'agent/git/a.ts': "throw new HandoverError({ code: 'a', message: 'b', next: 'c', exit: 2 });" },
      { 'scripts/a.ts': "throw asError({ code: 'a', message: 'b', next: 'c', exit: 2 });" },
      { 'stacks/a.ts': "import { mistake } from '../agent/contract/fault';" },
    ],
    good: {
      'agent/contract/afaults.ts': "import { mistake } from './fault';\nnew HandoverError(fault);",
      'agent/git/a.ts': 'throw faults.held({ path });\nthrow asError(fault);\nerror instanceof HandoverError;',
      'scripts/a.ts': "import type { Listed } from '../agent/contract/fault';",
    },
  },
  'a message says what is so': {
    rule: errors.saysWhatIsSo,
    bad: [
      { 'agent/a.ts': "'Cannot level a.git as its lock must be free: a pass keeps it.'" },
      { 'scripts/a.sh': 'echo "Cannot go on as git is missing."' },
    ],
    good: { 'agent/a.ts': "'Cannot level a.git: a pass keeps its lock as long as it must.'" },
  },
  'no dead files': {
    rule: imports.noDeadFiles,
    bad: [
      { 'agent/main.ts': "import './a';", 'agent/a.ts': '', 'agent/b.ts': '' },
      { 'a.ts': "import './b';", 'b.ts': "import './a';" },
      { 'scripts/old.sh': 'f' },
    ],
    good: {
      'a.test.ts': "import './a';",
      'a.ts': "export * from './b';",
      'b/index.ts': '',
      'x.sh': 'f',
      'c/main.ts': "f('x.sh');",
    },
  },
};

const project = projectSources(join(__dirname, '..'));

for (const [promise, { rule, bad, good }] of Object.entries(cases)) {
  test(promise, () => {
    const found = rule(project).map(({ path, line, text }) => `${path}:${line}: ${text}`);
    if (found.length > 0) assert.fail(`\n${found.join('\n')}`);
  });

  test(`the rule "${promise}" rejects what breaks it and nothing else`, () => {
    const found = (files: Readonly<Record<string, string>>): number =>
      rule(Object.entries(files).map(([path, text]) => source(path, text))).length;
    bad.forEach((files) => assert.ok(found(files) > 0, `not found in ${JSON.stringify(files).slice(0, 200)}`));
    assert.equal(found(good), 0);
  });
}
