/** An old server in memory: one repository, the agent's state folder, and the kernel's part in both. */
import type {
  Deleted,
  Drops,
  Oid,
  PassEnd,
  RefName,
  Refs,
  State,
  Stuck,
  Tries,
  Trouble,
  Update,
} from '../../agent/rules/values';
import type { Hookless, HooksSeen } from '../../agent/rules/ports';
import type { PushRow } from '../../agent/rules/decide';
import type { PassFailure } from '../../agent/rules/passfailure';
import type { Taken } from '../../agent/rules/taken';
import { Host, type Process } from './scheduler';

export interface SimLease {
  readonly id: string;
  readonly boot: string;
  readonly receivePack: Process;
  readonly hook: Process;
  /** The files of a lease, as text. */
  control: string;
  refs: string;
  landed: string;
  /** How much of `control` survives a power cut; `refs` does when anything does. */
  flushed: number;
  readonly push: number;
}

/** flock(2): held as long as one of those that share the open file lives. */
export class SimLock {
  private readonly holders = new Set<Process>();

  get free(): boolean {
    return this.holders.size === 0;
  }

  hold(process: Process): true {
    this.holders.add(process);
    process.onEnd(() => this.holders.delete(process));
    return true;
  }

  release(process: Process): void {
    this.holders.delete(process);
  }
}

export class OldServer {
  readonly host: Host;
  readonly refs: Refs = new Map();
  readonly store = new Set<Oid>();
  /** Refs that somebody else is writing, or whose place something else takes. */
  readonly locked = new Set<RefName>();
  /** Objects that its git does not take from others (transfer.fsckObjects). */
  readonly refused = new Set<Oid>();
  /** Other names of branches, which may be gone. */
  symbolic: ReadonlyMap<RefName, RefName> = new Map();
  head: RefName = 'refs/heads/main' as RefName;
  state: State;
  agreed: Refs | null = null;
  /** Null: never written, as those below. */
  deleted: Deleted | null = null;
  tries: Tries = { sent: new Map(), late: new Map(), unanswered: null };
  troubles: readonly Trouble[] = [];
  taken: readonly Taken[] | null = null;
  stuck: readonly Stuck[] | null = null;
  followed: readonly Update[] | null = null;
  unhooked: readonly string[] = [];
  /** Git would not run our hooks: until a pass mends it, or for as long as it lasts. */
  hooksLost: 'mendable' | 'lasting' | null = null;
  /** As the last pass found it. */
  hookless: Hookless | null = null;
  readonly leases = new Map<string, SimLease>();
  /** Written down, and not all forgotten yet. */
  drops: Drops = new Map();
  /** How many fences were begun. */
  fences = 0;
  /** The repository's own copy of the fence. */
  fenceCopy: Oid | null = null;
  skipped = false;
  lastPass: PassEnd | null = null;
  /** Of the first pass that failed since one ended well. */
  passFailure: PassFailure | null = null;
  /** Those that ended well; `skipped`: it left a ref to the push that is on it. */
  readonly passes: { readonly began: number; readonly skipped: boolean }[] = [];
  /** When the repository's lock was taken last, ms. */
  lockedAt = 0;
  diskFull = false;
  /** The wall clock's error, ms. */
  wallOffset = 0;
  readonly lock = new SimLock();
  readonly stateLock = new SimLock();
  /** Of the wake-ups by hooks: one runs, one waits. */
  waking = 0;
  /** How often hooks and webhooks wanted a pass. */
  wakes = 0;
  /** The row of each push that the agent looked at. */
  readonly looked: PushRow[] = [];

  constructor(
    readonly name: string,
    readonly directory: string,
  ) {
    this.host = new Host(name);
    this.state = { phase: 'old', epoch: 1, hold: null, fence: null, directory, identity: '1:1' };
  }

  /** What a pass finds and mends. */
  mendHooks(): HooksSeen {
    const isMended = this.hooksLost === 'mendable';
    if (isMended) this.hooksLost = null;
    const words = 'core.hooksPath is set by somebody else';
    this.hookless = this.hooksLost === null ? null : { words, next: 'Take it away.' };
    return { mended: isMended ? ['pre-receive'] : [], hookless: this.hookless };
  }

  get boot(): string {
    return `boot-${this.host.boots}`;
  }
}
