/** The phases of a repository and the moves between them. Pure: shared by the agent, the stacks and the scripts. */

export const phases = ['old', 'mirror', 'both', 'warn', 'refuse', 'retired'] as const;
export type Phase = (typeof phases)[number];

/** What a phase allows; docs/design/phases.md is made from the table. */
export interface PhaseRow {
  readonly oldTakesPushes: boolean;
  /** People may write to the GitLab project. */
  readonly gitlabOpen: boolean;
  readonly authority: 'old' | 'gitlab';
  /** How an update reaches GitLab from old: by a mirror pass later, or before its pusher is answered. */
  readonly toGitlab: 'never' | 'pass' | 'write-through';
  /** A pass brings GitLab's values to old. */
  readonly toOld: boolean;
}

export const phaseTable: Readonly<Record<Phase, PhaseRow>> = {
  old: { oldTakesPushes: true, gitlabOpen: false, authority: 'old', toGitlab: 'never', toOld: false },
  mirror: { oldTakesPushes: true, gitlabOpen: false, authority: 'old', toGitlab: 'pass', toOld: false },
  both: { oldTakesPushes: true, gitlabOpen: true, authority: 'gitlab', toGitlab: 'write-through', toOld: true },
  warn: { oldTakesPushes: true, gitlabOpen: true, authority: 'gitlab', toGitlab: 'write-through', toOld: true },
  refuse: { oldTakesPushes: false, gitlabOpen: true, authority: 'gitlab', toGitlab: 'never', toOld: true },
  retired: { oldTakesPushes: false, gitlabOpen: true, authority: 'gitlab', toGitlab: 'never', toOld: false },
};

/** Legal targets of a move. `old` is reached only by an explicit abandon. */
const moves: Readonly<Record<Phase, readonly Phase[]>> = {
  old: ['mirror'],
  mirror: ['both', 'refuse'],
  both: ['warn', 'mirror'],
  warn: ['refuse', 'both', 'mirror'],
  refuse: ['retired', 'warn', 'both', 'mirror'],
  retired: ['refuse'],
};

export function isPhase(text: string): text is Phase {
  return (phases as readonly string[]).includes(text);
}

/** True when `to` may follow `from`; staying where one is always may. */
export function isLegalMove(from: Phase, to: Phase, abandon = false): boolean {
  return from === to || moves[from].includes(to) || (abandon && to === 'old' && from !== 'retired');
}

/** The legal targets from `from`, for an error text. */
export function legalMoves(from: Phase): readonly Phase[] {
  return moves[from];
}

/** A move after which people may no longer write to GitLab: access closes first, old switches last. */
export function closesGitlab(from: Phase, to: Phase): boolean {
  return phaseTable[from].gitlabOpen && !phaseTable[to].gitlabOpen;
}

/** Refs go from old to GitLab: nothing may be protected there, and nothing may disturb what pushers read. */
export function copies(phase: Phase): boolean {
  return phaseTable[phase].toGitlab !== 'never';
}

/** Something is to be brought to GitLab or from it: where passes fail or are late, a person must know. */
export function hasPasses(phase: Phase): boolean {
  return phaseTable[phase].toGitlab === 'pass' || phaseTable[phase].toOld;
}

/** A move after which a push that no hook saw does new harm. Back to `mirror` and to `old` is a way out. */
export function countsOnHooks(from: Phase, to: Phase): boolean {
  if (to === 'both' || (from === 'old' && to === 'mirror')) return true;
  return !phaseTable[from].gitlabOpen && phaseTable[to].gitlabOpen;
}

/** Undoes what a former change of phase did. */
export function isStepBack(from: Phase, to: Phase): boolean {
  return phases.indexOf(to) < phases.indexOf(from);
}
