/**
 * Every order of steps of the protocol, in small configurations. GIT_HANDOVER_MODEL=all adds those that take long: many
 * minutes, and up to 6 GB for one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Configuration, protocol } from './configurations';
import { mistakes } from './mistakes';
import { findSpin, search, type Verdict, verdict } from './spin';

const searchesAtOnce = 2;
/** A search that takes longer is killed and fails. */
const searchMs = 500_000;

const spin = findSpin();
const options = { skip: 'missing' in spin ? spin.missing : false, timeout: searchMs };
const all = process.env['GIT_HANDOVER_MODEL'] === 'all';

function checks(name: string, configuration: Configuration, judge: (found: Verdict) => void): void {
  const { promise, switches, slow } = configuration;
  if (slow !== undefined && !all) return;
  void test(`${name}: ${promise}`, options, async (t) => {
    if ('missing' in spin) return;
    judge(
      await search(t, spin.path, {
        model: join(__dirname, 'handover.pml'),
        switches: switches.split(' '),
        large: slow !== undefined,
      }),
    );
  });
}

void suite('the protocol keeps its promises', { concurrency: searchesAtOnce }, () => {
  for (const [name, configuration] of Object.entries(protocol)) {
    checks(name, configuration, ({ errors, complete, output }) => {
      assert.equal(errors, 0, output);
      assert.ok(complete, `The search was cut short:\n${output}`);
    });
  }
});

void suite('a mistake put into the protocol is found', { concurrency: searchesAtOnce }, () => {
  for (const [name, mistake] of Object.entries(mistakes)) {
    checks(name, mistake, ({ broken, output }) =>
      assert.ok(
        broken?.includes(mistake.breaks),
        `Nothing violated ${mistake.breaks}, but ${broken ?? 'nothing'}:\n${output}`,
      ),
    );
  }
});

void test('a search that was cut short proves nothing', () => {
  const cut = verdict('Warning: Search not completed\nState-vector 116 byte, depth reached 126, errors: 0\n');
  assert.deepEqual([cut.errors, cut.complete], [0, false]);
  assert.throws(() => verdict('Killed\n'), /must be a count of errors/);
});
