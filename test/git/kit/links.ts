/** What attacks by links share: what they lead to, and how it looks before and after. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Pair } from './pair';

/** All that is below a folder, by name: what a file holds, where a link leads. */
export function picture(folder: string): Record<string, string> {
  if (!fs.existsSync(folder)) return {};
  const names = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^(objects|m)\b/.test(name));
  return Object.fromEntries(names.map((name) => [name, drawn(path.join(folder, name))]));
}

function drawn(place: string): string {
  const stat = fs.lstatSync(place);
  if (stat.isSymbolicLink()) return `-> ${fs.readlinkSync(place)}`;
  return stat.isFile() ? fs.readFileSync(place, 'latin1') : stat.isDirectory() ? 'a folder' : 'something else';
}

/** A repository of another group on the same server, with a policy and commits that nobody else has. */
export async function otherRepository(pair: Pair): Promise<string> {
  const other = path.join(path.dirname(pair.old), 'other.git');
  await pair.must(pair.folder, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', other);
  const clone = await pair.clone('old', 'their-clone');
  await pair.commit(clone, 'T');
  await pair.must(clone, 'push', '--quiet', other, 'HEAD:main', 'HEAD:side');
  await pair.must(other, 'pack-refs', '--all');
  await pair.must(clone, 'push', '--quiet', other, 'HEAD:loose');
  fs.mkdirSync(path.join(other, 'hooks'));
  fs.writeFileSync(path.join(other, 'hooks/pre-receive'), '#!/bin/sh\necho "their policy" >&2\nexit 1\n', {
    mode: 0o755,
  });
  return other;
}

export function plant(pair: Pair, name: string, target: string): void {
  const place = path.join(pair.old, name);
  fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.symlinkSync(target, place);
}

/** Passes, whatever they say. */
export async function passes(pair: Pair): Promise<string> {
  const words: string[] = [];
  for (let turn = 0; turn < 2; turn += 1)
    await pair.pass().then(
      ({ troubles }) => words.push(...troubles.map((trouble) => `${trouble.words} ${trouble.next}`)),
      (error: unknown) => words.push(String(error)),
    );
  return words.join('\n');
}
