/**
 * Changes refs by compare-and-set, each in its own transaction: one stale ref, or `a` against `a/b`, must not stop the
 * others.
 */
import type { GitExit } from './gitanswers';
import { printOid } from './refs';
import type { RefName, Update } from './values';

/** Answers the refs that did not change. `run` feeds one `git update-ref --stdin -z`. */
export async function changeRefs(
  updates: readonly Update[],
  run: (input: string) => Promise<GitExit>,
): Promise<RefName[]> {
  const open = [...updates].sort((a, b) => Number(a.after !== null) - Number(b.after !== null));
  const failed: RefName[] = [];
  while (open.length > 0) {
    const exit = await run(open.map(transaction).join(''));
    const done = exit.stdout.split('\n').filter((line) => line === 'commit: ok').length;
    open.splice(0, done);
    const stopped = open.shift();
    if (stopped !== undefined) failed.push(stopped.ref);
  }
  return failed;
}

function transaction({ ref, before, after }: Update): string {
  const command =
    after === null ? `delete ${ref}\0${printOid(before)}\0` : `update ${ref}\0${after}\0${printOid(before)}\0`;
  return `start\0${command}prepare\0commit\0`;
}
