import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { labFolder } from '../folder';
import type { LabFolder } from '../folder';
import { makePerson } from '../person';
import type { LabPerson } from '../person';
import { startGitlab } from './gitlab';
import type { GitlabStandIn } from './model';
import { rest } from './restclient';

describe('git over ssh', () => {
  let folder: LabFolder;
  let gitlab: GitlabStandIn;
  let ann: LabPerson;
  let annId: number;

  before(async () => {
    folder = labFolder();
    gitlab = await startGitlab({ afterFirstPushMs: 1 });
    const server = { host: '127.0.0.1', port: gitlab.sshPort, hostKeys: gitlab.hostKeys };
    ann = makePerson({ folder: folder.path, name: 'ann', servers: [server], multiplexed: true });
    annId = (await gitlab.addUser({ username: 'ann', sshPublicKey: ann.publicKey })).id;
    await rest(gitlab, 'POST', '/groups', { name: 'team', path: 'team' });
  });

  after(async () => {
    await gitlab.stop();
    await folder.close();
  });

  test('a maintainer pushes the first branch, which becomes HEAD and gets the automatic rule', async () => {
    const project = await rest(gitlab, 'POST', '/projects', { name: 'app', namespace_id: await groupId(gitlab) });
    await rest(gitlab, 'POST', `/projects/${String(project['id'])}/members`, { user_id: annId, access_level: 40 });
    const work = await ann.clone(`ssh://${gitlab.sshUser}@127.0.0.1:${gitlab.sshPort}/team/app.git`);
    const commit = await ann.commit(work, 'first');
    const seen = await ann.git(work, 'push', 'origin', 'HEAD:refs/heads/main');
    assert.equal(seen.code, 0, seen.output);
    await gitlab.settled();
    assert.deepEqual([...(await gitlab.refs('team/app'))], [['refs/heads/main', commit]]);
  });
});

async function groupId(gitlab: GitlabStandIn): Promise<unknown> {
  return (await rest(gitlab, 'GET', '/groups/team'))['id'];
}
