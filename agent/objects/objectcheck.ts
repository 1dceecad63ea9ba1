/**
 * What is wrong with the files of an objects folder, one kind of file at a time. The scan goes through them slowly, a
 * repair at once.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkObjects, hasPackTrailer, isFramed, PackReader, type Pace, type PackStep } from './packcheck';
import { readPackIndex, type PackIndex } from './packindex';
import { isDerivedWhole, isLooseWhole, listObjectFiles, looseObjects, looseOid } from './objectfiles';
import { isMissing } from '../machine/files';
import type { Oid } from '../rules/values';

export interface Finding {
  /** `derived`: git can make it again. `missing`: `name` is the id of an object that something needs. */
  readonly kind: 'pack' | 'loose' | 'derived' | 'missing';
  /** Below objects/, or an object's id. */
  readonly name: string;
  /** Objects that cannot be read, as far as that is known; at most `objectsMax`. */
  readonly objects: readonly Oid[];
  readonly words: string;
}

/** How a long check is cut into steps. */
export interface Step {
  readonly pace: Pace;
  readonly isOver: () => boolean;
}

export const atOnce: Step = { pace: () => Promise.resolve(), isOver: () => false };

const objectsMax = 1000;
/** A push writes the pack first and its index a moment later, ms. */
const youngPackMs = 10 * 60_000;

export function checkDerived(objects: string): Finding[] {
  const bad = listObjectFiles(objects).derived.filter((name) => !isDerivedWhole(path.join(objects, name)));
  return bad.map((name) => ({ kind: 'derived', name, objects: [], words: `${name} is cut short or altered` }));
}

export async function checkLoose(objects: string, folder: string, { pace }: Step): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of looseObjects(objects, folder)) {
    const file = path.join(objects, name);
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (!(await isLooseWhole(objects, name)))
      findings.push({
        kind: 'loose',
        name,
        objects: [looseOid(name)],
        words: `${name} is ${size === 0 ? 'empty' : 'cut short or altered'}`,
      });
    await pace(size);
  }
  return findings;
}

export interface PackResult {
  readonly findings: readonly Finding[];
  /** Where to go on in the order of the pack; null when it is done. */
  readonly next: number | null;
}

/** A pack that goes away meanwhile was packed anew: nothing is found. */
export async function checkPack(objects: string, name: string, from: number, step: Step): Promise<PackResult> {
  const at = (ending: string): string => path.join(objects, 'pack', `${name}.${ending}`);
  const index = indexOf(at('idx'));
  if (index === 'missing')
    return { findings: isYoung(at('pack')) ? [] : [packFinding(name, [], 'its index is gone')], next: null };
  const reader = open(at('pack'), step.pace);
  if (reader === null)
    return {
      findings: fs.existsSync(at('idx'))
        ? [packFinding(name, oidsOf(index), 'it is gone, only its index is left')]
        : [],
      next: null,
    };
  try {
    return await checkOpen(name, { reader, index, from, step });
  } finally {
    reader.close();
  }
}

function indexOf(file: string): PackIndex | 'missing' | null {
  try {
    return readPackIndex(file);
  } catch (error) {
    return isMissing(error) ? 'missing' : null;
  }
}

/**
 * A date far ahead is one of a clock that was set back: its pack is not young until then. Where a clock jumps ahead a
 * young pack is a finding, which the end of the round takes back.
 */
function isYoung(file: string): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined || Math.abs(Date.now() - stat.mtimeMs) < youngPackMs;
}

function open(file: string, pace: Pace): PackReader | null {
  try {
    return new PackReader(file, pace);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

interface OpenPack {
  readonly reader: PackReader;
  /** Null: it is a finding of its own, and the pack is checked by its checksum. */
  readonly index: PackIndex | null;
  readonly from: number;
  readonly step: Step;
}

async function checkOpen(name: string, { reader, index, from, step }: OpenPack): Promise<PackResult> {
  if (index === null || (index.count > 0 && index.crc(0) === null)) {
    return {
      findings: (await hasPackTrailer(reader)) ? [] : [packFinding(name, [], 'its checksum is wrong')],
      next: null,
    };
  }
  const framed = from > 0 || (await isFramed(reader, index));
  const { bad, next }: PackStep = await checkObjects(reader, index, from, step.isOver);
  const findings =
    bad.length === 0
      ? []
      : [
          packFinding(
            name,
            bad.slice(0, objectsMax).map((place) => index.oid(place)),
            `${bad.length} of its ${index.count} objects cannot be read`,
          ),
        ];
  return {
    findings:
      framed || findings.length > 0 ? findings : [packFinding(name, [], 'it is cut short or belongs to another index')],
    next,
  };
}

function packFinding(name: string, objects: readonly Oid[], what: string): Finding {
  return { kind: 'pack', name: `pack/${name}.pack`, objects, words: `pack/${name}.pack: ${what}` };
}

function oidsOf(index: PackIndex | null): Oid[] {
  return index === null ? [] : [...index.order].slice(0, objectsMax).map((place) => index.oid(place));
}

/** Everything at once: what a repair looks at. Borrowed objects are not looked at here. */
export async function checkAll(objects: string, say: (text: string) => void): Promise<Finding[]> {
  const { looseFolders, packs } = listObjectFiles(objects);
  const findings = checkDerived(objects);
  say(`reading loose objects in ${looseFolders.length} folders`);
  for (const folder of looseFolders) findings.push(...(await checkLoose(objects, folder, atOnce)));
  for (const [turn, name] of packs.entries()) {
    say(`reading pack ${turn + 1} of ${packs.length}`);
    findings.push(...(await checkPack(objects, name, 0, atOnce)).findings);
  }
  return findings;
}
