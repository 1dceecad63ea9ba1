/** What very many refs in one repository cost: its own passes, the resident, `status`, and another repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stateName } from '../../../agent/contract/statename';
import { until } from '../../lab/processes';
import { expectDone, projectOf } from '../../system/walk';
import type { Bench, Measurement } from '../bench';
import { Filler, replaceContents } from '../contents';
import { figure, type Figure, nothing, type Outcome } from '../figures';
import { noResident, residentPid, usageDuring } from '../resident';
import { openSite, type Site } from '../site';
import { median } from '../statistics';

const sizes = [50_000, 500_000] as const;
/** All refs name one of these: their history is not what is measured. */
const contents = { commits: 20, fileBytes: 40 };
const other = 'size/other.git';
const arrivesMs = 120_000;

export const size: Measurement = {
  name: 'size',
  about: 'passes of repositories with 50,000 and 500,000 refs, and another repository beside them',
  quick: false,
  async measure(bench) {
    const names = [...sizes.map(repository), other];
    const site = await openSite(Object.fromEntries(names.map((name) => [name, { phase: 'both' }])), { say: bench.say });
    try {
      await grow(site);
      const passes: Figure[] = [];
      for (const count of sizes) passes.push(await passOf(site, bench, count));
      const beside = await besideThem(site, bench);
      return { ...beside, figures: [...passes, await statusOf(site, bench), ...beside.figures] };
    } finally {
      await site.close();
    }
  },
};

function repository(count: number): string {
  return `size/refs-${count}.git`;
}

async function grow({ lab }: Site): Promise<void> {
  const filler = new Filler();
  for (const count of sizes) {
    const like = join(lab.folder, `like-${count}.git`);
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', like]);
    await filler.fill(like, { ...contents, refs: count });
    const name = repository(count);
    for (const place of [lab.gitlab.repositoryPath(projectOf(name)), lab.old.repositoryPath(name)])
      replaceContents(like, place);
  }
}

/** By the process that the resident starts for it. One that finds the resident's at work says so at once. */
async function passOf({ lab }: Site, bench: Bench, count: number): Promise<Figure> {
  bench.say(`passes with ${count} refs`);
  const state = join(lab.agentFolder, 'repositories', stateName(lab.old.repositoryPath(repository(count))));
  const pass = async (): Promise<number> => {
    for (;;) {
      const start = performance.now();
      const { output } = await lab.agent('pass', state, '0');
      if (output.includes('"open":')) return (performance.now() - start) / 1_000;
      if (!output.includes('"seen":null')) throw new Error(`Cannot measure a pass as it must end well: ${output}`);
      await pause(500);
    }
  };
  const seconds = [];
  for (let round = -1; round < bench.rounds(5, 2); round += 1) seconds.push(await pass());
  return figure(
    `${counted(count)} refs: a pass that finds both sides level`,
    median(seconds.slice(1)),
    's',
    'It reads both sides in full; GitLab shows all its refs.',
  );
}

async function statusOf({ lab }: Site, bench: Bench): Promise<Figure> {
  const seconds = await timesOf(
    bench.rounds(5, 2),
    async () => void expectDone(await lab.ask('status', { paths: [] })),
  );
  return figure(
    'status beside 500,000 refs',
    median(seconds),
    's',
    'It asks GitLab nothing, and in both it lists no refs.',
  );
}

async function besideThem(site: Site, bench: Bench): Promise<Outcome> {
  const pid = residentPid(site.lab.agentFolder);
  if (pid === null)
    return { ...nothing, missing: [{ name: 'another repository beside 500,000 refs', why: noResident }] };
  bench.say('another repository beside them');
  const ada = site.lab.person('ada');
  const folder = await ada.clone(site.lab.gitlabUrl(projectOf(other)));
  const seconds: number[] = [];
  const usage = await usageDuring(
    pid,
    timesOf(bench.rounds(10, 3), async () => {
      const commit = await ada.commit(folder, 'from GitLab');
      expectDone(await ada.git(folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main'));
      await until('old to have it', () => mainOf(site) === commit, arrivesMs, 20);
    }).then((times) => seconds.push(...times)),
  );
  const means = 'Whoever fetches from old that long after a push to GitLab usually has it; the push counts as well.';
  return {
    ...nothing,
    figures: [
      figure('another repository beside 500,000 refs: lag from GitLab to old, p50', median(seconds), 's', means),
      figure(
        'resident memory beside 500,000 refs',
        usage.megabytes,
        'MB',
        'Passes of large repositories have a process of their own.',
      ),
    ],
  };
}

/** A pass writes it as a file of its own; before the first it is packed. */
function mainOf({ lab }: Site): string {
  const file = join(lab.old.repositoryPath(other), 'refs/heads/main');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

async function timesOf(rounds: number, work: () => Promise<void>): Promise<number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1_000);
  }
  return seconds;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
