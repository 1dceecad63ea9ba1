import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Seen } from '../contract';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { rest } from './restclient';
import { done, refused } from './verdict';

let lab: Fixture;

describe('git over ssh', () => {
  before(async () => {
    lab = await makeFixture();
  });
  after(() => lab.close());

  test('a deploy key with write access creates, forces, moves tags and deletes where nothing is protected, with a quiet terminal', async () => {
    const { work, first, path } = await lab.filled('free');
    const git = (...args: string[]): Promise<Seen> => lab.agent.git(work, ...args);
    const second = await lab.agent.commit(work, 'second');
    const created = await git(
      'push',
      '--quiet',
      'origin',
      'HEAD:refs/heads/a',
      'HEAD:refs/heads/b',
      'HEAD:refs/tags/t',
      'HEAD:refs/notes/n',
    );
    done(created);
    assert.equal(created.output, '');
    done(
      await git(
        'push',
        '--atomic',
        `--force-with-lease=refs/heads/a:${second}`,
        'origin',
        `${first}:refs/heads/a`,
        ':refs/heads/b',
      ),
    );
    done(await git('push', '--force', 'origin', `${first}:refs/tags/t`));
    assert.deepEqual(
      await lab.gitlab.refs(path),
      new Map([
        ['refs/heads/a', first],
        ['refs/heads/main', first],
        ['refs/notes/n', second],
        ['refs/tags/t', first],
      ]),
    );
  });

  test('one refused ref refuses the whole push, and only the first line names GitLab', async () => {
    const { work, path } = await lab.filled('whole');
    await lab.agent.commit(work, 'second');
    const seen = await lab.agent.git(
      work,
      'push',
      'origin',
      'HEAD:refs/heads/good',
      `HEAD:refs/heads/${'a'.repeat(40)}`,
    );
    refused(seen, 'remote: GitLab: ', '40-character hexadecimal branch name', /good \(pre-receive hook declined\)/);
    assert.deepEqual([...(await lab.gitlab.refs(path)).keys()], ['refs/heads/main']);
  });

  test('hidden refs are refused by git itself, each on its own', async () => {
    const { work, path } = await lab.filled('hidden');
    const seen = await lab.agent.git(
      work,
      'push',
      'origin',
      'HEAD:refs/merge-requests/1/head',
      'HEAD:refs/keep-around/x',
      'HEAD:refs/heads/fine',
    );
    refused(
      seen,
      'refs/merge-requests/1/head (deny updating a hidden ref)',
      'refs/keep-around/x (deny updating a hidden ref)',
    );
    assert.deepEqual([...(await lab.gitlab.refs(path)).keys()], ['refs/heads/fine', 'refs/heads/main']);
  });

  test('roles: guests see nothing of private code, reporters fetch, developers push', async () => {
    const { url } = await lab.filled('roles');
    const { guest, reporter, developer } = lab.people;
    refused(await guest.person.git('/', 'ls-remote', url), 'ERROR: ', 'not allowed to download code');
    const read = await reporter.person.clone(url);
    await reporter.person.commit(read, 'mine');
    refused(await reporter.person.git(read, 'push'), 'remote: ERROR: You are not allowed to push code to this project');
    const write = await developer.person.clone(url);
    await developer.person.commit(write, 'mine');
    done(await developer.person.git(write, 'push'));
    const missing = await developer.person.git('/', 'ls-remote', url.replace('roles', 'nothing'));
    refused(
      missing,
      "could not be found or you don't have permission to view it",
      'Could not read from remote repository',
    );
  });

  test('an archived project and a key without write access refuse pushes and allow fetches; an expired key and a blocked owner get nothing', async () => {
    const { work, id } = await lab.filled('stage-a');
    const push = (): Promise<Seen> => lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x');
    await rest(lab.gitlab, `POST /projects/${id}/archive`);
    refused(await push(), 'push code to an archived project');
    done(await lab.agent.git(work, 'fetch'));
    await rest(lab.gitlab, `POST /projects/${id}/unarchive`);
    const [key] = (await rest(lab.gitlab, `GET /projects/${id}/deploy_keys`)) as unknown as { id: number }[];
    await rest(lab.gitlab, `PUT /projects/${id}/deploy_keys/${key?.id}`, { can_push: false });
    refused(await push(), 'deploy key does not have write access');
    done(await lab.agent.git(work, 'fetch'));
    await rest(lab.gitlab, `PUT /projects/${id}/deploy_keys/${key?.id}`, { can_push: true });
    await rest(lab.gitlab, `POST /users/${lab.owner.id}/block`);
    refused(await lab.agent.git(work, 'fetch'), 'account has been blocked');
    await rest(lab.gitlab, `POST /users/${lab.owner.id}/unblock`);
    done(await push());
  });

  test('a pack above the limit of the instance is refused by git', async () => {
    const { work } = await lab.filled('large');
    await rest(lab.gitlab, 'PUT /application/settings', { receive_max_input_size: 1 });
    const blob = (
      await lab.agent.git(work, '-c', 'alias.x=!head -c 2000000 /dev/urandom | git hash-object -w --stdin', 'x')
    ).output.trim();
    const seen = await lab.agent.git(work, 'push', 'origin', `${blob}:refs/blobs/large`);
    await rest(lab.gitlab, 'PUT /application/settings', { receive_max_input_size: null });
    refused(seen, 'pack exceeds maximum allowed size');
    done(await lab.agent.git(work, 'push', 'origin', `${blob}:refs/blobs/large`));
  });

  test('a broken object refuses the pack, a bad time zone does not', async () => {
    const { work } = await lab.filled('fsck');
    const { agent } = lab;
    const commit = async (author: string): Promise<string> => {
      const tree = (await agent.git(work, 'rev-parse', 'HEAD^{tree}')).output.trim();
      const text = `tree ${tree}\nauthor ${author}\ncommitter A <a@b> 1 +0000\n\nx\n`;
      const made = await agent.git(
        work,
        '-c',
        `alias.x=!printf '${text.replace(/\n/g, '\\n')}' | git hash-object -t commit -w --literally --stdin`,
        'x',
      );
      return made.output.trim();
    };
    refused(
      await agent.git(work, 'push', 'origin', `${await commit('A a@b 1 +0000')}:refs/heads/bad`),
      'fsck error in packed object',
      'unpacker error',
    );
    done(await agent.git(work, 'push', 'origin', `${await commit('A <a@b> 1 +051800')}:refs/heads/odd`));
  });

  test('two pushes race on one ref: one wins and the other is told by git that the ref was elsewhere', async () => {
    const { url, path } = await lab.filled('race');
    const { developer, maintainer } = lab.people;
    const racers = await Promise.all(
      [developer, maintainer].map(async ({ person }) => ({ person, folder: await person.clone(url) })),
    );
    const commits = await Promise.all(racers.map(({ person, folder }) => person.commit(folder, person.name)));
    const heal = lab.gitlab.misbehave({ kind: 'slow', stage: 'pre-receive', delayMs: 2_500, project: path });
    const seen = await Promise.all(racers.map(({ person, folder }) => person.git(folder, 'push')));
    heal();
    const winner = seen.findIndex(({ code }) => code === 0);
    assert.deepEqual(seen.map(({ code }) => code).sort(), [0, 1]);
    assert.equal((await lab.gitlab.refs(path)).get('refs/heads/main'), commits[winner]);
    refused(seen[1 - winner] ?? { code: 0, output: '', ms: 0 }, /cannot lock ref|failed to update ref/);
  });

  test('events: up to three changes of one kind would send webhooks, and four send none', async () => {
    const { work } = await lab.filled('events');
    lab.gitlab.events.length = 0;
    done(
      await lab.agent.git(
        work,
        'push',
        '-o',
        'ci.skip',
        'origin',
        ...['1', '2', '3', '4'].map((name) => `HEAD:refs/heads/${name}`),
        'HEAD:refs/tags/one',
      ),
    );
    assert.deepEqual(
      lab.gitlab.events.map(({ kind, ref, user, pushOptions }) => ({ kind, ref, user, pushOptions })),
      [{ kind: 'tag_push', ref: 'refs/tags/one', user: 'handover', pushOptions: ['ci.skip'] }],
    );
  });
});
