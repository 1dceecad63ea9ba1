/** The provider's parsers: what the old server prints, what GitLab answers; and the folder of a repository's state. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { z } from 'zod';
import { fc } from '../property';
import { HandoverError } from '../../agent/contract/errors';
import { stateFolder } from '../../agent/repository/place';
import { parseLine } from '../../stacks/provider/call';
import { splitting } from '../../stacks/provider/ssh/lines';
import { openRest } from '../../stacks/provider/gitlab/rest';
import { quote } from '../../agent/contract/shellword';
import { remotePath } from '../../stacks/provider/ssh/shell';
import { repositoryPath } from '../../stacks/settings/paths';

const runs = { numRuns: 150 };
const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\n',
        '\0',
        '-x',
        '%',
        "'",
        '"',
        '$(id)',
        ' ',
        '\u001b[1m',
        'a.git',
        'team',
        'l'.repeat(300),
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join('')),
);

test('distinct repositories have distinct state folders, however alike their names are', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      const [left, right] = [repositoryPath('/srv/git', one), repositoryPath('/srv/git', other)];
      if (left === null || right === null) return;
      assert.match(stateFolder('/f', left), /^\/f\/repositories\/[A-Za-z0-9._-]{0,40}-[0-9a-f]{10}$/);
      assert.equal(stateFolder('/f', left) === stateFolder('/f', right), left === right);
    }),
    runs,
  );
});

test('lines arrive whole however the network cuts them, and a last line without its end is none', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).map((line) => line.replace(/\n/g, '')),
        { maxLength: 5 },
      ),
      fc.string(),
      fc.array(fc.nat({ max: 9 }), { maxLength: 9 }),
      (lines, rest, cuts) => {
        const seen: string[] = [];
        const feed = splitting((line) => seen.push(line));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join('') + rest.replace(/\n/g, ''));
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          feed(bytes.subarray(at, at + cut));
          at += cut;
        }
        assert.deepEqual(
          seen,
          lines.map((line) => Buffer.from(line).toString()),
        );
      },
    ),
    runs,
  );
});

test('what is no line of the contract is none, and a cut one is never an answer', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), hostile), fc.jsonValue(), fc.nat(), (noise, value, cut) => {
      const line = parseLine(noise);
      if (line !== null) assert.ok(['progress', 'warning', 'result', 'error'].includes(line.kind));
      const whole = JSON.stringify({ kind: 'result', value });
      assert.equal(parseLine(whole.slice(0, cut % whole.length)), null);
      assert.deepEqual(parseLine(whole), JSON.parse(whole));
    }),
    runs,
  );
});

test('a quoted text is one word of the shell', () => {
  fc.assert(
    fc.property(hostile, (words) => {
      const word = quote(words);
      assert.match(word, /^(?:'(?:[^']|'\\'')*'|[A-Za-z0-9_@%+=:,./-]+)$/);
      assert.equal(word.replace(/^'([^]*)'$/, '$1').replaceAll("'\\''", "'"), words);
      assert.equal(remotePath(`~/${words}`), `"$HOME"/${word}`);
    }),
    runs,
  );
});

/** A GitLab that answers each page with what the test says; another page it does not know. */
async function serve(pages: readonly { next: string; body: string }[]): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const page = pages[Number(new URL(request.url ?? '', 'http://x').searchParams.get('page')) - 1];
    response.statusCode = page === undefined ? 404 : 200;
    response.setHeader('x-next-page', page?.next ?? '');
    response.end(page?.body ?? '[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('a list of several pages is read to its end, and half a list is never taken for the whole: a writer on the other half would be overlooked', async (t) => {
  const row = z.object({ id: z.number() });
  const first = { next: '2', body: '[{"id":1}]' };
  const open = async (...pages: { next: string; body: string }[]) => {
    const { url, server } = await serve(pages);
    t.after(() => server.close());
    return openRest({ url, token: 't', signal: new AbortController().signal });
  };
  assert.deepEqual(
    (
      await (await open(first, { next: '3', body: '[{"id":2}]' }, { next: '', body: '[{"id":3}]' })).list('/x', row)
    )?.map(({ id }) => id),
    [1, 2, 3],
  );
  const isTold = (error: unknown): boolean => error instanceof HandoverError && error.fault.code === 'gitlab-answer';
  await assert.rejects((await open(first, { next: '', body: '{"message":"no"}' })).list('/x', row), isTold);
  await assert.rejects((await open(first, { next: '', body: '<html>log in</html>' })).list('/x', row), isTold);
  await assert.rejects((await open(first)).list('/x', row), isTold);
  await assert.rejects((await open({ next: '1', body: '[]' })).list('/x', row), isTold);
});
