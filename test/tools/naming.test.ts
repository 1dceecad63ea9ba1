/** What is printed to be typed is typed as it stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameStack, nameStackIn } from '../../agent/contract/naming';

const prod = { stack: 'prod', cwd: undefined };

test('printed commands name the stack that they are about', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['See `npm run status`.', 'See `npm run status -- --stack prod`.'],
    ['npm run resolve -- /a b --keep old', 'npm run resolve -- --stack prod /a b --keep old'],
    ['npm run repair', 'npm run repair -- --stack prod'],
    ['run `pulumi up` again', 'run `pulumi up --stack prod` again'],
    ['`pulumi up --refresh`', '`pulumi up --stack prod --refresh`'],
    ["pulumi config set --path 'a.b' old", "pulumi config set --stack prod --path 'a.b' old"],
    [
      'npm run build, npm run statusline, pulumi stack select',
      'npm run build, npm run statusline, pulumi stack select',
    ],
  ];
  for (const [text, named] of cases) {
    assert.equal(nameStack(text, prod), named);
    assert.equal(nameStack(named, prod), named, 'twice is once');
    assert.equal(nameStack(text, { stack: undefined, cwd: undefined }), text);
  }
});

test('a folder of the project is named as the operator named it, quoted where a shell would split it', () => {
  assert.equal(
    nameStack('`npm run verify`', { stack: 'org/prod', cwd: '/home/ada/my stack' }),
    "`npm run verify -- --stack org/prod --cwd '/home/ada/my stack'`",
  );
  assert.deepEqual(nameStackIn({ next: ['npm run status'], count: 1, old: null }, prod), {
    next: ['npm run status -- --stack prod'],
    count: 1,
    old: null,
  });
});
