/** The operator: moves the phase by real `pulumi up`, again until it is done, and settles what `status` lists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Line, Verbs } from '../../agent/contract/verbs';
import type { RepositoryStatus } from '../../agent/contract/views';
import { isPhase, type Phase } from '../../agent/contract/phase';
import type { Lab } from '../lab/lab';
import type { Started } from '../lab/processes';
import type { Oid } from '../history/history';
import type { Random } from '../random';
import { FailedUps } from './failedups';
import type { Recorder } from './recorder';
import { refsOf } from './refs';

/** For one `pulumi up`: a hold, GitLab's longest push, and a busy machine. */
const upLimitMs = 240_000;
const quiet = ['--stack', 'lab', '--non-interactive', '--color', 'never'];
const againMs = 500;

export interface OperatorOptions {
  readonly lab: Lab;
  readonly recorder: Recorder;
  readonly random: Random;
  readonly project: string;
  /** Path of the repository on old. */
  readonly path: string;
  readonly say: (line: string) => void;
}

/** What is about no ref of its own: a stopped pass, or files. */
const allRefs = 'refs/';

interface Sides {
  readonly ref: string;
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
}

export class Operator {
  /** The `pulumi up` that runs now. */
  up: Started | null = null;
  ups = 0;
  private others = 0;
  readonly failedUps = new FailedUps();
  settlements = 0;
  /** Values that `status` listed as taken over from GitLab, and when it did first. */
  readonly taken = new Map<Oid, number>();
  private decisionsRead = 0;
  /** Old was brought back from a snapshot, and nobody has settled it; the phase is that of before. */
  private back: { readonly phase: string | null } | null = null;
  /** One settlement after the other. */
  private settling: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: OperatorOptions) {}

  /** Another place ran `pulumi up`: from now on nobody trusts what the own state says of GitLab. */
  meet(code: number | null, output: string): void {
    this.others += 1;
    this.options.say(`pulumi up from another place: ${code === 0 ? 'done' : reason(output)}`);
  }

  /** Old was brought back from a snapshot while the repository was in this phase. */
  cameBack(phase: string | null): void {
    this.back = { phase };
  }

  /** True when the phase was reached before `isOver`; also where somebody else's move made it illegal. */
  async reach(phase: Phase, isOver: () => boolean): Promise<boolean> {
    this.options.lab.configure((settings) => (settings['git-handover:phase'] = phase));
    for (;;) {
      const { code, output } = await this.options.recorder.wait(`pulumi up to ${phase}`, upLimitMs, () => this.runUp());
      if (code === 0) return true;
      this.failedUps.note(code, output);
      this.options.say(`pulumi up to ${phase} failed: ${reason(output)}`);
      if (this.others > 0 && /only one step at a time is legal/.test(output)) return true;
      if (isOver()) return false;
      await this.clearTheWay(output);
    }
  }

  private async runUp(): Promise<{ code: number | null; output: string }> {
    this.ups += 1;
    const refresh = this.others > 0 ? ['--refresh'] : [];
    const up = this.options.lab.beginPulumi('up', '--yes', '--skip-preview', ...refresh, ...quiet);
    this.up = up;
    const { code } = await up.ended;
    this.up = null;
    return { code, output: up.output() };
  }

  /** What the error says to do. */
  private async clearTheWay(output: string): Promise<void> {
    if (/locked|pulumi cancel/.test(output) || output === '')
      await this.options.lab.pulumi('cancel', '--yes', ...quiet);
    if (/npm run (resolve|rejoin)/.test(output)) await this.settleAll();
    await pause(againMs);
  }

  /**
   * Settles what a person must decide: conflicts and damage. Declined refs wait for GitLab. Answers how many were
   * settled.
   */
  settleAll(): Promise<number> {
    const settled = this.settling.then(() => this.settleEach());
    this.settling = settled.catch(() => undefined);
    return settled;
  }

  private async settleEach(): Promise<number> {
    const { troubles = [] } = (await this.status()) ?? {};
    const mine = troubles.filter(({ kind }) => kind !== 'declined');
    for (const { ref, kind } of mine) {
      if (kind === 'travelled') await this.rejoin();
      else if (ref === allRefs && kind !== 'stopped') await this.repair();
      else
        await this.settle(
          ref,
          kind !== 'unhooked' && ref !== allRefs && this.options.random.chance(0.2) ? 'old' : 'gitlab',
        );
    }
    return mine.length;
  }

  /** What the scan found in files; refs that came back are a decision like any other. */
  private async repair(): Promise<void> {
    const { lab, path, recorder, say } = this.options;
    const before = refsOf(path);
    const { code, output } = await lab.ask('repair', { path, who: 'chaos', apply: true });
    say(`repair: ${code === 0 ? 'done' : reason(output)}`);
    const after = refsOf(path);
    for (const [ref, value] of after) if (before.get(ref) !== value) recorder.settled(ref, value, false);
  }

  /**
   * The side that did not go back is right: what it has the other one had as well, or never. What people pushed to the
   * other one since is let go.
   */
  private async rejoin(): Promise<void> {
    const { lab, path, say } = this.options;
    const keep = this.back === null ? 'old' : 'gitlab';
    const phase = this.back?.phase ?? null;
    const request: Verbs['rejoin']['request'] = {
      path,
      keep,
      but: [],
      phase: phase !== null && isPhase(phase) ? phase : null,
      reason: 'chaos',
      who: 'chaos',
      apply: true,
    };
    const { code, output } = await lab.ask('rejoin', request);
    say(`rejoin --keep ${keep}: ${code === 0 ? 'done' : reason(output)}`);
    if (code === 0) this.back = null;
    this.settlements += 1;
    this.noteDecisions();
  }

  private async settle(ref: string, keep: 'old' | 'gitlab'): Promise<void> {
    const { lab, path, recorder, project, say } = this.options;
    const request: Verbs['resolve']['request'] = { path, ref, keep, reason: 'chaos', who: 'chaos', apply: true };
    const { code, output } = await lab.ask('resolve', request);
    say(`resolve ${ref} --keep ${keep}: ${code === 0 ? 'done' : reason(output)}`);
    this.settlements += 1;
    this.noteDecisions();
    if (code === 0 || /"code":"in-no-trouble"/.test(output)) return;
    const kept = keep === 'gitlab' ? await lab.gitlab.refs(project) : refsOf(path);
    recorder.settled(ref, kept.get(ref) ?? null, false);
  }

  /** What was kept is in the agent's own book. */
  private noteDecisions(): void {
    const file = join(this.options.lab.agentFolder, 'decisions');
    const lines = existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
    for (const line of lines.slice(this.decisionsRead)) this.noteDecision(line);
    this.decisionsRead = lines.length;
  }

  private noteDecision(line: string): void {
    const { what, keep, refs, ...one } = JSON.parse(line) as Sides & {
      readonly what: string;
      readonly keep: string;
      readonly refs?: readonly Sides[];
    };
    if (what !== 'resolve' && what !== 'rejoin') return;
    for (const { ref, old, gitlab } of refs ?? [one])
      this.options.recorder.settled(ref, ref === allRefs ? null : keep === 'old' ? old : gitlab, true);
  }

  /** Null while the agent cannot answer. */
  async status(): Promise<RepositoryStatus | null> {
    const { output } = await this.options.lab.ask('status', { paths: [this.options.path] });
    const found = resultOf<Verbs['status']['result']>(output)?.repositories[0] ?? null;
    for (const { before } of found?.taken ?? [])
      if (!this.taken.has(before)) this.taken.set(before, this.options.recorder.now());
    return found;
  }

  /** One pass; its errors are told. */
  async pass(): Promise<void> {
    const { code, output } = await this.options.lab.ask('pass', { path: this.options.path });
    if (code !== 0) this.options.say(`pass: ${reason(output)}`);
  }
}

/** The last line that an agent's call printed, when it is a result. */
export function resultOf<T>(output: string): T | null {
  for (const text of output.split('\n').reverse()) {
    const line = text.startsWith('{') ? (JSON.parse(text) as Line<T>) : null;
    if (line?.kind === 'result') return line.value;
  }
  return null;
}

/** One line of it. */
function reason(output: string): string {
  const isTold = (text: string): boolean => /Cannot|error:|locked/.test(text) && !/Trying again\.$/.test(text);
  const line = output.split('\n').find(isTold) ?? output.trim().split('\n').pop() ?? '';
  return line.trim().slice(0, 240) || 'no word (killed)';
}
