/** How long old lags behind a push to GitLab: from the moment the ref changes there to the moment it changes on old. */
import { statSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../random';
import { freePort, until } from '../../lab/processes';
import { expectDone, projectOf } from '../../system/walk';
import { readConfig } from '../../../stacks/config';
import type { Bench, Measurement } from '../bench';
import { figure, type Figure, nothing, type Outcome, together } from '../figures';
import type { Site } from '../site';
import { percentile } from '../statistics';

const repository = 'lag/app.git';
/** Longer than any timer of the lab. */
const arrivalMs = 90_000;
const between = { low: 100, high: 1_500 };

export const lag: Measurement = {
  name: 'lag',
  about: 'from a push to GitLab to the same ref on old, with and without webhook',
  quick: true,
  places: () => ({ [repository]: { phase: 'both' } }),
  async measure(bench) {
    const site = await bench.site();
    const without = bench.options.quick
      ? nothing
      : await measured(site, bench, { how: 'without webhook', times: bench.rounds(20, 3) });
    return together([without, await withWebhook(site, bench)]);
  },
};

async function withWebhook(site: Site, bench: Bench): Promise<Outcome> {
  if (!knowsWebhooks())
    return {
      ...nothing,
      missing: [{ name: 'lag from GitLab to old with webhook', why: 'the stacks have no setting agent.webhook yet' }],
    };
  const port = await freePort();
  site.lab.configure((settings) =>
    Object.assign(settings['git-handover:agent'] as object, {
      webhook: { listen: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` },
    }),
  );
  await allowLocalWebhooks(site);
  expectDone(await site.walk.up());
  return measured(site, bench, { how: 'with webhook', times: bench.rounds(100, 15) });
}

/** By asking the one reader of the configuration. */
function knowsWebhooks(): boolean {
  try {
    readConfig({ agent: { webhook: { listen: '127.0.0.1:8080', url: 'http://127.0.0.1:8080' } } });
    return true;
  } catch (error) {
    return !String(error).includes('unknown setting "webhook"');
  }
}

/** GitLab refuses addresses like those of the lab unless its administrator allows them. */
async function allowLocalWebhooks({ lab: { gitlab } }: Site): Promise<void> {
  const answer = await fetch(
    `${gitlab.url}/api/v4/application/settings?allow_local_requests_from_web_hooks_and_services=true`,
    { method: 'PUT', headers: { 'PRIVATE-TOKEN': gitlab.adminToken } },
  );
  if (!answer.ok)
    throw new Error(`Cannot allow local webhooks: GitLab answers ${answer.status} ${await answer.text()}`);
}

async function measured(site: Site, bench: Bench, { how, times }: { how: string; times: number }): Promise<Outcome> {
  bench.say(`pushes to GitLab, ${how}`);
  const ada = site.lab.person('ada');
  const folder = await ada.clone(site.lab.gitlabUrl(projectOf(repository)));
  const chance = Random.stream(1, how);
  const seconds: number[] = [];
  for (let count = 0; count < times; count++) {
    const commit = await ada.commit(folder, 'from GitLab');
    const { code, output } = await ada.git(folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    if (code !== 0) throw new Error(`Cannot push to GitLab: ${output}`);
    seconds.push((await arrival(site, commit)) / 1_000);
    await pause(chance.whole(between.low, between.high));
  }
  return { ...nothing, figures: figuresOf(how, seconds) };
}

/** By the dates of the two ref files, which the servers wrote when the refs changed: ms. */
async function arrival({ lab }: Site, commit: string): Promise<number> {
  const [old, gitlab] = [lab.old.repositoryPath(repository), lab.gitlab.repositoryPath(projectOf(repository))].map(
    (place) => join(place, 'refs', 'heads', 'main'),
  );
  if (old === undefined || gitlab === undefined) return NaN;
  await until('a push to GitLab to come to old', () => valueIn(old) === commit, arrivalMs, 10);
  return statSync(old).mtimeMs - statSync(gitlab).mtimeMs;
}

function valueIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function figuresOf(how: string, seconds: readonly number[]): Figure[] {
  const named = (p: string, share: number, means: string): Figure =>
    figure(`lag from GitLab to old ${how}, ${p}`, percentile(seconds, share), 's', means);
  return [
    named('p50', 0.5, 'Whoever fetches from old that long after a push to GitLab usually has it.'),
    named('p99', 0.99, 'Whoever waits that long has it nearly always.'),
  ];
}
