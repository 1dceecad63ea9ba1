import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { diagramsAreRead } from './tidy/diagrams';
import * as pages from './tidy/pages';
import { projectSources, type Rule, source } from './tidy/source';

interface Case {
  readonly rule: Rule;
  /** Files by path: the rule must find something in each set of `bad`, and nothing in `good`. */
  readonly bad: readonly Readonly<Record<string, string>>[];
  readonly good: Readonly<Record<string, string>>;
}

const cases: Readonly<Record<string, Case>> = {
  'every link leads to a page, and to a heading that it has': {
    rule: pages.linksLead,
    bad: [
      { 'a.md': 'See [b](b.md).' },
      { 'a.md': 'See [b](docs/b.md#c).', 'docs/b.md': '# B' },
      { 'a.md': '# A\n[here](#b)' },
    ],
    good: {
      'a.md': '# What it does, `now`\n[there](docs/b.md#c-1) [here](#what-it-does-now) [far](https://a.example/)',
      'docs/b.md': '# C\n## C\n[back](../a.md) `[no](link.md)`\n```\n[no](link.md)\n```',
    },
  },
  'every page is found from README.md': {
    rule: pages.pagesAreFound,
    bad: [
      { 'README.md': '', 'docs/a.md': '' },
      { 'README.md': '', 'a.md': '[b](b.md)', 'b.md': '[a](a.md)' },
    ],
    good: { 'README.md': '[a](docs/a.md)', 'docs/a.md': '[b](b.md)', 'docs/b.md': '' },
  },
  'files and commands that a page names are there': {
    rule: pages.namesExist,
    bad: [
      { 'a.md': 'in `agent/b.ts`' },
      { 'a.md': 'in `b.test.ts`' },
      { 'a.md': 'type `npm run b`', 'package.json': '"a": ""' },
      { 'a.md': 'type `npm test -- test/a.test.ts`' },
    ],
    good: {
      'a.md': 'in `agent/b.ts` of `agent/`, not `/srv/agent/x`; `agent/*.ts`; type `npm run a -- x`',
      'agent/b.ts': '',
      'package.json': '"a": ""',
    },
  },
  'a name that a page finds in a file stands in that file': {
    rule: pages.namesStand,
    bad: [
      { 'a.md': 'see `f` of `b.ts`', 'b.ts': 'g();' },
      { 'a.md': 'see `f` of\n`b.ts`', 'b.ts': 'fg();' },
    ],
    good: { 'a.md': 'see `f` of\n`b.ts`, `g` of `agent/c`', 'b.ts': 'f();' },
  },
  'sequence diagrams are written so that Mermaid reads them': {
    rule: diagramsAreRead,
    bad: [
      { 'a.mmd': 'sequenceDiagram\nparticipant A as a\nA->>B: x' },
      { 'a.mmd': 'sequenceDiagram\nparticipant A as a\nA->>A: x; y' },
      { 'a.mmd': 'sequenceDiagram\nparticipant A as a\nA->>A: the end' },
      { 'a.mmd': 'sequenceDiagram\nparticipant A as a\nopt x\nA->>A: y' },
      { 'a.mmd': 'sequenceDiagram\nend' },
      { 'a.mmd': 'sequenceDiagram\nA: x' },
    ],
    good: {
      'a.mmd':
        '%% a; b\nsequenceDiagram\nactor A as a\nparticipant B as b\nalt x\nA->>B: y\nelse z\nB-->>A: ends\nend\nNote over A,B: c',
    },
  },
  'lines of pages have at most 120 columns': {
    rule: pages.narrowPages,
    bad: [{ 'a.md': `# A\n${'x'.repeat(121)}` }],
    good: { 'a.md': `| ${'x'.repeat(130)} |\n\`\`\`\n${'x'.repeat(130)}\n\`\`\`` },
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
    bad.forEach((files) => assert.ok(found(files) > 0, `not found in ${JSON.stringify(files)}`));
    assert.equal(found(good), 0);
  });
}
