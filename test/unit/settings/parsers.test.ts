/** What the operator wrote: any name and any configuration is a setting that is plain, or a mistake of its writer. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { fc } from '../../property';
import { HandoverError } from '../../../agent/contract/errors';
import { readConfig } from '../../../stacks/config';
import { defaultProject, projectPathFault, repositoryPath } from '../../../stacks/settings/paths';

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

test('no name of a repository leads out of the root, holds a control character or ends two lines', () => {
  fc.assert(
    fc.property(hostile, (key) => {
      const path = repositoryPath('/srv/git', key);
      if (path === null) return;
      assert.ok(key.startsWith('/') ? path.startsWith('/') : path.startsWith('/srv/git/'), path);
      assert.equal(posix.normalize(path), path);
      // The shims read the path with `read -r`, which takes away what IFS holds: a space or a tab.
      assert.doesNotMatch(path, /[\x00-\x1f]|[ \t]$/);
    }),
    runs,
  );
});

test('a project path is one that GitLab takes, whatever the repository is called', () => {
  fc.assert(
    fc.property(hostile, (key) => {
      const project = defaultProject(key);
      if (project === null) return;
      assert.equal(projectPathFault(project), null);
      assert.match(project, /^[A-Za-z0-9._/-]+$/);
      assert.doesNotMatch(project, /\.\.|\/\/|^-|\/-/);
    }),
    runs,
  );
});

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

function readOrMistake(written: unknown): void {
  try {
    for (const { config } of readConfig(written).repositories)
      assert.match(
        config.gitlabUrl,
        /^ssh:\/\/[A-Za-z0-9_][A-Za-z0-9_.@\\-]*@[A-Za-z0-9_[][A-Za-z0-9_.:[\]-]*:\d+\/[A-Za-z0-9_./-]+\.git$/,
      );
  } catch (error) {
    assert.ok(error instanceof HandoverError && error.fault.exit === 2, String(error));
  }
}

test('a configuration of anything is settings or a mistake of its writer, and what goes into ssh, URLs and shells is plain', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, fc.jsonValue(), (host, user, name, anything) => {
      const values = {
        server: { host, user, hostKeys: [key], root: '/srv/git' },
        gitlab: {
          url: 'https://gitlab.example.com',
          sshHost: host,
          sshUser: user,
          sshHostKeys: [key],
          group: { path: name },
        },
        repositories: { [name]: anything, 'team/app.git': {} },
      };
      for (const written of [values, anything, { ...values, agent: anything }, { ...values, people: anything }])
        readOrMistake(written);
    }),
    { numRuns: 60 },
  );
});
