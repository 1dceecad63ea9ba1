/** Parsers of files that a kill or another account may have cut off: what is not whole is not read as if it were. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { fc } from '../property';
import { HandoverError } from '../../agent/contract/errors';
import { printKnownHosts } from '../../agent/install/sshfiles';
import { openJournal, createJournal } from '../../agent/repository/journal';
import { readLeases } from '../../agent/repository/leases';
import type { Clock, Journal } from '../../agent/rules/ports';
import { isRefName, printUpdate } from '../../agent/rules/refs';
import type { Oid, RefName, State } from '../../agent/rules/values';
import { labFolder } from '../lab/folder';
import { facts } from './statefacts';

const runs = { numRuns: 60 };
const bytes = fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some).toString('latin1'));
const oid = fc
  .stringMatching(/^[0-9a-f]{40}$/)
  .filter((value) => !/^0+$/.test(value))
  .map((value) => value as Oid);
/** Names that git takes, with bytes beyond ASCII. */
const refName = fc
  .array(fc.stringMatching(/^[a-z0-9\x80-\xff'"$`;|&!#%{}()<>,=+@-]{1,8}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => `refs/heads/${parts.join('/')}` as RefName)
  .filter(isRefName);
const hostile = fc.oneof(
  bytes,
  fc.string(),
  fc.constantFrom('\u001b[31m', '\u009b', '\u202e', '\n', '\r', '\0', '%s', '../..', '\\x41'),
);

const clock: Clock = {
  now: () => ({ boot: 'b', uptimeMs: 1000 }),
  wall: () => '2026-01-01T00:00:00Z',
  sleep: async () => undefined,
};
const state: State = { phase: 'old', epoch: 1, hold: null, fence: null, directory: '/srv/a.git', identity: '1:2' };

function withJournal(work: (journal: Journal, folder: string) => void): void {
  const lab = labFolder();
  try {
    const folder = path.join(lab.path, 'state');
    createJournal(folder, state, facts);
    work(
      openJournal(folder, clock, () => facts),
      folder,
    );
  } finally {
    fs.rmSync(lab.path, { recursive: true, force: true });
  }
}

test('each file of the journal is read as it was written, and cut off or altered not at all', () => {
  withJournal((journal, folder) => {
    fc.assert(
      fc.property(fc.dictionary(refName, oid, { maxKeys: 4 }), hostile, fc.nat(), (refs, words, cut) => {
        const agreed = new Map(Object.entries(refs) as [RefName, Oid][]);
        journal.writeAgreed(agreed);
        assert.deepEqual(journal.agreed(), agreed);
        const tries = {
          sent: new Map([...agreed].map(([ref, value]) => [ref, [value, null]])),
          late: new Map(),
          unanswered: null,
        };
        journal.writeTries(tries);
        assert.deepEqual(journal.tries(), tries);
        const troubles = [...agreed].map(([ref, value]) => ({
          ref,
          kind: 'declined' as const,
          old: value,
          gitlab: null,
          agreed: null,
          since: '',
          words,
        }));
        journal.writeTroubles(troubles);
        assert.deepEqual(journal.troubles(), troubles);
        const file = path.join(folder, 'agreed');
        const whole = fs.readFileSync(file, 'latin1');
        const at = cut % whole.length;
        const altered = `${whole.slice(0, at)}${whole[at] === 'x' ? 'y' : 'x'}${whole.slice(at + 1)}`;
        for (const spoilt of [whole.slice(0, at), altered]) {
          fs.writeFileSync(file, spoilt, 'latin1');
          assert.throws(() => journal.agreed(), HandoverError);
        }
      }),
      { numRuns: 8 },
    );
  });
});

test('a lease file of any bytes throws nothing, and a record that was cut off is no record', () => {
  withJournal((_journal, folder) => {
    const pushes = path.join(folder, 'pushes');
    const id = '0-0.1.1.1.1';
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.tuple(oid, oid, refName), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        (noise, records, cut) => {
          const lines = records.map(([before, after, ref]) => `${before} ${after} ${ref}\n`);
          const whole = lines.join('');
          const part = whole.slice(0, cut % (whole.length + 1));
          fs.writeFileSync(path.join(pushes, id), `enter 1.0\n${noise.replace(/refused/g, '')}\n`, 'latin1');
          fs.writeFileSync(path.join(pushes, `${id}.refs`), part, 'latin1');
          const [lease] = readLeases(pushes, clock.now());
          assert.deepEqual(
            lease?.updates?.map((update) => `${printUpdate(update)}\n`),
            lines.slice(0, part.split('\n').length - 1),
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('no host key writes a second line into known_hosts', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom('ssh-ed25519 AAAA', 'ssh-ed25519 AAAA ', ''), (words, before) => {
      const gitlab = { sshHost: 'h', sshPort: 22, sshUser: 'git', hostKeys: [`${before}${words}`] };
      try {
        assert.match(printKnownHosts(gitlab), /^h \S+ [A-Za-z0-9+/=]+\n$/);
      } catch (error) {
        assert.ok(error instanceof HandoverError, String(error));
      }
    }),
    runs,
  );
});
