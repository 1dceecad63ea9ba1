/** What every fault is: it strikes, it heals itself, and it counts. */
import type { Random } from '../../random';
import type { Recorder } from '../recorder';
import type { Relay } from '../../lab/relay';

export type Heal = () => void | Promise<void>;

/** Where faults strike, for the product and for the baselines. */
export interface Ground {
  readonly random: Random;
  readonly recorder: Recorder;
  readonly relays: { readonly between: Relay; readonly peopleToOld: Relay; readonly peopleToGitlab: Relay };
  /** Bare repositories on disk. */
  readonly oldRepository: string;
  gitlabRepository(): string;
  /** Process id of old's sshd. */
  readonly oldSshd: () => number;
  /** `meanwhile` nothing of old runs. */
  reboot(meanwhile?: () => void): Promise<void>;
  /** Damage that nobody could repair would be no fault of whom we test. */
  mayDamage(): boolean;
}

export class Fault {
  fired = 0;
  private undo: Heal | null = null;

  /**
   * `strike` answers how to heal, or null when there was nothing to strike. Of those with one `place` never two are on
   * at once: the heal of one would undo, or keep, the other.
   */
  constructor(
    readonly name: string,
    readonly holdMs: number,
    private readonly strike: () => Promise<Heal | null> | Heal | null,
    readonly place = name,
  ) {}

  /** False when there was nothing to strike now. */
  async inject(): Promise<boolean> {
    this.undo = await this.strike();
    if (this.undo !== null) this.fired += 1;
    return this.undo !== null;
  }

  async heal(): Promise<void> {
    const { undo } = this;
    this.undo = null;
    await undo?.();
  }
}

/** Struck, and nothing to heal. */
export const done: Heal = () => undefined;
