import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Seen } from '../contract';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { rest } from './restclient';
import { done, refused } from './verdict';

let lab: Fixture;

describe('protected refs over ssh', () => {
  before(async () => {
    lab = await makeFixture();
  });
  after(() => lab.close());

  test('a protected branch takes no force, no deletion over git and no push below its level; the most permissive rule wins', async () => {
    const { work, id, first, path } = await lab.filled('ruled');
    const git = (...args: string[]): Promise<Seen> => lab.agent.git(work, ...args);
    const second = await lab.agent.commit(work, 'second');
    done(await git('push', 'origin', 'HEAD:refs/heads/release/1'));
    await rest(lab.gitlab, `POST /projects/${id}/protected_branches`, { name: 'release/*' });
    refused(
      await git('push', '--force', 'origin', `${first}:refs/heads/release/1`),
      'not allowed to force push code to a protected branch',
    );
    refused(
      await git('push', 'origin', ':refs/heads/release/1'),
      'only delete protected branches using the web interface',
    );
    const developer = lab.people.developer.person;
    const theirs = await developer.clone(String((await rest(lab.gitlab, `GET /projects/${id}`))['ssh_url_to_repo']));
    await developer.commit(theirs, 'theirs');
    refused(
      await developer.git(theirs, 'push', 'origin', 'HEAD:refs/heads/release/2'),
      'not allowed to create protected branches',
    );
    refused(
      await developer.git(theirs, 'push', 'origin', ':refs/heads/release/1'),
      'not allowed to delete protected branches',
    );
    await rest(lab.gitlab, `POST /projects/${id}/protected_branches`, {
      name: '*',
      push_access_level: 30,
      merge_access_level: 30,
      allow_force_push: true,
    });
    done(await developer.git(theirs, 'push', 'origin', 'HEAD:refs/heads/release/2'));
    done(await git('push', '--force', 'origin', `${first}:refs/heads/release/1`));
    assert.equal((await lab.gitlab.refs(path)).get('refs/heads/release/1'), first);
    assert.notEqual(first, second);
  });

  test('no one means nobody, unless the row of a key lets its owner in', async () => {
    const { work, id } = await lab.filled('closed');
    const closed = `/projects/${id}/protected_branches`;
    await rest(lab.gitlab, `POST ${closed}`, { name: 'main', push_access_level: 0, merge_access_level: 0 });
    await lab.agent.commit(work, 'second');
    refused(await lab.agent.git(work, 'push', 'origin', 'HEAD:main'), 'not allowed to push code to protected branches');
    await rest(lab.gitlab, `DELETE ${closed}/main`);
    const [key] = (await rest(lab.gitlab, `GET /projects/${id}/deploy_keys`)) as unknown as { id: number }[];
    await rest(lab.gitlab, `POST ${closed}`, {
      name: 'main',
      push_access_level: 0,
      allowed_to_push: [{ deploy_key_id: key?.id }],
    });
    done(await lab.agent.git(work, 'push', 'origin', 'HEAD:main'));
  });

  test('the default branch cannot be deleted over git until another branch is the default', async () => {
    const { work, id } = await lab.filled('default');
    refused(
      await lab.agent.git(work, 'push', 'origin', ':refs/heads/main'),
      'default branch of a project cannot be deleted',
    );
    done(await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/trunk'));
    await rest(lab.gitlab, `PUT /projects/${id}`, { default_branch: 'trunk' });
    done(await lab.agent.git(work, 'push', 'origin', ':refs/heads/main'));
  });

  test('a protected tag is neither moved nor deleted over git, and odd tag names are refused', async () => {
    const { work, id } = await lab.filled('tags');
    const git = (...args: string[]): Promise<Seen> => lab.agent.git(work, ...args);
    done(await git('push', 'origin', 'HEAD:refs/tags/v1'));
    await rest(lab.gitlab, `POST /projects/${id}/protected_tags`, { name: 'v*', create_access_level: 40 });
    await lab.agent.commit(work, 'second');
    refused(await git('push', '--force', 'origin', 'HEAD:refs/tags/v1'), 'Protected tags cannot be updated');
    refused(await git('push', 'origin', ':refs/tags/v1'), 'only delete protected tags using the web interface');
    refused(await git('push', 'origin', 'HEAD:refs/tags/main'), 'cannot use default branch name to create a tag');
    refused(await git('push', 'origin', `HEAD:refs/tags/${'b'.repeat(40)}-x`), 'SHA-1 or SHA-256 tag name');
  });
});
