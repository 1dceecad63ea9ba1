/**
 * Every order of steps of the protocol, in small configurations. GIT_HANDOVER_MODEL=all adds those that take long: many
 * minutes, and up to 6 GB for one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Configuration, protocol } from './configurations';
import { fenceProtocol } from './fence';
import { fenceMistakes } from './fencemistakes';
import { mistakes } from './mistakes';
import { findSpin, search, type Verdict, verdict } from './spin';

const searchesAtOnce = 2;
/** A search that takes longer is killed and fails. */
const searchMs = 500_000;

const spin = findSpin();
const options = { skip: 'missing' in spin ? spin.missing : false, timeout: searchMs };
const all = process.env['GIT_HANDOVER_MODEL'] === 'all';

function checks(
  model: string,
  [name, configuration]: readonly [string, Configuration],
  judge: (found: Verdict) => void,
): void {
  const { promise, switches, slow, seldom } = configuration;
  if ((slow !== undefined || seldom === true) && !all) return;
  void test(`${name}: ${promise}`, options, async (t) => {
    if ('missing' in spin) return;
    judge(
      await search(t, spin.path, {
        model: join(__dirname, model),
        switches: switches.split(' '),
        large: slow !== undefined,
      }),
    );
  });
}

/** `handover`: the protocol; `fence`: its rules for sides that travel back in time. */
const models = { handover: { protocol, mistakes }, fence: { protocol: fenceProtocol, mistakes: fenceMistakes } };

for (const [model, searches] of Object.entries(models)) {
  void suite(`${model}: the rules keep their promises`, { concurrency: searchesAtOnce }, () => {
    for (const entry of Object.entries(searches.protocol))
      checks(`${model}.pml`, entry, ({ errors, complete, output }) => {
        assert.equal(errors, 0, output);
        assert.ok(complete, `The search was cut short:\n${output}`);
      });
  });

  void suite(`${model}: a mistake put into the rules is found`, { concurrency: searchesAtOnce }, () => {
    for (const [name, mistake] of Object.entries(searches.mistakes))
      checks(`${model}.pml`, [name, mistake], ({ broken, output }) =>
        assert.ok(
          broken?.includes(mistake.breaks),
          `Nothing violated ${mistake.breaks}, but ${broken ?? 'nothing'}:\n${output}`,
        ),
      );
  });
}

void test('a search that was cut short proves nothing', () => {
  const cut = verdict('Warning: Search not completed\nState-vector 116 byte, depth reached 126, errors: 0\n');
  assert.deepEqual([cut.errors, cut.complete], [0, false]);
  assert.throws(() => verdict('Killed\n'), /must be a count of errors/);
});
