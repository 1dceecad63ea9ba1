import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Seen } from '../lab/contract';
import { type Fixture, makeFixture } from '../lab/gitlab/fixture';
import { until } from '../lab/processes';
import { gitalyHooks } from '../chaos/victims';
import { withGitaly } from './gate';

let lab: Fixture;

function changes(path: string): string[] {
  return lab.gitlab.audit.flatMap((entry) =>
    entry.kind === 'change' && entry.project === path ? [`${entry.ref} ${entry.actor} ${entry.protocol}`] : [],
  );
}

/** What Gitaly signs with, from its own file. */
function secretOf(path: string): string {
  return readFileSync(join(lab.gitlab.repositoryPath(path).split('/storage/')[0] ?? '', 'secret'), 'utf8');
}

async function checkedWith(token: string): Promise<number> {
  const answer = await fetch(`${lab.gitlab.url}/api/v4/internal/check`, {
    headers: token === '' ? {} : { 'Gitlab-Shell-Api-Request': token },
  });
  return answer.status;
}

/** Name and token: all but the last are wrong in one thing each. */
function tokens(secret: string): [string, string][] {
  const now = Math.floor(Date.now() / 1000);
  const [good, expired, other] = [
    { iss: 'gitlab-shell', exp: now + 60 },
    { iss: 'gitlab-shell', exp: now - 60 },
    { iss: 'somebody', exp: now + 60 },
  ];
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  const unsigned = (claims: object): string =>
    `${encoded('{"alg":"HS256","typ":"JWT"}')}.${encoded(JSON.stringify(claims))}`;
  const signed = (claims: object, by = secret): string =>
    `${unsigned(claims)}.${createHmac('sha256', by).update(unsigned(claims)).digest('base64url')}`;
  const signatureOf = (token: string): string => token.split('.')[2] ?? '';
  return [
    ['none', ''],
    ['no signature', unsigned(good)],
    ['short signature', `${unsigned(good)}.${encoded('forged')}`],
    ['signed with another secret', signed(good, `${secret}x`)],
    ['claims of another token', `${unsigned({ ...good, exp: now + 61 })}.${signatureOf(signed(good))}`],
    ['expired', signed(expired)],
    ['of another issuer', signed(other)],
    ['right', signed(good)],
  ];
}

withGitaly(() => {
  describe('a GitLab whose git is Gitaly', () => {
    before(async () => {
      lab = await makeFixture({ kind: 'gitaly' });
    });
    after(() => lab.close());

    for (const how of ['killed', 'stopped'] as const) {
      test(`nothing is pushed or fetched without Gitaly, and what was pushed is there when it comes back (${how})`, async () => {
        const { work, path, first } = await lab.filled(`gone-${how}`);
        const push = (): Promise<Seen> => lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x');
        const back = lab.gitlab.misbehave({ kind: 'gitaly-gone', how });
        await lab.gitlab.moved();
        assert.notEqual((await push()).code, 0);
        assert.notEqual((await lab.agent.git(work, 'fetch')).code, 0);
        back();
        await lab.gitlab.moved();
        assert.equal((await push()).code, 0);
        assert.deepEqual(
          await lab.gitlab.refs(path),
          new Map([
            ['refs/heads/main', first],
            ['refs/heads/x', first],
          ]),
        );
      });
    }

    test('Gitaly killed while the rules think about a push: the ref stays, no quarantine counts, and the same push goes through later', async () => {
      const { work, path, first } = await lab.filled('killed-push');
      const second = await lab.agent.commit(work, 'second');
      const heal = lab.gitlab.misbehave({ kind: 'slow', stage: 'pre-receive', delayMs: 2_000, project: path });
      const pushing = lab.agent.git(work, 'push', 'origin', 'HEAD:main');
      // Earlier, and its receive-pack would outlive it and find no hook once the next Gitaly has tidied up: git then
      // applies the push unasked.
      await until('the hook to ask the rules', () => gitalyHooks(lab.gitlab.repositoryPath(path)).length > 0);
      const back = lab.gitlab.misbehave({ kind: 'gitaly-gone', how: 'killed' });
      const seen = await pushing;
      heal();
      back();
      await lab.gitlab.moved();
      assert.notEqual(seen.code, 0, seen.output);
      assert.equal((await lab.gitlab.refs(path)).get('refs/heads/main'), first);
      assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:main')).code, 0);
      assert.equal((await lab.gitlab.refs(path)).get('refs/heads/main'), second);
    });

    test('the web editor creates, moves back and deletes through Gitaly and its hooks: each is told once, as of the web', async () => {
      const { work, path, first } = await lab.filled('web');
      const { maintainer } = lab.people;
      const second = await lab.agent.commit(work, 'second');
      assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/a')).code, 0);
      lab.gitlab.audit.length = 0;
      lab.gitlab.events.length = 0;
      const steps = [
        ['refs/heads/b', second],
        ['refs/heads/b', first],
        ['refs/heads/b', null],
        ['refs/tags/t', first],
        ['refs/tags/t', second],
        ['refs/tags/t', null],
        ['refs/notes/n', first],
      ] as const;
      for (const [ref, value] of steps) await lab.gitlab.webEdit(path, ref, value, maintainer.id);
      assert.deepEqual(
        changes(path),
        steps.map(([ref]) => `${ref} maintainer web`),
      );
      assert.deepEqual(
        lab.gitlab.events.map(({ ref, after: value }) => [ref, value]),
        steps.slice(0, -1).map(([ref, value]) => [ref, value ?? '0'.repeat(40)]),
      );
      assert.deepEqual(
        [...(await lab.gitlab.refs(path))],
        [
          ['refs/heads/a', second],
          ['refs/heads/main', first],
          ['refs/notes/n', first],
        ],
      );
    });

    test('a hook that no API answers to refuses the push, and the API that nobody signs for answers nothing', async () => {
      const { work, path } = await lab.filled('api');
      const heal = lab.gitlab.misbehave({ kind: 'internal-api', call: 'allowed', status: 503, message: null });
      assert.match(
        (await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x')).output,
        /x \(pre-receive hook declined\)/,
      );
      heal();
      assert.deepEqual(
        await Promise.all(tokens(secretOf(path)).map(async ([what, token]) => [what, await checkedWith(token)])),
        [
          ['none', 401],
          ['no signature', 401],
          ['short signature', 401],
          ['signed with another secret', 401],
          ['claims of another token', 401],
          ['expired', 401],
          ['of another issuer', 401],
          ['right', 200],
        ],
      );
      assert.deepEqual([...(await lab.gitlab.refs(path)).keys()], ['refs/heads/main']);
    });

    test("Gitaly's housekeeping takes locks away that a killed push left behind, and leaves those of pushes that live", async () => {
      const { work, path } = await lab.filled('locks');
      const place = lab.gitlab.repositoryPath(path);
      const [old, young] = [join(place, 'refs/heads/old.lock'), join(place, 'refs/heads/young.lock')];
      for (const lock of [old, young, join(place, 'packed-refs.lock')]) writeFileSync(lock, '');
      utimesSync(old, 1, 1);
      utimesSync(join(place, 'packed-refs.lock'), 1, 1);
      const push = async (name: string): Promise<string> =>
        (await lab.agent.git(work, 'push', 'origin', `HEAD:refs/heads/${name}`)).output;
      assert.match(await push('old'), /Unable to create .*old\.lock': File exists/);
      await lab.gitlab.housekeeping(path);
      assert.match(await push('old'), /\[new branch\]/);
      assert.match(await push('young'), /failed to update ref/);
      assert.equal(existsSync(join(place, 'packed-refs.lock')), false);
    });

    test('the projects of a group that is removed go from Gitaly as well', async () => {
      const { id, path } = await lab.filled('removed');
      const place = lab.gitlab.repositoryPath(path);
      const remove = (query = ''): Promise<Response> =>
        fetch(`${lab.gitlab.url}/api/v4/projects/${id}${query}`, {
          method: 'DELETE',
          headers: { Authorization: `Bearer ${lab.gitlab.adminToken}` },
        });
      assert.equal((await remove()).status, 202);
      assert.equal(
        (await remove(`?permanently_remove=true&full_path=${encodeURIComponent(`${path}-deletion_scheduled-${id}`)}`))
          .status,
        202,
      );
      assert.equal(existsSync(place), false);
    });
  });
});
