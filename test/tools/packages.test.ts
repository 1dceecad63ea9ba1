/** What npm brings, and what of it runs while it is installed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const project = join(__dirname, '..', '..');

/** All of them do their work without: esbuild by its optional package, ssh2 in plain JavaScript. */
const withoutTheirs = ['cpu-features', 'esbuild', 'protobufjs', 'ssh2'];

interface Locked {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

function locked(): Locked['packages'] {
  return (JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as Locked).packages;
}

test('no package runs a script of its own while it is installed, and one that would is known to do without', () => {
  assert.match(readFileSync(join(project, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
  const names = Object.entries(locked()).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.replace(/^.*node_modules\//, '')] : [],
  );
  assert.deepEqual(names.sort(), withoutTheirs);
});

test('packages that came through an older Pulumi, with holes that are known, are gone', () => {
  const names = new Set(Object.keys(locked()).map((path) => path.replace(/^.*node_modules\//, '')));
  for (const name of ['tar', 'pacote', 'inflight', 'glob']) assert.equal(names.has(name), false, name);
});
