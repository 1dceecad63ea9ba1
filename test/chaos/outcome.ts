/** What a pusher knows after a push, from what git printed. Pure. */
import type { Push, Update } from '../history/history';

export type Outcome = Push['outcome'];

/**
 * Words of a refusal that is sure: nothing changed anywhere. A hook that was killed says none of them, and then git's
 * own "pre-receive hook declined" leaves open what had been sent before.
 */
const sure = [
  /Nothing was (?:taken|sent)/,
  /GitLab has newer commits/,
  /GitLab declined this push/,
  /an announced rehearsal/,
  /GitLab: /,
];
const unsure = [/is unknown/, /GitLab has (?!newer)\S+ (?:at|deleted)/];
/** The pusher's own git refused, or nobody listened: no server heard of the push. */
const unheard = /\[rejected\]/;
const unreached = /Connection refused/;
/** GitLab's refusal at the door. */
const atTheDoor = /GitLab: |ERROR: You are not allowed/;

/**
 * The updates by outcome. Those that no server heard of, and those that it had already, are left out. `code` null:
 * killed.
 */
export function outcomes(updates: readonly Update[], output: string, code: number | null): Map<Outcome, Update[]> {
  const lines = refLines(output);
  const found = new Map<Outcome, Update[]>([
    ['ok', []],
    ['fail', []],
    ['info', []],
  ]);
  for (const update of updates) {
    const outcome = ofOne(lines.get(update.ref), output, code);
    if (outcome !== null) found.get(outcome)?.push(update);
  }
  return found;
}

interface RefLine {
  readonly flag: string;
  readonly summary: string;
}

/** Lines of `git push --porcelain`: flag, from:to, summary. */
function refLines(output: string): Map<string, RefLine> {
  const lines = output.split('\n').flatMap((line): [string, RefLine][] => {
    const [flag, names, summary] = line.split('\t');
    const ref = names?.slice(names.indexOf(':') + 1);
    return flag === undefined || flag.length !== 1 || ref === undefined || summary === undefined
      ? []
      : [[ref, { flag, summary }]];
  });
  return new Map(lines);
}

function ofOne(line: RefLine | undefined, output: string, code: number | null): Outcome | null {
  if (line === undefined) return ofWhole(output, code);
  if (line.flag === '=') return null;
  if (line.flag !== '!') return 'ok';
  if (unheard.test(line.summary)) return null;
  if (unsure.some((words) => words.test(output))) return 'info';
  return sure.some((words) => words.test(output)) ? 'fail' : 'info';
}

/** Git printed nothing about the ref. */
function ofWhole(output: string, code: number | null): Outcome | null {
  if (code === null) return 'info';
  if (unreached.test(output)) return null;
  return atTheDoor.test(output) ? 'fail' : 'info';
}
