/**
 * Every parser that reads bytes of others: it throws nothing but what is told to people, and what it takes is whole.
 * What broke one once lies in corpus/<parser>/ and is read first.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HandoverError } from '../../agent/contract/errors';
import { labFolder } from '../lab/folder';
import { fc } from '../property';
import { mutated } from './mutated';
import { targets, type Target } from './targets';

/** Draws for each: `GIT_HANDOVER_FUZZ_RUNS=1000000 npm test -- fuzz` looks for long. */
const runs = Number(process.env['GIT_HANDOVER_FUZZ_RUNS'] ?? 2_000);
const folderOf = (name: string): string => join(__dirname, 'corpus', name);

/** True when something was taken. */
function isTaken({ reads }: Target, bytes: Buffer, folder: string): boolean {
  try {
    return reads(bytes, folder);
  } catch (error) {
    if (error instanceof HandoverError) return false;
    const kept = `Keep the bytes as a file of the corpus: printf %s ${bytes.toString('base64')} | base64 -d`;
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${kept}`, { cause: error });
  }
}

for (const [name, target] of Object.entries(targets))
  test(`${name}: ${target.promise}`, async () => {
    const lab = labFolder();
    try {
      const corpus = readdirSync(folderOf(name))
        .sort()
        .map((file) => ({ file, bytes: readFileSync(join(folderOf(name), file)) }));
      for (const { file, bytes } of corpus)
        assert.equal(isTaken(target, bytes, lab.path), file.startsWith('whole'), `corpus/${name}/${file}`);
      fc.assert(
        fc.property(mutated(corpus.map(({ bytes }) => bytes)), (bytes) => void isTaken(target, bytes, lab.path)),
        { numRuns: Math.ceil(runs / target.cost) },
      );
    } finally {
      await lab.close();
    }
  });
