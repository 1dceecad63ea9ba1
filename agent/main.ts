/**
 * The agent on the old server. Entry points:
 *   call <verb>                     one call of the provider or a script (contract/verbs.ts)
 *   serve                           the resident
 *   watch [supervised]              the timer: looks after the resident
 *   tick                            one pass over all repositories
 *   scan                            a step of the background scan
 *   wake <state>                    a hook, in the background
 *   pass <state> <wait ms>          a pass of a large repository; prints what came of it as JSON
 *   push <state> <lease> <mode>     a pre-receive that needs thought
 *   heal <state>                    a pass for a refused pusher; refs on standard input
 *   own-hooks <state>               the repository's own hooks, for what passes changed
 *   end-hold <state>                ends a hold that ran out
 *   look <state>                    asks whether GitLab is where it was left, for a push after a start of old
 *   ask <what> <state> <lease>      a pre-receive of another account: the resident does `push` or `end-hold` for it
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ask } from './hook/ask';
import { call } from './verbs/call';
import { commands, supervised, type Command } from './contract/commands';
import { asFault } from './contract/errors';
import { lookOnly } from './sync/fence';
import { endExpiredHold } from './sync/hold';
import { isAsked } from './hook/ownlease';
import { hookPush } from './hook/prereceive';
import { failureWords } from './sync/push';
import { heal } from './hook/heal';
import { openLog } from './machine/log';
import { runOwnHooks } from './repository/hookrunner';
import { openRepository } from './repository/open';
import { passAlone } from './resident/alone';
import { startResident } from './resident/resident';
import { scan } from './repair/scan';
import { serve } from './resident/serve';
import { tick, wake, watch } from './resident/tick';
import type { RefName } from './rules/values';

/** The bundle lies in the agent's folder. */
const folder = path.dirname(fs.realpathSync(process.argv[1] ?? '.'));

/** Nobody waits longer without a word. */
const tickSeconds = 3;

/** Each answers its exit code, after everything was printed. */
const answers: Readonly<Record<Command, (...args: readonly string[]) => Promise<number>>> = {
  call: (verb = '') => answerCall(verb),
  serve: () => answerServe(),
  watch: async (how) => ((await watch(folder, how === supervised)) === 0 ? 0 : 3),
  tick: async () => ((await tick(folder)) === 0 ? 0 : 3),
  scan: () => quietly(() => scan(folder)),
  wake: (state = '') => quietly(() => wake(folder, state)),
  pass: (state = '', waitMs = '0') => answerPass(state, Number(waitMs)),
  push: (state = '', lease = '', mode = '') => answerPush(state, lease, mode),
  heal: (state = '') => answerHeal(state),
  'own-hooks': (state = '') => quietly(() => runOwnHooks(folder, state)),
  'end-hold': (state = '') => quietly(async () => void (await endExpiredHold(openRepository(folder, state).world))),
  look: (state = '') => quietly(() => lookOnly(openRepository(folder, state).world)),
  ask: (what = '', state = '', lease = '') => answerAsk(what, state, lease),
};

async function run(command: string, args: readonly string[]): Promise<number> {
  const known = commands.find((one) => one === command);
  if (known !== undefined) return answers[known](...args);
  process.stderr.write(
    `git-handover agent: unknown command ${JSON.stringify(command)}; it knows ${commands.join(', ')}.\n`,
  );
  return 2;
}

async function answerCall(verb: string): Promise<number> {
  const emit = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  try {
    const body = fs.readFileSync(0, 'utf8');
    emit({ kind: 'result', value: await call(folder, verb, body.trim() === '' ? {} : JSON.parse(body), emit) });
    return 0;
  } catch (error) {
    const fault = asFault(error);
    openLog(folder, { verb }).write('call-failed', { ...fault });
    emit({ kind: 'error', fault });
    return fault.exit;
  }
}

/** systemd starts the next one by itself. */
async function answerServe(): Promise<number> {
  const ending = await serve(folder);
  if (ending === 'again' && process.env['GIT_HANDOVER_SUPERVISED'] === undefined) startResident(folder);
  process.exit(0);
}

/** Nobody reads what these print: it goes to the log. */
async function quietly(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    const fault = asFault(error);
    openLog(folder, {}).write('failed', { ...fault });
    return fault.exit;
  }
}

async function answerPass(state: string, waitMs: number): Promise<number> {
  const answer = await passAlone(folder, state, waitMs);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  return 'fault' in answer ? answer.fault.exit : 0;
}

async function answerHeal(state: string): Promise<number> {
  const refs = fs
    .readFileSync(0, 'latin1')
    .split('\n')
    .filter((line) => line !== '') as RefName[];
  const words = await heal(folder, state, refs);
  if (words !== null) process.stderr.write(words);
  return words === null ? 0 : 3;
}

/** `ask push <state> <lease>`. */
function answerAsk(what: string, state: string, lease: string): Promise<number> {
  const quarantine = process.env['GIT_QUARANTINE_PATH'] ?? null;
  return ask({
    folder,
    state,
    lease,
    what: what === 'end-hold' ? what : 'push',
    quarantine,
    say: (text) => void process.stderr.write(text),
  });
}

/**
 * A resident that sends for another account holds our standard input: without it nobody hears us, and whoever asked has
 * others look.
 */
function endWithAsker(): () => void {
  if (!isAsked()) return () => undefined;
  process.stdin
    .on('end', () => process.exit(1))
    .on('error', () => process.exit(1))
    .resume();
  return () => void process.stdin.removeAllListeners().destroy();
}

function tickAloud(): () => void {
  let waited = 0;
  const ticker = setInterval(
    () => process.stderr.write(`waiting for GitLab ... ${(waited += tickSeconds)} s\n`),
    tickSeconds * 1000,
  );
  return () => clearInterval(ticker);
}

/** In `check` a push that was sent and fails is no error of `hookPush`, but a verdict. */
async function answerPush(state: string, lease: string, mode: string): Promise<number> {
  const letGo = endWithAsker();
  const stopTicker = tickAloud();
  try {
    const verdict = await hookPush(folder, state, lease, mode);
    if (verdict.text !== '') process.stderr.write(`${verdict.text}\n`);
    return verdict.accept ? 0 : 1;
  } catch (error) {
    const fault = asFault(error);
    openLog(folder, { state }).write('push-failed', { lease, mode, ...fault });
    process.stderr.write(`${failureWords(fault, mode !== 'check')}\n`);
    return 1;
  } finally {
    stopTicker();
    letGo();
  }
}

void run(process.argv[2] ?? '', process.argv.slice(3)).then((code) => {
  process.exitCode = code;
});
