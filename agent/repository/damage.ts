/**
 * What scans and repairs know of a repository's damage: two sealed files beside its journal. One that cannot be read
 * counts as none: the next scan finds it again.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readSealed, writeSealed } from '../machine/files';
import { toBytes, toText } from '../rules/bytes';
import type { Finding } from '../objects/objectcheck';
import type { Instant, Oid, RefName } from '../rules/values';
import { asFault } from '../contract/errors';
import { openLog } from '../machine/log';

/** One round over everything that a repository holds. */
export interface Round {
  readonly began: string;
  /** ISO time; null while it goes on. */
  readonly finished: string | null;
  /** The same by boot and uptime; absent from an older version. */
  readonly finishedAt?: Instant;
  /** Parts that are done: `derived`, `loose/ab`, `pack/pack-…`, `walk`. */
  readonly done: readonly string[];
  /** A pack that is half read. */
  readonly open: { readonly part: string; readonly next: number } | null;
  readonly findings: readonly Finding[];
}

/** A ref that lacks objects, and its value when that was seen. Names are latin1 bytes, as everywhere. */
export interface LackingRef {
  readonly ref: RefName;
  readonly value: Oid;
}

export interface Damage {
  readonly since: string;
  readonly findings: readonly Finding[];
  /** Null: not known. */
  readonly refs: readonly LackingRef[] | null;
}

export function readRound(state: string): Round | null {
  return readOwn<Round>(path.join(state, 'scan'));
}

export function writeRound(state: string, round: Round): void {
  writeSealed(path.join(state, 'scan'), toBytes(JSON.stringify(round)));
}

export function readDamage(state: string): Damage | null {
  return readOwn<Damage>(path.join(state, 'damage'));
}

/** A damage that was known before keeps its date. */
export function writeDamage(state: string, damage: Omit<Damage, 'since'> | null, now: string): void {
  const file = path.join(state, 'damage');
  if (damage === null) fs.rmSync(file, { force: true });
  else writeSealed(file, toBytes(JSON.stringify({ ...damage, since: readDamage(state)?.since ?? now })));
}

function readOwn<T>(file: string): T | null {
  try {
    const body = readSealed(file);
    return body === null ? null : (JSON.parse(toText(body)) as T);
  } catch {
    return null;
  }
}

/** The next scan does not wait until the repository is due. */
export function askForScan(state: string): void {
  fs.writeFileSync(path.join(state, 'scan-soon'), '');
}

export function isScanAsked(state: string): boolean {
  return fs.existsSync(path.join(state, 'scan-soon'));
}

export function forgetScanAsked(state: string): void {
  fs.rmSync(path.join(state, 'scan-soon'), { force: true });
}

/** For hooks: a scan that cannot be asked for must not refuse anything. */
export function scanSoon(folder: string, state: string): void {
  try {
    askForScan(state);
  } catch (error) {
    openLog(folder, {}).write('scan-failed', { state, ...asFault(error) });
  }
}
