/**
 * Any bytes on the input of pre-receive in `both`, with the real shim: its repository's own hooks hear what is sent,
 * and nothing else. Programs that it starts only write down what they were asked for. NUL is left out: git ends a name
 * there (receive-pack reads it as a C string).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createJournal } from '../../../agent/repository/journal';
import { firstState } from '../../../agent/repository/place';
import { isRefName, isUpdate, parseUpdate, printUpdate } from '../../../agent/rules/refs';
import { labFolder } from '../../lab/folder';
import { fc } from '../../property';
import { bothSides } from '../kit/ending';
import { pairIn } from '../kit/pair';
import { rawPush } from '../kit/rawpush';

const shim = path.join(__dirname, '../../../agent/hook/shims/pre-receive');
const zeros = '0'.repeat(40);
const [one, two] = ['1'.repeat(40), '2'.repeat(40)];

interface Heard {
  readonly code: number | null;
  /** What own pre-receive read; null where it did not run. */
  readonly preReceive: string | null;
  /** A line `before after ref` for each call of own update. */
  readonly update: string;
  /** To GitLab by the shim, `after:ref` each. */
  readonly sent: readonly string[] | null;
  /** What Node is to judge and to send. */
  readonly handed: string | null;
}

interface Hook {
  hear(shell: string, input: string): Heard;
}

/** Writes down its arguments behind `--`, each ended by NUL. */
const gitScript = (sent: string): string => `#!/bin/sh
case " $* " in *" push "*) ;; *) exit 0 ;; esac
while [ "$1" != -- ]; do shift; done
shift 2
printf '%s\\0' "$@" >${sent}
`;

function openHook(t: TestContext): Hook {
  const lab = labFolder();
  t.after(() => lab.close());
  const at = (name: string): string => path.join(lab.path, name);
  makeOld(at);
  const program = (name: string, text: string): void => fs.writeFileSync(at(name), text, { mode: 0o755 });
  program('own/pre-receive', `#!/bin/sh\ncat >${at('seen/pre-receive')}\n`);
  program('own/update', `#!/bin/sh\nprintf '%s %s %s\\n' "$2" "$3" "$1" >>${at('seen/update')}\n`);
  program('bin/git', gitScript(at('seen/sent')));
  program('bin/sync', '#!/bin/sh\n');
  program('bin/node', `#!/bin/sh\ncat "$3/pushes/$4.refs" >${at('seen/handed')}\n`);
  const seen = (name: string): string | null =>
    fs.existsSync(at(`seen/${name}`)) ? fs.readFileSync(at(`seen/${name}`), 'latin1') : null;
  return {
    hear: (shell, input) => {
      fs.rmSync(at('seen'), { recursive: true });
      fs.mkdirSync(at('seen'));
      const { status } = spawnSync(shell, [shim], {
        cwd: at('old'),
        input: Buffer.from(input, 'latin1'),
        env: { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' },
      });
      return {
        code: status,
        preReceive: seen('pre-receive'),
        update: seen('update') ?? '',
        sent: seen('sent')?.split('\0').slice(0, -1) ?? null,
        handed: seen('handed'),
      };
    },
  };
}

/** A repository in `both` as far as the shim looks at it. */
function makeOld(at: (name: string) => string): void {
  for (const name of ['old/git-handover', 'old/refs/heads', 'old/refs/tags', 'own', 'bin', 'seen'])
    fs.mkdirSync(at(name), { recursive: true });
  fs.writeFileSync(at('old/git-handover/where'), `${at('state')}\n${at('own')}\n`);
  fs.writeFileSync(at('old/HEAD'), 'ref: refs/heads/main\n');
  fs.writeFileSync(at('old/config'), '');
  createJournal(
    at('state'),
    { ...firstState(at('old')), phase: 'both' },
    {
      folder: at('.'),
      node: at('bin/node'),
      url: 'ssh://gitlab/app.git',
      ciSkip: false,
      holdMs: 10_000,
      leaseMs: 60_000,
      connectMs: 15_000,
      mirrorAfterRestart: 'take',
      brownouts: [],
    },
  );
  fs.writeFileSync(at('state/facts'), '\n');
}

/** What git on old takes: two levels below refs/, as receive-pack asks for (update() in builtin/receive-pack.c). */
function isTaken(line: string): boolean {
  return isUpdate(line) && isRefName(line.slice(82)) && /^refs\/[^/]+\/./.test(line.slice(82));
}

function judgeHeard(input: string, heard: Heard): void {
  const lines = input.split('\n').slice(0, -1);
  const told = JSON.stringify({ input, heard });
  if (input === '') return assert.equal(heard.code, 0, told);
  if (!input.endsWith('\n') || !lines.every(isTaken)) {
    assert.deepEqual([heard.preReceive, heard.update, heard.sent, heard.handed], [null, '', null, null], told);
    return assert.equal(heard.code, 1, told);
  }
  assert.equal(heard.preReceive, input, told);
  assert.equal(heard.update, input, told);
  assert.equal(lines.map((line) => `${printUpdate(parseUpdate(line))}\n`).join(''), input, told);
  if (heard.handed !== null) return assert.equal(heard.handed, input, told);
  const specs = lines.map(parseUpdate).map(({ after, ref }) => `${after ?? ''}:${ref}`);
  assert.deepEqual(heard.sent, specs, told);
}

const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const oid = fc.constantFrom(one, two, zeros);
const plain = fc.constantFrom('refs/heads/main', 'refs/heads/b', 'refs/tags/v1', 'refs/notes/x', 'refs/x', 'HEAD', '');
const piece = fc.oneof(
  byte,
  fc.constantFrom(' ', '\t', '\r', '\x1b', '\n', '\\', '..', '.', '/', '.lock', '@{', '@', '~', '*', '[', '?', ' x'),
);
/** One that git knows, with something in front of, in, or behind it. */
const spoiled = fc
  .tuple(
    plain,
    fc.array(fc.tuple(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), piece), { maxLength: 2 }),
  )
  .map(([name, pieces]) =>
    pieces.reduce<string>((text, [where, what]) => {
      const place = Math.round(where * text.length);
      return text.slice(0, place) + what + text.slice(place);
    }, name),
  );
const line = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(oid, oid, spoiled).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.array(byte, { maxLength: 100 }).map((bytes) => bytes.join('')) },
);
const input = fc
  .tuple(fc.array(line, { maxLength: 3 }), fc.oneof({ weight: 9, arbitrary: fc.constant('\n') }, fc.constant('')))
  .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end));

/** All that mean something to git or to a shell; of those beyond ASCII a few, with the marks that shells use within. */
const strangeBytes = [...Array(256).keys()]
  .slice(1)
  .filter((code) => code < 0x30 || (code > 0x39 && code < 0x41) || code > 0x7a || (code > 0x5a && code < 0x61))
  .filter((code) => code < 0x8a || code % 16 === 0 || code === 0xff)
  .map((code) => String.fromCharCode(code));

/** Where `sh` is bash, it knows characters. */
for (const shell of ['sh', 'bash'])
  test(`${shell}: whatever bytes come, own hooks hear what is sent, git takes it, or nothing is sent`, (t) => {
    const hook = openHook(t);
    for (const code of strangeBytes)
      for (const name of [`a${code}b`, `main${code}`]) {
        const text = `${one} ${two} refs/heads/${name}\n`;
        judgeHeard(text, hook.hear(shell, text));
      }
    fc.assert(
      fc.property(input, (text) => judgeHeard(text, hook.hear(shell, text))),
      { numRuns: 100 },
    );
  });

test("a blank behind a name gets nobody past the repository's own hooks, which do not even hear of it", async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const main = (await pair.must(pair.old, 'rev-parse', 'main')).trim();
  const older = (await pair.must(pair.old, 'rev-parse', 'main~1')).trim();
  const heard = path.join(pair.folder, 'heard');
  fs.writeFileSync(
    path.join(pair.old, 'hooks/pre-receive'),
    `#!/bin/sh\ntouch ${heard}\nif grep -q ' refs/heads/main$'; then echo "main is closed" >&2; exit 1; fi\n`,
    { mode: 0o755 },
  );
  for (const blank of [' ', '\t', ' \t ']) {
    const said = await rawPush(pair, [{ before: main, after: older, name: `refs/heads/main${blank}` }]);
    assert.deepEqual(await bothSides(pair), { old: 'main S2', gitlab: 'main S2' }, said);
    assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), []);
    assert.match(said, /git does not take the name/);
    assert.equal(fs.existsSync(heard), false);
  }
});
