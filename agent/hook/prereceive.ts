/** The agent's part of a pre-receive: the shim has written the lease and replaced itself with this process. */
import * as path from 'node:path';
import { agentWords } from '../contract/commands';
import { forbiddenSettings } from '../git/forbidden';
import { readPushAnswer } from '../rules/gitanswers';
import { controlBytesMax, epochOf, fieldsOf, leaseEndings } from '../rules/leasefile';
import { readPlain } from '../machine/files';
import { lookAfter, names, sendPush } from '../sync/push';
import { healBy, healMs } from './heal';
import { isAsked, sendUnderOwnLease } from './ownlease';
import type { PushContext } from '../rules/ports';
import type { Verdict } from '../rules/values';
import { printable } from '../contract/printable';
import { isUpdate, parseUpdate } from '../rules/refs';
import { openRepository, type Repository } from '../repository/open';
import { scanSoon } from '../repository/damage';
import { forgetRefused, noteRefused } from '../repository/refusedpushes';
import { text } from '../rules/texts';
import { leaseFile } from '../repository/leases';

const errorMax = 1024 * 1024;

/**
 * `mode` is `check` (nothing was sent), `look` (it was asked for before, by a hook of another account, and the answer
 * was lost) or `look-<exit code>` (git push ended like that; its output lies beside the lease).
 */
export async function hookPush(folder: string, state: string, lease: string, mode: string): Promise<Verdict> {
  const repository = openRepository(folder, state, quarantine());
  const file = path.join(state, 'pushes', lease);
  const { log } = repository.world;
  // Read once: it may be another account's to change.
  const lines = linesOf(file);
  const refusal = mode === 'check' ? await refusalOf(repository, lines) : null;
  if (refusal !== null) {
    leaseFile(file).refused();
    return { accept: false, text: refusal, unknown: false };
  }
  const context = pushContext(repository, file, lines);
  if (mode === 'check') return isAsked() ? sendUnderOwnLease(repository, context) : sendPush(context);
  if (mode === 'look') return isSent(file) ? lookAfter(context, { kind: 'no-answer', words: '' }) : cutOff(file);
  const answer = readPushAnswer({
    code: Number(mode.slice('look-'.length)),
    stdout: readPlain(file + leaseEndings.out) ?? '',
    // It ends with what git says itself; before that GitLab may have said up to 16 MB.
    stderr: (readPlain(file + leaseEndings.err) ?? '').slice(-errorMax),
    timedOut: mode === 'look-124' || mode === 'look-137',
  });
  log.write('push-answered', { mode, answer: answer.kind, words: answer.kind === 'ok' ? '' : answer.words });
  if (answer.kind === 'not-sent') return sendPush(context);
  return lookAfter(context, answer);
}

function isSent(file: string): boolean {
  return fieldsOf((readPlain(file, controlBytesMax) ?? '').split('\n'), 'sent').length > 0;
}

function cutOff(file: string): Verdict {
  leaseFile(file).refused();
  return {
    accept: false,
    unknown: false,
    text: 'git-handover on this server was started anew before it sent this push.\nNothing was taken. Push again.',
  };
}

/** What git set for the objects of this push, and nothing else of its environment. */
function quarantine(): Record<string, string> {
  const names = ['GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  );
}

/**
 * What no rule of the phase need judge: a line that git itself would never send, and a configuration that leads
 * elsewhere.
 */
async function refusalOf({ hooks }: Repository, lines: readonly string[]): Promise<string | null> {
  if (!lines.every(isUpdate))
    return 'Cannot take this push: git does not take the name of one of its refs.\nNothing was taken.';
  const [first] = await forbiddenSettings(hooks.directory);
  return first === undefined
    ? null
    : `${printable(first.message)}\nNothing was taken. Ask the administrator, then push again.`;
}

function linesOf(file: string): string[] {
  return (readPlain(file + leaseEndings.refs) ?? '').split('\n').filter((line) => line !== '');
}

function pushContext(repository: Repository, file: string, lines: readonly string[]): PushContext {
  const updates = lines.map(parseUpdate);
  const command = [process.execPath, ...agentWords(repository.folder, 'heal', repository.state)];
  return {
    world: repository.world,
    updates,
    lease: leaseFile(file),
    epoch: epochOf(readPlain(file, controlBytesMax) ?? ''),
    say: (name, fields) => {
      // Objects that a push needs are missing here: nobody waits until the repository is due.
      if (name === 'damaged') scanSoon(repository.folder, repository.state);
      if (name === 'declined')
        noteRefused(repository.state, () => repository.journal.state().epoch, fields?.['reason'] ?? '');
      if (name === 'accepted') forgetRefused(repository.state);
      return text(repository.agent, name, repository.config, { refs: names(updates.map(({ ref }) => ref)), ...fields });
    },
    heal: healBy(command, healMs),
  };
}
