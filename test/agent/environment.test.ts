/** The environment of our git, in TypeScript and in the shim. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { localEnvironment, networkEnvironment } from '../../agent/git/environment';

const shim = fs.readFileSync(path.join(__dirname, '../../agent/hook/shims/pre-receive'), 'utf8');
const [own = ''] = /^own_environment\(\) \{$[\s\S]*?^\}$/m.exec(shim) ?? [];

/** What the shim's function leaves to git, called with these words, in /old.git. */
function shimEnvironment(words: string): Record<string, string> {
  const script = `PWD=/old.git folder=/agent state=/state\n${own}\nown_environment ${words}\nexec env`;
  const env = { PATH: '/usr/bin:/bin', GIT_CONFIG_COUNT: '1', GIT_CONFIG_PARAMETERS: "'a.b=c'", GIT_TRACE: '/trace' };
  const lines = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env }).trim().split('\n');
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => /^(GIT_|HOME|XDG|LC_)/.test(name)));
}

function withoutPath({ PATH: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}

const place = { folder: '/agent', quarantine: { GIT_OBJECT_DIRECTORY: '/old.git/objects' } };

for (const [name, call, wanted] of [
  ['that stays here', /own_environment ("\$PWD".*)$/m, localEnvironment({ ...place, directory: '/old.git' })],
  ['to GitLab', /own_environment ("\$state.*)$/m, networkEnvironment({ ...place, directory: '/state/network' })],
] as const)
  test(`a call ${name} has the same environment from the shim as from the agent`, () => {
    const { GIT_SSH_VARIANT: _, ...seen } = shimEnvironment(call.exec(shim)?.[1] ?? 'none');
    const {
      GIT_SSH_VARIANT: __,
      GIT_COMMITTER_NAME: ___,
      GIT_COMMITTER_EMAIL: ____,
      ...expected
    } = withoutPath(wanted);
    assert.deepEqual(seen, expected);
  });
