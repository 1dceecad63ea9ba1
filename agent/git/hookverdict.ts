/**
 * What the repository's own pre-receive and update say of a push that git took alone. They are asked in a throw-away
 * folder that looks like the repository before that push: hooks look for new commits by what no ref has yet.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { printable } from '../contract/printable';
import { toText } from '../rules/bytes';
import { printOid, printUpdate } from '../rules/refs';
import { isOthers, ownHook, runFile, type HookEnd, type OwnHooks } from './ownhooks';
import type { Refs, Update } from '../rules/values';

/** A pass has the repository's lock meanwhile: a heal, and a change of phase, wait for it, ms. */
export const verdictMs = 5_000;

/** Null: they take it. `folder` is made anew, and goes; whoever asks has the repository's lock. */
export async function hookVerdict(place: OwnHooks, folder: string, update: Update, refs: Refs): Promise<string | null> {
  try {
    return (
      (await askHook(place, { name: 'pre-receive', folder, update, refs })) ??
      (await askHook(place, { name: 'update', folder, update, refs }))
    );
  } catch (error) {
    return `its own hooks could not be asked, ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

interface Question {
  readonly name: 'pre-receive' | 'update';
  readonly folder: string;
  readonly update: Update;
  readonly refs: Refs;
}

async function askHook(place: OwnHooks, { name, folder, update, refs }: Question): Promise<string | null> {
  const file = ownHook(place, name);
  if (file === null) return null;
  if (place.shared && isOthers(path.resolve(file))) return `${name} is not run, as others could have written it`;
  makeView(place.directory, folder, { update, refs });
  const isUpdate = name === 'update';
  const ref = Buffer.from(update.ref, 'latin1').toString('utf8');
  const { how, printed } = await runFile({
    file: path.resolve(file),
    words: isUpdate ? [ref, printOid(update.before), printOid(update.after)] : [],
    input: isUpdate ? '' : `${printUpdate(update)}\n`,
    directory: folder,
    limitMs: verdictMs,
  });
  return how === 'well' ? null : wordsOf(name, how, printed);
}

function wordsOf(name: string, how: HookEnd['how'], printed: string): string {
  if (how === 'late') return `its ${name} ran for longer than ${verdictMs / 1000} s and was ended`;
  const last = printable(toText(printed)).trim().slice(-300);
  return last === '' ? `its ${name} declined it` : `its ${name} declined it, ${last}`;
}

/** What is the folder's own; all else is the repository's. */
const own: ReadonlySet<string> = new Set(['refs', 'packed-refs', 'logs', 'HEAD']);

function makeView(
  directory: string,
  folder: string,
  { update, refs }: { readonly update: Update; readonly refs: Refs },
): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'refs'), { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(directory).filter((one) => !own.has(one)))
    fs.symlinkSync(path.join(directory, name), path.join(folder, name));
  fs.copyFileSync(path.join(directory, 'HEAD'), path.join(folder, 'HEAD'));
  const before = new Map(refs);
  if (update.before !== null) before.set(update.ref, update.before);
  const lines = [...before].sort(([left], [right]) => (left < right ? -1 : 1)).map(([ref, oid]) => `${oid} ${ref}\n`);
  fs.writeFileSync(
    path.join(folder, 'packed-refs'),
    Buffer.from(`# pack-refs with: sorted \n${lines.join('')}`, 'latin1'),
  );
}
