import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Measurement } from './bench';
import { bounds, figure, labelled, nothing, type Outcome, together } from './figures';
import { readOptions } from './options';
import { page, terminalTable, verdict } from './page';
import { keepResult, latest, readResults } from './results';
import { measureAll } from './run';

const both = 'push in both / plain, fresh connection, p50';
const crowd = '8 pushers on 8 branches: both / plain';
const circumstances = {
  command: 'npm run bench -- --write',
  date: '2026-11-25 01:00',
  machine: { git: '2.39', node: '20' },
  minutes: 12,
};
const earlier = { ...circumstances, command: "npm run bench -- --only 'a|b'", date: '2026-11-24 01:00' };

test('a figure below its bound holds, one above it is missed', () => {
  assert.deepEqual(
    [1.04, 1.1, 1.16].map((value) => verdict(figure(both, value, '×', ''))),
    ['aim reached', 'holds', 'missed'],
  );
  assert.deepEqual(
    [1.04, 1.16].map((value) => figure(both, value, '×', '').holds),
    [true, false],
  );
});

test('pushes a second are best when many: there the bound is the least', () => {
  assert.deepEqual(
    [0.9, 0.7, 0.5].map((value) => verdict(figure(crowd, value, '×', ''))),
    ['aim reached', 'holds', 'missed'],
  );
});

test('a figure that could not be computed does not hold', () => {
  assert.equal(figure(both, NaN, '×', '').holds, false);
});

test('a figure without a promise is told and not judged', () => {
  const { holds, must } = figure('push in warn / plain, fresh connection, p50', 9, '×', '');
  assert.deepEqual([holds, must], [null, null]);
});

test('every aim is at least as hard as what must be reached', () => {
  for (const [name, { must, aim, better }] of Object.entries(bounds))
    assert.ok(better === 'less' ? aim <= must : aim >= must, name);
});

const outcome: Outcome = {
  figures: [figure(both, 1.2, '×', 'A push takes longer.')],
  noise: { 'plain / plain': 1.01 },
  missing: [{ name: 'lag', why: 'no webhook' }],
  charts: [{ name: 'push', title: 'One push', unit: 'ms', bars: [{ label: 'plain', value: 100, high: 150 }] }],
};

test('the page says what was measured, with what it must be, what it means, the noise and what is missing', () => {
  const runs = [
    { ...circumstances, outcome },
    { ...earlier, outcome: { ...nothing, figures: [figure(both, 1.3, '×', '')] } },
  ] as const;
  const text = page([{ measurement: 'pushes', runs: [...runs] }], 'docs/benchmarks');
  for (const part of [
    '**1.20 ×** | 1.30 | ≤ 1.15 × | ≤ 1.05 × | missed | A push takes longer. |',
    '| plain / plain | 1.01 |',
    '- lag: no webhook',
    '![One push](docs/benchmarks/push.svg)',
    '| pushes | 2026-11-25 01:00 | 12.0 | `npm run bench -- --write` | git 2.39, node 20 |',
    "`npm run bench -- --only 'a\\|b'`",
  ])
    assert.ok(text.includes(part), part);
});

function resultsFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-results-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('what the newest run left out is on the page from the run that has it, with its date', () => {
  const quick: Outcome = {
    ...nothing,
    figures: [figure(crowd, 0.9, '×', '')],
    noise: { other: 1.5 },
    missing: [{ name: 'both', why: 'in a hurry' }],
  };
  const runs = [
    { ...circumstances, outcome: quick },
    { ...earlier, outcome: { ...outcome, figures: [...outcome.figures, figure(crowd, 0.7, '×', '')] } },
  ] as const;
  const text = page([{ measurement: 'pushes', runs: [...runs] }], 'docs/benchmarks');
  for (const part of [
    `| ${crowd} | **0.90 ×** | 0.70 |`,
    `| ${both} | **1.20 ×** (2026-11-24 01:00) |  |`,
    '| plain / plain | 1.01 |',
    '| other | 1.50 |',
    '- both: in a hurry',
    '![One push](docs/benchmarks/push.svg)',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(!text.includes('no webhook'), 'what an earlier run missed is past');
});

test('each figure, noise and chart comes from the newest run that has it', () => {
  const newer: Outcome = {
    ...outcome,
    figures: [figure(both, 1.1, '×', '')],
    noise: { 'plain / plain': 1.02 },
    charts: [{ name: 'push', title: 'Newer', unit: 'ms', bars: [] }],
  };
  const { figures, noise, charts } = latest([
    { ...circumstances, outcome: newer },
    { ...earlier, outcome },
  ]);
  assert.deepEqual(
    [figures.map(({ value }) => value), noise, charts.map(({ title }) => title)],
    [[1.1], { 'plain / plain': 1.02 }, ['Newer']],
  );
});

test('a measurement without figures is no run: it is not kept, and one that was is not read', (t) => {
  const folder = resultsFolder(t);
  const failed = { ...nothing, missing: [{ name: 'pushes', why: 'it failed' }] };
  keepResult(folder, 'pushes', { ...circumstances, outcome: failed });
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(
    join(folder, 'pushes.json'),
    JSON.stringify([
      { ...circumstances, outcome: failed },
      { ...earlier, outcome },
    ]),
  );
  keepResult(folder, 'pushes', { ...circumstances, outcome: failed });
  assert.deepEqual(
    readResults(folder, ['pushes']).flatMap(({ runs }) => runs.map(({ date }) => date)),
    [earlier.date],
  );
});

test('a result that cannot be written leaves those before it, and one that is leaves no draft', (t) => {
  const folder = resultsFolder(t);
  const draft = join(folder, 'pushes.json.new');
  keepResult(folder, 'pushes', { ...earlier, outcome });
  assert.deepEqual(readdirSync(folder), ['pushes.json']);
  const before = readFileSync(join(folder, 'pushes.json'), 'utf8');
  mkdirSync(draft);
  assert.throws(() => keepResult(folder, 'pushes', { ...circumstances, outcome }), /EISDIR/);
  assert.equal(readFileSync(join(folder, 'pushes.json'), 'utf8'), before);
  rmSync(draft, { recursive: true });
  writeFileSync(draft, '[{ cut');
  keepResult(folder, 'pushes', { ...circumstances, outcome });
  assert.deepEqual(
    readResults(folder, ['pushes']).map(({ runs }) => runs.length),
    [2],
  );
});

test('each measurement is kept before the next one begins, also one that fails', async () => {
  const story: string[] = [];
  const measurement = (name: string, measure: () => Promise<Outcome>): Measurement => ({
    name,
    about: '',
    quick: true,
    measure: () => (story.push(`begins ${name}`), measure()),
  });
  const chosen = [
    measurement('a', () => Promise.resolve(outcome)),
    measurement('b', () => Promise.reject(new Error('no sshd'))),
    measurement('c', () => Promise.resolve(nothing)),
  ];
  const asked = readOptions([]);
  assert.ok(asked.kind === 'run');
  const measured = await measureAll(
    chosen,
    asked.options,
    () => undefined,
    ({ name, outcome: { figures, missing } }) => story.push(`keeps ${name} ${figures.length} ${missing.length}`),
  );
  assert.deepEqual(story, ['begins a', 'keeps a 1 1', 'begins b', 'keeps b 0 1', 'begins c', 'keeps c 0 0']);
  assert.deepEqual(
    measured.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('the last three runs of a measurement stay, also one without a number, and are judged by the bounds of today', (t) => {
  const folder = resultsFolder(t);
  for (const value of [1, 2, 3, NaN])
    keepResult(folder, 'pushes', {
      ...circumstances,
      outcome: { ...nothing, figures: [{ ...figure(both, value, '×', ''), must: 9, holds: true }] },
    });
  const results = readResults(folder, ['refs', 'pushes']);
  assert.deepEqual(
    results.map(({ measurement }) => measurement),
    ['pushes'],
  );
  assert.deepEqual(
    results.flatMap(({ runs }) =>
      runs.flatMap((run) => run.outcome.figures.map(({ value, must, holds }) => [value, must, holds])),
    ),
    [
      [NaN, 1.15, false],
      [3, 1.15, false],
      [2, 1.15, false],
    ],
  );
});

test('the table for the terminal names what was not measured', () => {
  assert.match(terminalTable(outcome), /not measured: lag: no webhook/);
  assert.match(terminalTable(outcome), /noise: plain \/ plain: 1\.01/);
});

test('with another kind of GitLab every name says so, and nothing is judged', () => {
  const { figures, noise, charts } = labelled('Gitaly', outcome);
  assert.deepEqual(
    figures.map(({ name, must, holds }) => [name, must, holds]),
    [[`Gitaly: ${both}`, null, null]],
  );
  assert.deepEqual(
    [Object.keys(noise), charts.map(({ name, title }) => [name, title])],
    [['Gitaly: plain / plain'], [['gitaly-push', 'Gitaly: One push']]],
  );
});

test('outcomes of several measurements become one, in order', () => {
  const all = together([outcome, nothing, { ...nothing, noise: { other: 2 } }]);
  assert.deepEqual([all.figures.length, all.noise], [1, { 'plain / plain': 1.01, other: 2 }]);
});
