import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  gitlabWords,
  localWords,
  readPushAnswer,
  readSendAnswer,
  refusedObjects,
} from '../../../agent/rules/gitanswers';
import type { RefName } from '../../../agent/rules/values';

const exit = { code: 1, stdout: '', stderr: '', timedOut: false };

test('success is exit code 0 and nothing else', () => {
  assert.equal(readPushAnswer({ ...exit, code: 0 }).kind, 'ok');
});

test('a connection that failed before any command is "not sent"', () => {
  const stderr =
    'ssh: connect to host 127.0.0.1 port 1: Connection refused\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n';
  assert.equal(readPushAnswer({ ...exit, code: 128, stderr }).kind, 'not-sent');
});

test('a connection that was cut in the middle is "no answer"', () => {
  assert.equal(
    readPushAnswer({ ...exit, code: 128, stderr: 'fatal: the remote end hung up unexpectedly\n' }).kind,
    'no-answer',
  );
  assert.equal(readPushAnswer({ ...exit, code: null }).kind, 'no-answer');
  assert.equal(readPushAnswer({ ...exit, stderr: 'something nobody has seen before' }).kind, 'no-answer');
});

test('each rejected ref has its own reason', () => {
  const stdout =
    'To ssh://x\n!\tabc:refs/heads/a\t[rejected] (stale info)\n!\tabc:refs/heads/b\t[remote rejected] (pre-receive hook declined)\n!\t:refs/heads/c\t[rejected] (atomic push failed)\nDone\n';
  const answer = readPushAnswer({ ...exit, stdout });
  assert.equal(answer.kind, 'rejected');
  assert.deepEqual(answer.kind === 'rejected' && Object.fromEntries(answer.refs), {
    'refs/heads/a': 'stale',
    'refs/heads/b': 'declined',
    'refs/heads/c': 'with-others',
  });
});

test("GitLab's words arrive without rulers and without git's own lines", () => {
  const stderr =
    'remote: \nremote: ========\nremote: \nremote: GitLab: You are not allowed to push code to protected branches on this project.\nremote: \nTo ssh://x\nerror: failed to push some refs\n';
  assert.equal(gitlabWords(stderr), 'GitLab: You are not allowed to push code to protected branches on this project.');
});

test('a ref that a push by a pattern left out counts as declined, also where git ended well', () => {
  const refs = ['refs/heads/a', 'refs/heads/b', 'refs/heads/gone'] as RefName[];
  const stdout = 'To ssh://x\n*\trefs/send/heads/a:refs/heads/a\t[new branch]\n-\t:refs/heads/gone\t[deleted]\nDone\n';
  const answer = readSendAnswer({ ...exit, code: 0, stdout }, refs);
  assert.deepEqual(answer.kind === 'rejected' && [...answer.refs], [['refs/heads/b', 'declined']]);
  assert.equal(
    readSendAnswer({ ...exit, code: 0, stdout: `${stdout}=\trefs/send/heads/b:refs/heads/b\t[up to date]\n` }, refs)
      .kind,
    'ok',
  );
  assert.equal(readSendAnswer({ ...exit, code: null, stdout }, refs).kind, 'no-answer');
});

test('objects that git refuses are told from a connection that was cut, which also ends index-pack', () => {
  const refused =
    'error: object 12ab: badTimezone: bad time zone\nfatal: fsck error in packed object\nfatal: index-pack failed\n';
  assert.equal(
    refusedObjects({ ...exit, code: 128, stderr: refused }),
    'object 12ab: badTimezone: bad time zone; fsck error in packed object; index-pack failed',
  );
  assert.equal(refusedObjects({ ...exit, code: 128, stderr: 'fatal: early EOF\nfatal: index-pack failed\n' }), null);
  assert.equal(refusedObjects({ ...exit, code: null, stderr: refused }), null);
  assert.equal(refusedObjects({ ...exit, stderr: refused, timedOut: true }), null);
});

test("git's words about its own work fit on one line, and say how it ended where it was silent", () => {
  const stderr =
    "fatal: prepare: cannot lock ref 'x': Unable to create 'x.lock': File exists.\n\nAnother git process seems\n";
  assert.equal(localWords({ ...exit, stderr }), "cannot lock ref 'x': Unable to create 'x.lock': File exists.");
  assert.equal(localWords({ ...exit, code: null }), 'git was killed');
});
