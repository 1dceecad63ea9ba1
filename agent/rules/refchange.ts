/**
 * Changes refs by compare-and-set, each in its own transaction: one stale ref, or `a` against `a/b`, must not stop the
 * others.
 */
import { localWords, type GitExit } from './gitanswers';
import { printOid } from './refs';
import type { RefName, Update } from './values';

/** Answers the refs that did not change, with git's words for each. `run` feeds one `git update-ref --stdin -z`. */
export async function changeRefs(
  updates: readonly Update[],
  run: (input: string) => Promise<GitExit>,
): Promise<Map<RefName, string>> {
  const open = [...updates].sort((a, b) => Number(a.after !== null) - Number(b.after !== null));
  const failed = new Map<RefName, string>();
  while (open.length > 0) {
    const exit = await run(open.map(transaction).join(''));
    const done = exit.stdout.split('\n').filter((line) => line === 'commit: ok').length;
    open.splice(0, done);
    const stopped = open.shift();
    if (stopped !== undefined) failed.set(stopped.ref, localWords(exit));
  }
  return failed;
}

/**
 * The first of these updates that git could not make, with its words; null: it could make each. Each is prepared, which
 * takes its lock and looks at the names around it, and given up. A value that moved meanwhile is for the update itself.
 */
export async function findUnsettable(
  updates: readonly Update[],
  run: (input: string) => Promise<GitExit>,
): Promise<{ ref: RefName; words: string } | null> {
  const open = [...updates];
  while (open.length > 0) {
    const exit = await run(open.map(trial).join(''));
    if (exit.code === 0) return null;
    open.splice(0, exit.stdout.split('\n').filter((line) => line === 'abort: ok').length);
    const stopped = open.shift();
    if (stopped !== undefined && !moved.some((pattern) => pattern.test(exit.stderr)))
      return { ref: stopped.ref, words: localWords(exit) };
  }
  return null;
}

/** Source: refs/files-backend.c (check_old_oid, lock_ref_for_update). */
const moved = [
  /: is at [0-9a-f]{40} but expected /,
  /: reference already exists$/m,
  /: reference is missing but expected /,
  /: unable to resolve reference '[^']*'$/m,
];

/** Only a deletion is tried as such, for it also needs packed-refs: a new value may lie in the quarantine of a push. */
function trial({ ref, before, after }: Update): string {
  return `start\0${after === null ? 'delete' : 'verify'} ${ref}\0${printOid(before)}\0prepare\0abort\0`;
}

function transaction({ ref, before, after }: Update): string {
  const command =
    after === null ? `delete ${ref}\0${printOid(before)}\0` : `update ${ref}\0${after}\0${printOid(before)}\0`;
  return `start\0${command}prepare\0commit\0`;
}
