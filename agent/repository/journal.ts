/**
 * What the agent remembers of one repository: the folder <folder>/repositories/<id>. Its files are listed in
 * docs/design/files-on-disk.md.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bothDrops, parseDrops, printDrops, undropped } from '../rules/drops';
import { faults } from '../contract/faults';
import {
  flushFolder,
  isMissing,
  readIfThere,
  readSealed,
  replaceFile,
  replaceSoon,
  writeSealed,
} from '../machine/files';
import { forgetFailure } from './passfailure';
import { forgetRecords, leaseFolder, leaseFolders, readLeases, removeLease, removeRefused } from './leases';
import { takeLock, underLock } from '../machine/flock';
import { oldestFirst } from '../rules/leasefile';
import { parseOid, printOid } from '../rules/refs';
import { parseState, printState, type ShimFacts } from '../rules/statefile';
import { parsePassEnd, printPassEnd } from '../rules/time';
import type { Clock, Journal } from '../rules/ports';
import type { Taken } from '../rules/taken';
import type {
  Deleted,
  Drops,
  Instant,
  Lease,
  Oid,
  RefName,
  Refs,
  State,
  Stuck,
  Tries,
  Trouble,
  Update,
} from '../rules/values';

const stateLockMs = 10_000;

/** `facts` is asked each time the state is written, so that the shims never see older settings beside a newer phase. */
export function openJournal(folder: string, clock: Clock, facts: () => ShimFacts): Journal {
  const at = (name: string): string => path.join(folder, name);
  const readState = (): State => {
    const sealed = readStateFile(at('state'));
    const state = sealed === null ? null : parseState(sealed);
    if (state === null) throw stateUnreadable(at('state'));
    return state;
  };
  return {
    state: readState,
    changeState: (change) =>
      underLock(at('state.lock'), stateLockMs, () => {
        const state = readState();
        const next = change(state);
        if (next !== null) replaceFile(at('state'), printState(next, facts()));
        return next ?? state;
      }),
    agreed: () => readAgreed(at('agreed')),
    writeAgreed: (refs) => writeSealed(at('agreed'), printRefs(refs)),
    deleted: () => readDeleted(at('deleted')),
    writeDeleted: (deleted) => writeSealed(at('deleted'), printDeleted(deleted)),
    forget: () => ['agreed', 'deleted', 'unhooked'].forEach((name) => fs.rmSync(at(name), { force: true })),
    tries: () => readTries(at('tries')),
    writeTries: (tries) => writeSealed(at('tries'), printTries(tries)),
    troubles: () => parseLines<Trouble>(sealedOr(at('troubles'))),
    writeTroubles: (troubles) => writeSealed(at('troubles'), troubles.map(printLine).join('\n')),
    taken: () => parseLines<Taken>(sealedOr(at('taken'))),
    writeTaken: (taken) => writeSealed(at('taken'), taken.map(printLine).join('\n')),
    followed: () => readLines<Update>(at('followed')),
    writeFollowed: (updates) => writeSealed(at('followed'), updates.map(printLine).join('\n')),
    stuck: () => readLines<Stuck>(at('stuck')),
    writeStuck: (stuck) => writeSealed(at('stuck'), stuck.map(printLine).join('\n')),
    leases: () => leasesOf(folder, clock.now()),
    drop: (drops) => dropRecords(folder, clock.now(), drops),
    unhooked: () => linesOf(sealedOr(at('unhooked'))),
    addUnhooked: (times) => {
      const known = linesOf(sealedOr(at('unhooked')));
      writeSealed(at('unhooked'), [...known, ...times].slice(-100).join('\n'));
    },
    markSkipped: (skipped) =>
      skipped ? fs.writeFileSync(at('skipped'), '') : fs.rmSync(at('skipped'), { force: true }),
    markPass: () => {
      replaceSoon(at('last-pass'), printPassEnd({ wall: clock.wall(), at: clock.now() }));
      forgetFailure(folder);
    },
    lastPass: () => parsePassEnd(readIfThere(at('last-pass')) ?? ''),
    lock: (waitMs) => takeLock(at('lock'), waitMs),
  };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function leasesOf(folder: string, now: Instant): Lease[] {
  const drops = readDrops(folder);
  return allLeases(folder, now)
    .map((lease) => undropped(lease, drops))
    .filter((lease): lease is Lease => lease !== null);
}

function allLeases(folder: string, now: Instant): Lease[] {
  const all = leaseFolders.flatMap((name) => readLeases(path.join(folder, name), now));
  return oldestFirst(all, now);
}

/** Written down first: killed here, whoever reads the leases next leaves the same out. */
function dropRecords(folder: string, now: Instant, drops: Drops): void {
  const folders = leaseFolders.map((name) => path.join(folder, name)).filter((one) => fs.existsSync(one));
  folders.forEach((one) => removeRefused(one, now));
  const all = bothDrops(readDrops(folder), drops);
  if (all.size === 0) return;
  const before = allLeases(folder, now);
  writeSealed(path.join(folder, 'dropped'), printDrops(all));
  for (const [id, refs] of all) {
    const lease = before.find((one) => one.id === id);
    if (lease !== undefined && !lease.live && refs !== 'all') forgetRecords(leaseFolder(folder, id), lease, refs);
    else if (lease === undefined || !lease.live) folders.forEach((one) => removeLease(one, id));
  }
  folders.forEach(flushFolder);
  fs.rmSync(path.join(folder, 'dropped'));
}

/**
 * One that the disk spoiled forgets nothing: then a record that should be gone may raise a false alarm, and loses
 * nothing.
 */
function readDrops(folder: string): Drops {
  try {
    return parseDrops(readSealed(path.join(folder, 'dropped')) ?? '');
  } catch {
    return new Map();
  }
}

/** Makes the state folder of a repository that is attached for the first time. */
export function createJournal(folder: string, state: State, facts: ShimFacts): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  fs.mkdirSync(path.join(folder, 'pushes'), { recursive: true, mode: 0o700 });
  writeSealed(path.join(folder, 'tries'), '');
  writeSealed(path.join(folder, 'troubles'), '');
  replaceFile(path.join(folder, 'state'), printState(state, facts));
}

function readStateFile(file: string): string | null {
  try {
    return readIfThere(file);
  } catch (error) {
    throw faults.journalUnreadable({ what: 'state', words: String(error) });
  }
}

function stateUnreadable(file: string): Error {
  return faults.stateUnreadable({ file });
}

function sealedOr(file: string): string {
  try {
    return readSealed(file) ?? '';
  } catch (error) {
    if (isMissing(error)) return '';
    throw faults.journalUnreadable({ what: 'journal', words: String(error) });
  }
}

/** Lines `<40 hex> <ref>`. */
function readAgreed(file: string): Refs | null {
  return readIfThere(file) === null ? null : new Map(parseRefs(sealedOr(file)));
}

function parseRefs(text: string): [RefName, Oid][] {
  return linesOf(text).map((line) => [line.slice(41) as RefName, line.slice(0, 40) as Oid]);
}

function printRefs(refs: Iterable<readonly [RefName, Oid]>): string {
  return [...refs].map(([ref, oid]) => `${oid} ${ref}`).join('\n');
}

/** As `agreed`, a line for each value. One that the disk spoiled remembers nothing: what comes back is new then. */
function readDeleted(file: string): Deleted {
  const deleted = new Map<RefName, Oid[]>();
  try {
    for (const [ref, oid] of parseRefs(readSealed(file) ?? '')) deleted.set(ref, [...(deleted.get(ref) ?? []), oid]);
  } catch {
    deleted.clear();
  }
  return deleted;
}

function printDeleted(deleted: Deleted): string {
  return printRefs([...deleted].flatMap(([ref, oids]) => oids.map((oid): [RefName, Oid] => [ref, oid])));
}

/**
 * Lines `sent <40 hex> <ref>` and `late <40 hex> <ref>`; zeros for a deletion. `unanswered <boot> <uptime ms>` or
 * `unanswered running`.
 */
function readTries(file: string): Tries {
  const tries: Tries = { sent: new Map(), late: new Map(), unanswered: null };
  for (const line of sealedOr(file)
    .split('\n')
    .filter((text) => text !== '')) {
    const [kind = '', oid = '', ref = ''] = line.split(' ');
    if (kind === 'unanswered') {
      tries.unanswered = oid === 'running' ? oid : { boot: oid, uptimeMs: Number(ref) };
      continue;
    }
    const values = kind === 'sent' ? tries.sent : tries.late;
    values.set(ref as RefName, [...(values.get(ref as RefName) ?? []), parseOid(oid)]);
  }
  return tries;
}

function printTries(tries: Tries): string {
  const lines = (kind: string, values: Tries['sent']): string[] =>
    [...values].flatMap(([ref, oids]) => oids.map((oid) => `${kind} ${printOid(oid)} ${ref}`));
  return [...unanswered(tries), ...lines('sent', tries.sent), ...lines('late', tries.late)].join('\n');
}

function unanswered({ unanswered: request }: Tries): string[] {
  if (request === null) return [];
  return [request === 'running' ? 'unanswered running' : `unanswered ${request.boot} ${request.uptimeMs}`];
}

/** JSON, one object a line, in bytes. */
function parseLines<T>(text: string): T[] {
  return linesOf(text).map((line) => JSON.parse(line) as T);
}

/** One that is missing, or that the disk spoiled, keeps nobody waiting: it says nothing. */
function readLines<T>(file: string): T[] {
  try {
    return parseLines<T>(readSealed(file) ?? '');
  } catch {
    return [];
  }
}

function printLine(entry: Trouble | Taken | Stuck | Update): string {
  return JSON.stringify(entry).replace(
    /[\u0100-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
