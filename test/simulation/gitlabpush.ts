/** A person's push to GitLab. */
import type { Attempt } from './session';
import type { Activity } from './scheduler';
import { limits, type Simulation } from './simulation';
import { webhook } from './wakeups';

export function* pushToGitlabAsPerson(sim: Simulation, { who, updates, atomic }: Attempt): Activity {
  const { gitlab } = sim;
  const began = sim.scheduler.now;
  yield sim.latency();
  if (gitlab.gone || updates.some(({ ref, before }) => (gitlab.refs.get(ref) ?? null) !== before)) return;
  const id = sim.newPush();
  const note = (outcome: 'ok' | 'fail' | 'info', part: Attempt['updates'], words: string): void => {
    if (part.length === 0) return;
    sim.pushes.push({
      id,
      who,
      server: 'gitlab',
      updates: part,
      began,
      ended: outcome === 'info' ? null : sim.scheduler.now,
      outcome,
      words,
    });
    sim.tell(`push #${id} of ${who} to gitlab is told ${outcome}${words === '' ? '' : `: ${words}`}`);
  };
  yield sim.latency();
  if (!gitlab.open) return note('fail', updates, 'You are not allowed to push code to this project.');
  // What was let in may take its time.
  yield sim.random.chance(0.1) ? sim.random.between(0, limits.longestGitlabPushMs * 0.9) : sim.random.between(2, 30);
  const taken = gitlab.take(updates, atomic, (update) => sim.applied('gitlab', update, { push: id, epoch: null }));
  if (taken.kind === 'done' && taken.failed.length < updates.length) webhook(sim);
  yield sim.latency();
  if (sim.strikes('cutClient')) return note('info', updates, 'cut off');
  if (taken.kind === 'declined') return note('fail', updates, taken.words);
  note(
    'ok',
    updates.filter(({ ref }) => !taken.failed.includes(ref)),
    '',
  );
  note(
    'fail',
    updates.filter(({ ref }) => taken.failed.includes(ref)),
    'cannot lock ref',
  );
}
