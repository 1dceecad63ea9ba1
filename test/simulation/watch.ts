/**
 * What `status` would say, asked again and again of a running world: by the product's own code, over a look that draws
 * nothing and disturbs nobody. What it said where nothing had moved for two passes is judged (test/history/saying.ts).
 */
import { statusExit } from '../../agent/contract/exits';
import { hasPasses } from '../../agent/contract/phase';
import type { ExitCode, RefTrouble } from '../../agent/contract/views';
import { failedOrLate } from '../../agent/rules/passfailure';
import { changesOf } from '../../agent/rules/records';
import { sincePassMs } from '../../agent/rules/time';
import type { Trouble } from '../../agent/rules/values';
import { owedTo, type Owed } from '../../agent/sync/debts';
import type { Fact, Oid, Quiet } from '../history/history';
import { instantOf, wallOf } from './clock';
import { readLeases } from './leasefiles';
import type { OldServer } from './oldserver';
import { repositoryConfig, type Simulation } from './simulation';

const everyMs = 500;
/** One failure in setting a ref may be a lock of somebody who is just writing: it is listed from the second on. */
const passesNeeded = 2;

/** As far as it hangs on nothing but the world. */
export interface Status {
  readonly exit: ExitCode;
  readonly owed: Owed;
}

export async function askStatus(sim: Simulation, old: OldServer): Promise<Status> {
  const { phase } = old.state;
  const config = repositoryConfig(sim, old);
  const clock = {
    now: () => instantOf(sim, old),
    wall: () => wallOf(sim, old),
    sleep: () => Promise.reject(new Error('Cannot sleep: status only looks.')),
  };
  const owed = await owedTo({
    config,
    clock,
    journal: {
      state: () => old.state,
      agreed: () => old.agreed,
      leases: () => readLeases(old, clock.now()),
      lastPass: () => old.lastPass,
    },
    git: { oldSide: () => Promise.resolve({ refs: new Map(old.refs), broken: [], head: old.head }) },
  });
  const [lastPass, since] = [old.lastPass?.wall ?? null, old.lastPass && sincePassMs(old.lastPass, clock)];
  const fault = failedOrLate({ path: config.path, lastPass, sinceLastPassMs: since }, old.passFailure);
  const faults = hasPasses(phase) && fault !== null ? [fault] : [];
  return { exit: statusExit(faults, [{ troubles: [...old.troubles.map(shown), ...hooklessOf(old)] }]), owed };
}

function shown({ held: _held, ...trouble }: Trouble): RefTrouble {
  return { ...trouble, next: '' };
}

/** One ref of one old server, as it has been since a time. */
interface Still {
  readonly since: number;
  judged: boolean;
}

/** As the last pass found it; a retired repository has none. */
function hooklessOf({ hookless, state }: OldServer): RefTrouble[] {
  if (hookless === null || state.phase === 'retired') return [];
  const nothing = { old: null, gitlab: null, agreed: null, since: '' };
  return [{ ref: 'refs/', kind: 'hookless', ...nothing, ...hookless }];
}

export class Watch {
  readonly quiet: Quiet[] = [];
  private readonly stills = new Map<string, Still>();
  private seen = 0;

  constructor(private readonly sim: Simulation) {}

  /** Runs the world up to a time, and looks at it on the way. */
  async until(at: number): Promise<void> {
    while (this.sim.scheduler.now < at) {
      await this.sim.scheduler.until(Math.min(at, this.sim.scheduler.now + everyMs));
      await this.look();
    }
  }

  private async look(): Promise<void> {
    const moved = this.movedRefs();
    for (const old of this.sim.olds.filter(({ state }) => hasPasses(state.phase))) {
      const due = this.refsOf(old).filter((ref) => this.isDue(old, ref, moved));
      if (due.length > 0) this.quiet.push(...(await this.saying(old, due)));
    }
  }

  /** Those that moved since the last look, or that a push is on. */
  private movedRefs(): (ref: string) => boolean {
    const fresh = this.sim.facts.slice(this.seen);
    this.seen = this.sim.facts.length;
    const moved = new Set([...fresh.flatMap(refsIn), ...this.sim.olds.flatMap((old) => refsUnderPush(this.sim, old))]);
    return (ref) => moved.has(ref) || moved.has('refs/');
  }

  private refsOf(old: OldServer): string[] {
    const names = new Set<string>([...old.refs.keys(), ...this.sim.gitlab.refs.keys()]);
    return [...names].filter((ref) => !ref.startsWith('refs/handover/') && !isSymbolic(this.sim, ref));
  }

  /** Two passes began and ended well since it moved, and left nothing to a push. */
  private isDue(old: OldServer, ref: string, moved: (ref: string) => boolean): boolean {
    const key = `${old.name} ${ref}`;
    const still = this.stills.get(key);
    if (still === undefined || moved(ref)) {
      this.stills.set(key, { since: this.sim.scheduler.now, judged: false });
      return false;
    }
    const passes = old.passes.filter(({ began, skipped }) => began > still.since && !skipped).length;
    if (still.judged || passes < passesNeeded) return false;
    still.judged = true;
    return true;
  }

  private async saying(old: OldServer, refs: readonly string[]): Promise<Quiet[]> {
    const { exit, owed } = await askStatus(this.sim, old);
    const listed = this.sim.olds.flatMap(({ name, troubles }) =>
      troubles.map(({ ref, kind }) => ({ server: name, ref, kind })),
    );
    return refs.map((ref) => ({
      at: this.sim.scheduler.now,
      server: old.name,
      ref,
      old: valueOf(old.refs, ref),
      gitlab: valueOf(this.sim.gitlab.refs, ref),
      elsewhere: this.sim.olds.filter((one) => one !== old).map((one) => valueOf(one.refs, ref)),
      exit,
      debts: owed.debts,
      listed: listed.filter((one) => one.ref === ref || one.ref === 'refs/'),
    }));
  }
}

function refsIn(fact: Fact): string[] {
  if ('update' in fact) return [fact.update.ref];
  if (fact.kind === 'gitlab-broke') return fact.updates.map(({ ref }) => ref);
  if (fact.kind === 'settled') return [fact.ref];
  // Another phase has other rules, and objects that are gone may be of any ref.
  return fact.kind === 'phase' || fact.kind === 'rot' ? ['refs/'] : [];
}

function refsUnderPush(sim: Simulation, old: OldServer): string[] {
  return readLeases(old, instantOf(sim, old))
    .filter(({ live }) => live)
    .flatMap((lease) => (lease.updates === null ? ['refs/'] : changesOf(lease).map(({ ref }) => ref)));
}

function isSymbolic({ olds }: Simulation, ref: string): boolean {
  return olds.some(({ symbolic }) => [...symbolic.keys()].some((name) => name === ref));
}

function valueOf(refs: ReadonlyMap<string, Oid>, ref: string): Oid | null {
  return refs.get(ref) ?? null;
}
