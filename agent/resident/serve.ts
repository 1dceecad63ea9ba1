/**
 * The resident: one small process per old server that looks at every repository in its turn, is woken by hooks and
 * webhooks, and keeps the connection to GitLab warm. Pushes never wait for it. When Node, or the agent's files or
 * settings change, it lets its passes end and a new one take over.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { agentFile } from '../contract/commands';
import { replaceFile } from '../machine/files';
import { openAsks } from '../hook/answer';
import { listen, type Listener } from './webhooks';
import { takeLock } from '../machine/flock';
import { openLog, sparing } from '../machine/log';
import { watchProgram } from '../machine/program';
import { ensureMaster } from './warmconnection';
import { openLooks } from './turns';
import { agentConfigOrNull } from '../repository/place';
import { beat, writeResident } from './resident';
import { startScan } from '../repair/scan';
import { onWake, takeWakes } from './wakes';
import { secretFile, webhookSecret } from './webhooksecret';

/** The one before may still have passes under way. */
const successionMs = 120_000;
/** A pass may take longer; what is left of it then ends by itself, as a kill would end it. */
const lastPassesMs = 60_000;
const chores = { look: 1_000, beat: 5_000, master: 10_000, scan: 60_000, asks: 2_000 };
/** Another process may take the port for a while. */
const listenAgainMs = 30_000;

/** How it ended: asked to go, or because a newer one must take over. */
export type Ending = 'over' | 'again';

export async function serve(folder: string): Promise<Ending> {
  const lock = await takeLock(path.join(folder, 'serve.lock'), successionMs);
  if (lock === null) return 'over';
  const log = openLog(folder, {});
  const stop = { asked: false };
  // Before anybody can know whom to ask.
  process.once('SIGTERM', () => (stop.asked = true));
  writeResident(folder);
  log.write('serving', {});
  const looks = openLooks(folder);
  const ear = openEar(folder, looks.wake);
  const asks = openAsks(folder);
  const files = ownFiles(folder);
  const mark = fingerprint(files);
  const isReplaced = watchProgram();
  const unwatch = onWake(folder, () => looks.hurry());
  const every = intervals();
  while (!stop.asked && fingerprint(files) === mark && !isReplaced()) {
    takeWakes(folder).forEach((name) => looks.wakeByHook(name));
    if (every('beat')) beat(folder);
    if (every('master')) void ensureMaster(folder);
    if (every('asks')) asks.keep();
    if (every('scan')) startScan(folder);
    looks.start();
    await looks.rest(chores.look);
  }
  unwatch();
  ear.close();
  asks.close();
  await Promise.all([looks.end(lastPassesMs), asks.end(lastPassesMs)]);
  log.write('served', { asked: stop.asked });
  return stop.asked || !fs.existsSync(path.join(folder, agentFile)) ? 'over' : 'again';
}

/** True when this chore is due again; at first each is. */
function intervals(): (name: keyof typeof chores) => boolean {
  const last = new Map<string, number>();
  return (name) => {
    const now = performance.now();
    if (now - (last.get(name) ?? -Infinity) < chores[name]) return false;
    last.set(name, now);
    return true;
  };
}

/** Those that it was started with. Which they are hangs on the settings, which are one of them. */
function ownFiles(folder: string): string[] {
  const tls = agentConfigOrNull(folder)?.webhook?.tls ?? null;
  return [
    path.join(folder, agentFile),
    path.join(folder, 'config.json'),
    secretFile(folder),
    ...(tls === null ? [] : [tls.certificate, tls.key]),
  ];
}

function fingerprint(files: readonly string[]): string {
  return files
    .map((file) => fs.statSync(file, { throwIfNoEntry: false }))
    .map((stat) => `${stat?.ino ?? 0}:${stat?.mtimeMs ?? 0}`)
    .join(' ');
}

/**
 * Listens for webhooks where they are configured; tries again while it cannot, and says so in `serve-fault` for
 * `status`.
 */
function openEar(folder: string, wake: (name: string) => boolean): Listener {
  const log = sparing(openLog(folder, {}), ['webhook-refused']);
  const [config, secret] = [agentConfigOrNull(folder)?.webhook, webhookSecret(folder)];
  const note = (words: string): void => noteFault(folder, words);
  note('');
  if (config === undefined || secret === null) return { close: () => undefined };
  let ear: Listener | null = null;
  let again: NodeJS.Timeout | null = null;
  const open = (): void => {
    const failed = (error: Error): void => {
      note(error.message);
      log.write('not-listening', { words: error.message });
      again = setTimeout(open, listenAgainMs);
    };
    try {
      ear = listen(config, {
        secret,
        wake,
        refused: (words) => log.write('webhook-refused', { words }),
        failed,
        opened: () => note(''),
      });
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  };
  open();
  return {
    close: () => {
      if (again !== null) clearTimeout(again);
      ear?.close();
    },
  };
}

function noteFault(folder: string, words: string): void {
  const file = path.join(folder, 'serve-fault');
  try {
    if (words === '') fs.rmSync(file, { force: true });
    else replaceFile(file, `${words}\n`);
  } catch {
    return;
  }
}
