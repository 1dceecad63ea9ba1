/**
 * npm run chaos -- [--minutes M] [--seed S] [--only REGEX] [--at-once N] [--stay SECONDS] [--json]
 * [--gitlab plain|gitaly] [--target product|push-mirror-hook|forwarding-hook]
 *
 * Real servers, real `pulumi`, many people who push to both sides, phases that change, and faults drawn from the seed.
 * Then all heals, and the history is judged. Exit code: 0 nothing is wrong, 1 a promise is broken, a
 * checker could not tell where it must, or a fault had no turn, 2 wrong arguments.
 *
 *   npm run chaos -- --minutes 3 --seed 7
 *   npm run chaos -- --minutes 2 --seed 1 --only '^GitLab (loses|is restored)'
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseKind, usualKind } from '../lab/gitlab/kind';
import { figuresOf, tell } from './report';
import { runChaos, targets, type Result, type RunOptions } from './run';

const usage = `npm run chaos -- [--minutes M] [--seed S] [--only REGEX] [--at-once N] [--stay SECONDS] [--json] [--gitlab plain|gitaly] [--target ${targets.join('|')}]\n`;
/** Shorter runs cannot give every kind of fault its turn. */
const wholeMinutes = 3;

function readOptions(): (RunOptions & { json: boolean }) | null {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string' },
      gitlab: { type: 'string' },
      only: { type: 'string' },
      'at-once': { type: 'string', default: '1' },
      stay: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      target: { type: 'string', default: 'product' },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const target = targets.find((name) => name === values.target);
  const [atOnce, staySeconds] = [Number(values['at-once']), Number(values.stay)];
  if (
    values.help ||
    !(minutes > 0) ||
    !Number.isSafeInteger(seed) ||
    !(atOnce >= 1 && staySeconds >= 0) ||
    target === undefined ||
    !chooseKind(values.gitlab)
  )
    return null;
  return {
    minutes,
    seed,
    target,
    only: values.only === undefined ? undefined : new RegExp(values.only),
    atOnce,
    stayMs: staySeconds * 1000,
    json: values.json,
    say: (line) => void process.stdout.write(`${line}\n`),
  };
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) {
    process.stdout.write(usage);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const { seed, minutes, target, json, only, atOnce = 1, stayMs = 0 } = options;
  const chosen = `${only === undefined ? '' : ` --only '${only.source}'`} --at-once ${atOnce} --stay ${stayMs / 1000}`;
  process.stdout.write(
    `chaos --seed ${seed} --minutes ${minutes} --target ${target} --gitlab ${usualKind()}${chosen}\n`,
  );
  const result = await runChaos(options);
  process.stdout.write(`${tell(result)}\n`);
  const code = exitCode(result, options);
  if (code !== 0) process.stdout.write(`What helps to find out why is in ${keepEvidence(result, seed)}\n`);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ seed, minutes, target, ...figuresOf(result), verdicts: result.verdicts })}\n`,
    );
  return code;
}

/** The history and the agent's log; answers the folder. */
function keepEvidence({ history, evidence }: Result, seed: number): string {
  const folder = mkdtempSync(join(tmpdir(), `git-handover-chaos-${seed}-`));
  const plain = {
    ...history,
    first: [...history.first],
    last: [...history.last].map(([server, refs]) => [server, [...refs]]),
    attic: [...history.attic],
  };
  for (const [name, text] of Object.entries({ ...evidence, 'history.json': JSON.stringify(plain, null, 1) }))
    writeFileSync(join(folder, name), text);
  return folder;
}

/** Whoever chooses faults, or lets them stay, does not ask for a turn of each. */
function exitCode(result: Result, { target, minutes, only, stayMs = 0 }: RunOptions): number {
  const { acknowledged, lost, violations, undecided, missing } = figuresOf(result);
  if (target !== 'product') return acknowledged > 0 ? 0 : 1;
  const isWhole = minutes < wholeMinutes || only !== undefined || stayMs > 0 || missing.length === 0;
  return acknowledged > 0 && lost === 0 && violations === 0 && undecided === 0 && isWhole ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
