/**
 * What GitLab itself loses: some refs, or all that came since a backup. Old has them then, and may follow only as far
 * as somebody is told. Not among the usual faults: a person must settle each.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Refs, Update } from '../../history/history';
import type { Lab } from '../../lab/lab';
import { refsOf } from '../refs';
import { done, Fault, type Ground, type Heal } from './fault';
import { goAway, itself } from './gitlab';

/** People go on pushing on top of what is left, or into what is gone. */
const lostMs = 4_000;
/** Between the backup and the moment at which it is brought back. */
const backupMs = { low: 4_000, high: 9_000 };
/** Of all refs, at least one: less than the circuit breaker asks for, and more. */
const shares = [0.05, 0.3, 0.8] as const;

export function gitlabDamage(lab: Lab, ground: Ground): Fault[] {
  return [
    new Fault('GitLab loses refs', lostMs, () => (ground.mayDamage() ? loseRefs(ground) : null), itself),
    new Fault(
      'GitLab is restored from a backup',
      lostMs,
      () => (ground.mayDamage() ? restore(lab, ground) : null),
      itself,
    ),
  ];
}

/** A backup has the fence as well: the sides are not where they left each other then, and a person settles it. */
const backedUp = ['refs/heads', 'refs/tags', 'refs/handover'] as const;

function loseRefs(ground: Ground): Heal | null {
  const { random, recorder } = ground;
  const path = ground.gitlabRepository();
  const held = refsOf(ground.oldRepository);
  const refs = [...refsOf(path)];
  const lost = random.shuffled(refs).slice(0, Math.max(1, Math.floor(refs.length * random.pick(shares))));
  const gone = lost.filter(([ref, value]) => deleteRef(path, ref, value));
  recorder.gitlabLost(
    gone.map(([ref, before]) => ({ ref, before, after: null })),
    held,
  );
  return gone.length > 0 ? done : null;
}

/** False where a push moved it meanwhile. */
function deleteRef(path: string, ref: string, value: string): boolean {
  try {
    execFileSync('git', ['update-ref', '-d', ref, value], { cwd: path, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Nobody pushes while it is brought back: GitLab is down, and what came since the backup is gone with its objects. */
async function restore(lab: Lab, ground: Ground): Promise<Heal | null> {
  const { random, recorder } = ground;
  const path = ground.gitlabRepository();
  const then = refsOf(path, ...backedUp);
  await pause(random.whole(backupMs.low, backupMs.high));
  const back = await goAway(lab, true);
  try {
    const [now, held] = [refsOf(path, ...backedUp), refsOf(ground.oldRepository)];
    if (!setBack(path, now, then)) return null;
    recorder.gitlabLost(
      changes(now, then).filter(({ ref }) => !ref.startsWith('refs/handover/')),
      held,
    );
    return done;
  } finally {
    await back();
  }
}

/** False where a push that was on its way moved a ref meanwhile: then nothing was changed. */
function setBack(path: string, now: Refs, then: Refs): boolean {
  const gone = [...now].filter(([ref]) => !then.has(ref)).map(([ref, value]) => `delete ${ref} ${value}`);
  const set = [...then].map(([ref, value]) => `update ${ref} ${value} ${now.get(ref) ?? '0'.repeat(40)}`);
  const git = (input: string, ...args: string[]): void =>
    void execFileSync('git', args, { cwd: path, input, stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    git([...gone, ...set, ''].join('\n'), 'update-ref', '--stdin');
  } catch {
    return false;
  }
  git('', 'prune', '--expire=now');
  return true;
}

function changes(now: Refs, then: Refs): Update[] {
  return [...new Set([...now.keys(), ...then.keys()])]
    .map((ref) => ({ ref, before: now.get(ref) ?? null, after: then.get(ref) ?? null }))
    .filter(({ before, after }) => before !== after);
}
