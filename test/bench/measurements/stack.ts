/** `pulumi up` with many repositories, and the resident agent that serves them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Phase } from '../../../agent/contract/phase';
import { startProcess } from '../../lab/processes';
import type { Bench, Measurement } from '../bench';
import { figure, type Figure, type Missing, nothing, type Outcome } from '../figures';
import { noResident, residentPid, usageDuring } from '../resident';
import { openSite, type Site } from '../site';
import { median } from '../statistics';

/** As cron does it: the timer of so many would be busy all the time. */
const tickSeconds = 60;
const idleMs = 60_000;
/** After a change the resident looks often, then ever less: this long until it is at rest. */
const calmMs = 130_000;
const startRounds = 15;
/** What docs/operate/migrate.md recommends for changes of phase. */
const withoutCheckpoints = { PULUMI_EXPERIMENTAL: '1', PULUMI_SKIP_CHECKPOINTS: '1' };

export const stack: Measurement = {
  name: 'stack',
  about:
    '`pulumi up` with 300 repositories (or --repositories): first, all change phase, nothing changed; the resident agent at rest',
  quick: false,
  async measure(bench) {
    const names = Array.from({ length: bench.options.repositories }, (_, index) => `many/app-${index + 1}.git`);
    const site = await openSite(Object.fromEntries(names.map((name) => [name, { phase: 'old' as const }])), {
      say: bench.say,
      tickSeconds,
      attach: false,
    });
    try {
      return await measureIn(site, bench, names.length);
    } finally {
      await site.close();
    }
  },
};

async function measureIn(site: Site, bench: Bench, count: number): Promise<Outcome> {
  const figures: Figure[] = [];
  const steps: readonly {
    readonly what: string;
    readonly phase: Phase;
    readonly env: Readonly<Record<string, string>>;
    readonly means: string;
  }[] = [
    {
      what: 'first, to mirror',
      phase: 'mirror',
      env: {},
      means:
        'Everything is made on GitLab and on old, and copied for the first time; the state is saved after each step.',
    },
    {
      what: 'all change phase',
      phase: 'both',
      env: withoutCheckpoints,
      means:
        'All repositories move from mirror to both in one run, with the setting that docs/operate/migrate.md recommends.',
    },
    {
      what: 'nothing changed',
      phase: 'both',
      env: {},
      means: 'What it costs to ask whether everything is as it should be.',
    },
  ];
  for (const { what, phase, env, means } of steps) {
    bench.say(`pulumi up, ${count} repositories, ${what}`);
    site.walk.choose(phase);
    figures.push(figure(`pulumi up, ${count} repositories, ${what}`, await secondsOfUp(site, env), 's', means));
  }
  const { figures: resident, missing } = await atRest(site, bench, count);
  return { ...nothing, figures: [...figures, ...resident, await startOfNode()], missing };
}

/** These figures are no ratios: how fast the machine was tells whether another day's can be compared. */
async function startOfNode(): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < startRounds; round += 1) {
    const start = performance.now();
    await startProcess(process.execPath, ['-e', '0'], { env: {} }).ended;
    times.push(performance.now() - start);
  }
  return figure(
    'start of Node, which does nothing',
    median(times),
    'ms',
    'How fast the machine was: where it differs, the seconds above cannot be compared with those of another day.',
  );
}

/** Without a preview of its own, which would come on top. */
async function secondsOfUp({ lab }: Site, env: Readonly<Record<string, string>>): Promise<number> {
  const args = [
    'up',
    '--yes',
    '--skip-preview',
    '--continue-on-error',
    '--stack',
    'lab',
    '--non-interactive',
    '--color',
    'never',
  ];
  const start = performance.now();
  const started = startProcess('pulumi', args, { env: { ...lab.env, ...env }, cwd: lab.project });
  const { code } = await started.ended;
  if (code !== 0) throw new Error(`Cannot measure pulumi up as it must succeed: ${diagnosticsOf(started.output())}`);
  return (performance.now() - start) / 1_000;
}

/** Pulumi prints what went wrong before all outputs of the stack. */
function diagnosticsOf(output: string): string {
  const [, after = output.slice(-2_000)] = output.split('Diagnostics:');
  return after.split('\nOutputs:')[0]?.trim().slice(0, 4_000) ?? '';
}

async function atRest({ lab }: Site, bench: Bench, count: number): Promise<{ figures: Figure[]; missing: Missing[] }> {
  const pid = residentPid(lab.agentFolder);
  if (pid === null)
    return { figures: [], missing: [{ name: `resident memory, idle, ${count} repositories`, why: noResident }] };
  bench.say('the resident agent at rest');
  await pause(calmMs);
  const { megabytes, percent } = await usageDuring(pid, pause(idleMs));
  return {
    figures: [
      figure(
        `resident memory, idle, ${count} repositories`,
        megabytes,
        'MB',
        'What the resident agent needs on old all the time.',
      ),
      figure(
        `resident processor, idle, ${count} repositories`,
        percent,
        '% of a core',
        'What it costs old while nobody pushes.',
      ),
    ],
    missing: [],
  };
}
