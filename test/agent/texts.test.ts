/** What pushers read fits behind git's `remote: `. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreadableWords } from '../../agent/hook/askwords';
import { text, textNames } from '../../agent/rules/texts';
import { unwritten } from '../../agent/sync/push';

const columnsMax = 72;

const repository = {
  path: '/srv/git/app.git',
  project: 'code/app',
  gitlabUrl: '',
  peopleUrl: 'git@gitlab.example.org:code/app.git',
  namespaces: [],
  waivedNamespaces: [],
  hooksAfterPass: true,
  ciSkip: true,
  brownouts: [],
};

test('no line of a text for pushers is wider than 72 columns before it is filled in', () => {
  const words = [...textNames.map((name) => text({ texts: {} }, name, repository)), unreadableWords, unwritten];
  for (const line of words.join('\n').split('\n')) assert.ok(line.length <= columnsMax, `${line.length}: ${line}`);
});
