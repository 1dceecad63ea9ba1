import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from './kinds';
import { scripted } from './scripted';

const HOOK = 'gitlab:index/projectHook:ProjectHook';
const BRANCH = 'gitlab:index/branchProtection:BranchProtection';
const TAG = 'gitlab:index/tagProtection:TagProtection';
const PROJECT = 'gitlab:index/project:Project';
const GROUP = 'gitlab:index/group:Group';

test('a webhook keeps its secrets although GitLab never gives them back, and a change of it names the URL again', async (t) => {
  const told = {
    id: 5,
    project_id: 1,
    url: 'https://hook.invalid',
    push_events: true,
    alert_status: 'executable',
    disabled_until: null,
    custom_headers: [{ key: 'X-A' }],
  };
  const { rest, asked } = await scripted(t, {
    'POST /projects/1/hooks': [told],
    'GET /projects/1/hooks/5': [told],
    'PUT /projects/1/hooks/5': [told],
  });
  const inputs = {
    project: '1',
    url: 'https://hook.invalid',
    token: 'hush',
    pushEvents: true,
    customHeaders: [{ key: 'X-A', value: 'hush too' }],
  };
  const hook = kindOf(HOOK);
  assert.equal(await hook.create(rest, inputs), '1:5');
  const state = await hook.read(rest, '1:5', inputs);
  assert.deepEqual(
    [state?.['token'], state?.['customHeaders'], state?.['hookId'], state?.['disabledUntil']],
    ['hush', [{ key: 'X-A', value: 'hush too' }], 5, ''],
  );
  await hook.update?.(rest, '1:5', {
    state: state ?? {},
    news: { ...inputs, tagPushEvents: true },
    changed: { tagPushEvents: true },
  });
  assert.deepEqual(asked, [
    'POST /projects/1/hooks {"url":"https://hook.invalid","token":"hush","push_events":true,"custom_headers":[{"key":"X-A","value":"hush too"}]}',
    'GET /projects/1/hooks/5',
    'PUT /projects/1/hooks/5 {"url":"https://hook.invalid","tag_push_events":true}',
  ]);
});

test('the rule that GitLab made for the default branch is taken over', async (t) => {
  const rule = '/projects/1/protected_branches';
  const { rest, asked } = await scripted(t, {
    [`GET ${rule}/main`]: [{ id: 3 }],
    'GET /projects/1': [{ default_branch: 'main' }],
    [`DELETE ${rule}/main`]: [204],
    [`POST ${rule}`]: [{ id: 4 }],
  });
  await kindOf(BRANCH).create(rest, {
    project: '1',
    branch: 'main',
    pushAccessLevel: 'no one',
    allowedToPushes: [{ deployKeyId: 9 }],
  });
  assert.deepEqual(asked, [
    `GET ${rule}/main`,
    'GET /projects/1',
    `DELETE ${rule}/main`,
    `POST ${rule} {"name":"main","push_access_level":0,"allowed_to_push":[{"deploy_key_id":9}]}`,
  ]);
});

test('a rule of another branch that is in the way is an error that says so', async (t) => {
  const { rest } = await scripted(t, {
    'GET /projects/1/protected_branches/dev': [{ id: 3 }],
    'GET /projects/1': [{ default_branch: 'main' }],
  });
  await assert.rejects(
    kindOf(BRANCH).create(rest, { project: '1', branch: 'dev' }),
    /a protection of dev already exists in project 1/,
  );
});

test('the role of a branch rule is the row without a key; keys are exceptions', async (t) => {
  const key = { id: 2, access_level: 40, access_level_description: 'agent', deploy_key_id: 9 };
  const rows = {
    push_access_levels: [key, { id: 1, access_level: 0, deploy_key_id: null }],
    merge_access_levels: [{ id: 3, access_level: 30 }],
  };
  const { rest } = await scripted(t, {
    'GET /projects/1/protected_branches/main': [{ id: 7, allow_force_push: true, ...rows }],
  });
  const state = await kindOf(BRANCH).read(rest, '1:main', {});
  assert.deepEqual(state, {
    project: '1',
    branch: 'main',
    branchProtectionId: 7,
    allowForcePush: true,
    codeOwnerApprovalRequired: false,
    pushAccessLevel: 'no one',
    mergeAccessLevel: 'developer',
    allowedToPushes: [{ accessLevel: 'maintainer', accessLevelDescription: 'agent', deployKeyId: 9 }],
    allowedToMerges: [],
    allowedToUnprotects: [],
  });
});

test('a branch rule that is gone is an error to delete, a tag rule is not', async (t) => {
  const { rest } = await scripted(t, {});
  await assert.rejects(kindOf(BRANCH).delete(rest, '1:main', {}), /answered 404/);
  await kindOf(TAG).delete(rest, '1:v*', {});
});

test('a tag rule that is in the way is replaced', async (t) => {
  const { rest, asked } = await scripted(t, {
    'POST /projects/1/protected_tags': [409, { name: 'v*' }],
    'DELETE /projects/1/protected_tags/v%2A': [204],
  });
  assert.equal(await kindOf(TAG).create(rest, { project: '1', tag: 'v*' }), '1:v*');
  assert.deepEqual(
    asked.map((line) => line.replace(/ \{.*/, '')),
    ['POST /projects/1/protected_tags', 'DELETE /projects/1/protected_tags/v%2A', 'POST /projects/1/protected_tags'],
  );
  assert.match(asked[0] ?? '', /"create_access_level":40/);
});

test('a project waits until its default branch is protected, and until an import is over', async (t) => {
  const { rest, asked } = await scripted(t, {
    'GET /projects/1': [
      { import_status: 'scheduled' },
      { default_branch: 'main', namespace: { id: 2, kind: 'group' } },
    ],
    'GET /projects/1/import': [{ import_status: 'started' }, { import_status: 'finished' }],
    'GET /groups/2': [{ default_branch_protection: 2 }],
    'GET /projects/1/repository/branches/main': [{ protected: false }, { protected: true }],
  });
  await kindOf(PROJECT).settle?.(rest, '1', {});
  assert.deepEqual(asked.slice(1), [
    'GET /projects/1/import',
    'GET /projects/1/import',
    'GET /projects/1',
    'GET /groups/2',
    'GET /projects/1/repository/branches/main',
    'GET /projects/1/repository/branches/main',
  ]);
});

test('a project is not waited for where the group protects nothing, or where it is told not to', async (t) => {
  const { rest, asked } = await scripted(t, {
    'GET /projects/1': [{ default_branch: 'main', namespace: { id: 2, kind: 'group' } }],
    'GET /groups/2': [{ default_branch_protection: 0 }],
  });
  await kindOf(PROJECT).settle?.(rest, '1', {});
  await kindOf(PROJECT).settle?.(rest, '1', { skipWaitForDefaultBranchProtection: true });
  assert.equal(asked.filter((line) => line.includes('branches')).length, 0);
});

test('a project marked for deletion is gone; removal for good names the path that GitLab gave it', async (t) => {
  const marked = { id: 1, marked_for_deletion_on: '2026-01-01', path_with_namespace: 'team/app-deletion_scheduled-1' };
  const { rest, asked } = await scripted(t, {
    'DELETE /projects/1': [202],
    'GET /projects/1': [marked, marked, marked, 404],
    'DELETE /projects/1?permanently_remove=true&full_path=team%2Fapp-deletion_scheduled-1': [202],
  });
  assert.equal(await kindOf(PROJECT).read(rest, '1', {}), null);
  await kindOf(PROJECT).delete(rest, '1', { permanentlyDeleteOnDestroy: true });
  assert.deepEqual(
    asked.filter((line) => line.startsWith('DELETE')),
    ['DELETE /projects/1', 'DELETE /projects/1?permanently_remove=true&full_path=team%2Fapp-deletion_scheduled-1'],
  );
});

test('a project that is to be archived at the end is not deleted', async (t) => {
  const { rest, asked } = await scripted(t, { 'POST /projects/1/archive': [{}] });
  await kindOf(PROJECT).delete(rest, '1', { archiveOnDestroy: true });
  assert.deepEqual(asked, ['POST /projects/1/archive']);
});

test('an update of a project sends what changed and nothing else; a move and the archive go their own ways', async (t) => {
  const { rest, asked } = await scripted(t, {
    'PUT /projects/1': [{}],
    'PUT /projects/1/transfer': [{}],
    'POST /projects/1/unarchive': [{}],
  });
  await kindOf(PROJECT).update?.(rest, '1', {
    state: {},
    news: {},
    changed: { defaultBranch: 'trunk', description: null, namespaceId: 4, archived: false, archiveOnDestroy: true },
  });
  assert.deepEqual(asked, [
    'POST /projects/1/unarchive',
    'PUT /projects/1/transfer {"namespace":4}',
    'PUT /projects/1 {"default_branch":"trunk","description":""}',
  ]);
});

test('the default protection of a group goes as rows of levels, and comes back as their names', async (t) => {
  const rows = {
    allowed_to_push: [{ access_level: 30 }],
    allowed_to_merge: [{ access_level: 30 }],
    allow_force_push: true,
    developer_can_initial_push: false,
  };
  const { rest, asked } = await scripted(t, {
    'POST /groups': [{ id: 2 }],
    'GET /groups/2': [{ id: 2, path: 'team', default_branch_protection_defaults: rows }],
  });
  const defaults = { allowForcePush: true, allowedToPushes: ['developer'], allowedToMerges: ['developer'] };
  const id = await kindOf(GROUP).create(rest, {
    path: 'team',
    name: 'team',
    defaultBranchProtectionDefaults: defaults,
  });
  assert.match(
    asked[0] ?? '',
    /"default_branch_protection_defaults":\{"allow_force_push":true,"allowed_to_push":\[\{"access_level":30\}\],"allowed_to_merge":\[\{"access_level":30\}\]\}/,
  );
  const state = await kindOf(GROUP).read(rest, id, {});
  assert.deepEqual(state?.['defaultBranchProtectionDefaults'], { ...defaults, developerCanInitialPush: false });
});
