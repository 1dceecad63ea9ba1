/**
 * Old comes back from a snapshot: its repository, and what the agent keeps of it, are some seconds older, while GitLab
 * and people went on. Not among the usual faults: a person must say which side is right.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refs, Update } from '../../history/history';
import type { Lab } from '../../lab/lab';
import type { Operator } from '../operator';
import { stateIn } from '../phasewatch';
import { ancestry, refsOf } from '../refs';
import { place } from './damage';
import { done, Fault, type Ground, type Heal } from './fault';

/** Between the snapshot and the moment at which it is brought back. */
const snapshotMs = { low: 3_000, high: 9_000 };
/** For passes and people to meet what came back. */
const backMs = 4_000;

export function snapshot(lab: Lab, ground: Ground, operator: Operator): Fault {
  return new Fault(
    'old comes back from a snapshot',
    backMs,
    () => (ground.mayDamage() ? comeBack(lab, ground, operator) : null),
    place,
  );
}

async function comeBack(lab: Lab, ground: Ground, operator: Operator): Promise<Heal> {
  const { random, recorder, oldRepository } = ground;
  const kept = mkdtempSync(join(tmpdir(), 'gh-snapshot-'));
  const folders = [join(lab.agentFolder, 'repositories'), oldRepository].map((folder, index) => ({
    folder,
    copy: join(kept, String(index)),
  }));
  try {
    folders.forEach(take);
    const then = refsOf(join(kept, '1'));
    await new Promise((resolve) => setTimeout(resolve, random.whole(snapshotMs.low, snapshotMs.high)));
    await ground.reboot(() => {
      const now = refsOf(oldRepository);
      const phase = stateIn(lab.agentFolder)?.phase ?? null;
      for (const update of changes(now, then)) recorder.damage('old', update);
      // What only old had goes with it: whoever brings a snapshot back has decided that.
      if (phase === 'mirror') for (const { ref, value } of onlyThere(now, ground)) recorder.settled(ref, value, false);
      folders.forEach(bringBack);
      operator.cameBack(phase);
    });
  } finally {
    rmSync(kept, { recursive: true });
  }
  return done;
}

interface Taken {
  readonly folder: string;
  readonly copy: string;
}

/**
 * People push meanwhile, and files go away under the copy. Objects once more at the end: no ref of the copy lacks its
 * own. A lock that was held just then would keep its ref shut for ten minutes, which is no matter of this fault.
 */
function take({ folder, copy }: Taken): void {
  mkdirSync(copy);
  copyAll(folder, copy);
  if (existsSync(join(folder, 'objects'))) copyAll(join(folder, 'objects'), join(copy, 'objects'));
  execFileSync('find', [copy, '-name', '*.lock', '-path', '*refs*', '-delete']);
}

/** The folders stay: a small disk may be mounted there, and the agent knows the repository by its inode. */
function bringBack({ folder, copy }: Taken): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  copyAll(copy, folder);
}

function copyAll(from: string, to: string): void {
  spawnSync('cp', ['--archive', '--', `${from}/.`, to], { stdio: 'ignore' });
}

function changes(now: Refs, then: Refs): Update[] {
  return [...new Set([...now.keys(), ...then.keys()])]
    .map((ref) => ({ ref, before: now.get(ref) ?? null, after: then.get(ref) ?? null }))
    .filter(({ before, after }) => before !== after);
}

/** Refs whose value on old GitLab neither has nor contains, with GitLab's. */
function onlyThere(now: Refs, ground: Ground): { ref: string; value: string | null }[] {
  const gitlab = refsOf(ground.gitlabRepository());
  const leads = ancestry(ground.gitlabRepository());
  return [...new Set([...now.keys(), ...gitlab.keys()])].flatMap((ref) => {
    const [old, value] = [now.get(ref) ?? null, gitlab.get(ref) ?? null];
    return old === value || (old !== null && value !== null && leads(old, value)) ? [] : [{ ref, value }];
  });
}
