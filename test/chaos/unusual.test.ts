/** What no usual run has, each by itself: always the same plan, as in the run that has everything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, tell } from './report';
import { type Choice, runChaos } from './run';

/** Minutes of real time, which a busy machine makes many: for those who ask. */
const skip = process.env['GIT_HANDOVER_CHAOS'] === 'all' ? false : 'GIT_HANDOVER_CHAOS=all runs it';

const halfMinute = 0.5;

const runs: readonly (Choice & { readonly name: string; readonly seed: number })[] = [
  { name: 'GitLab loses refs, and is restored from a backup', seed: 1, only: /^GitLab (loses|is restored)/ },
  { name: 'old comes back from a snapshot', seed: 5, only: /^old comes back from a snapshot/ },
  { name: '`pulumi up` from two places at once', seed: 2, only: /^pulumi up from another place/ },
  { name: 'two faults at once', seed: 3, only: /^(network|kill|GitLab|webhooks)/, atOnce: 2 },
  { name: 'faults that stay', seed: 4, only: /^(GitLab is gone|network between servers: refuse)/, stayMs: 45_000 },
];

for (const { name, seed, ...choice } of runs)
  test(`${name}: no promise is broken`, { timeout: 900_000, skip }, async () => {
    const lines: string[] = [];
    const result = await runChaos({
      ...choice,
      seed,
      minutes: halfMinute,
      target: 'product',
      say: (line) => void lines.push(line),
    });
    const { acknowledged, lost, violations } = figuresOf(result);
    const story = `${lines.join('\n')}\n${tell(result)}`;
    assert.deepEqual({ lost, violations }, { lost: 0, violations: 0 }, story);
    assert.ok(acknowledged > 0, story);
  });
