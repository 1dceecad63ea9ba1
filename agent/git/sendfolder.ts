/**
 * A throw-away repository that holds the refs of one push and borrows the objects of the real one. Git's client
 * compares each ref and each lease that is named with every ref of both sides; here one pattern names all, and costs
 * each ref one look. The leases are refs as well: a plain `--force-with-lease` takes the value that it expects from
 * refs/expected, and expects a ref to be absent that has none there (remote.c, apply_cas).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import type { GitPlace } from './gitprocess';
import type { Update } from '../rules/values';

/** What is sent lies below refs/send/, under its own name. */
const sendPattern = 'refs/send/*:refs/*';

/**
 * The folder, in the agent's state. Whoever uses it has the repository's lock, so what a killed run left is nobody's.
 */
export function dropSendFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

export interface SendParts {
  /** Of the repository's configuration, what packs are made by. */
  readonly listed: string;
  readonly url: string;
  readonly updates: readonly Update[];
  /** Whose objects it sends: absent, the repository's. */
  readonly objects?: 'own';
}

/** Makes the folder anew; throws `no-send-folder` where the disk does not take it. */
export function makeSendFolder(place: GitPlace, folder: string, parts: SendParts): GitPlace {
  try {
    dropSendFolder(folder);
    fs.mkdirSync(path.join(folder, 'refs'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n');
    fs.writeFileSync(path.join(folder, 'config'), bytes(configOf(parts)));
    fs.writeFileSync(path.join(folder, 'packed-refs'), bytes(packedRefs(parts.updates)));
  } catch (error) {
    throw faults.noSendFolder({ folder, words: error instanceof Error ? error.message : String(error) });
  }
  if (parts.objects === 'own') {
    fs.mkdirSync(path.join(folder, 'objects'), { recursive: true });
    return { ...place, directory: folder, quarantine: {} };
  }
  return {
    ...place,
    directory: folder,
    quarantine: { GIT_OBJECT_DIRECTORY: path.join(place.directory, 'objects'), ...place.quarantine },
  };
}

/** The listed settings, so that packs are made as the administrator wishes, then ours. */
function configOf({ listed, url, updates }: SendParts): string {
  const ours = '[core]\n\tlogAllRefUpdates = false\n\tfsync = none\n[push]\n\tuseForceIfIncludes = false\n';
  // Git writes to refs/expected what a push changed: for nothing where no value is expected.
  const expects = updates.some(({ before }) => before !== null);
  return `${listed}\n${ours}${expects ? `[remote "${url.replace(/["\\]/g, '\\$&')}"]\n\tfetch = refs/*:refs/expected/*\n` : ''}`;
}

/** Sorted by bytes, as its first line says. */
function packedRefs(updates: readonly Update[]): string {
  const expected = updates.flatMap(({ ref, before }) =>
    before === null ? [] : [[`refs/expected/${below(ref)}`, before] as const],
  );
  const sent = updates.flatMap(({ ref, after }) =>
    after === null ? [] : [[`refs/send/${below(ref)}`, after] as const],
  );
  const lines = [...expected, ...sent]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([ref, oid]) => `${oid} ${ref}\n`);
  return `# pack-refs with: sorted \n${lines.join('')}`;
}

function below(ref: string): string {
  return ref.slice('refs/'.length);
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Of `git push`: never `+`, never --force, either switches the lease off. Only deletions are named. */
export function sendWords(url: string, updates: readonly Update[]): string[] {
  const gone = updates.filter(({ after }) => after === null).map(({ ref }) => `:${ref}`);
  const pattern = gone.length < updates.length ? [sendPattern] : [];
  return ['--force-with-lease', '--', url, ...pattern, ...gone];
}
