/** Misbehaviour that is switched on. */
import type { GitlabFault } from '../contract';
import { matchesPattern } from './refnames';

type Kind<K extends GitlabFault['kind']> = Extract<GitlabFault, { kind: K }>;

export class Faults {
  private readonly active = new Map<GitlabFault, number>();

  /** Answers how to switch it off again. */
  add(fault: GitlabFault): () => void {
    this.active.set(fault, 'times' in fault ? fault.times : Infinity);
    return () => void this.active.delete(fault);
  }

  clear(): void {
    this.active.clear();
  }

  delayMs(stage: Kind<'slow'>['stage'], project: string): number {
    return Math.max(
      0,
      ...this.of('slow')
        .filter((fault) => fault.stage === stage && isAbout(fault, project))
        .map((fault) => fault.delayMs),
    );
  }

  /** Pushes only: one may still fetch from a project that is archived or read-only. */
  noAccess(project: string): string | null {
    return this.of('no-access').find((fault) => isAbout(fault, project))?.text ?? null;
  }

  declined(project: string, refs: readonly string[]): string | null {
    const about = this.of('declined').filter((fault) => isAbout(fault, project));
    return about.find((fault) => refs.some((ref) => matchesPattern(fault.refs, ref)))?.text ?? null;
  }

  /** Uses one of the fault's times up. */
  losesAnswer(project: string): boolean {
    const fault = this.of('answer-lost').find((each) => isAbout(each, project));
    return fault !== undefined && this.use(fault);
  }

  internal(call: string): Kind<'internal-api'> | null {
    return this.of('internal-api').find((each) => each.call === call) ?? null;
  }

  rest(method: string, path: string): Kind<'rest'> | null {
    const fault = this.of('rest').find((each) => each.method === method && each.path.test(path));
    return fault !== undefined && this.use(fault) ? fault : null;
  }

  revocationDelayMs(): number {
    return Math.max(0, ...this.of('late-revocation').map((fault) => fault.delayMs));
  }

  /** Null: not sent. Else after how many more milliseconds, once for each time that it is sent. */
  webhookDelaysMs(): number[] | null {
    const faults = this.of('webhooks');
    const happens = (share = 0): boolean => Math.random() < share;
    if (faults.some(({ lost }) => happens(lost))) return null;
    const times = faults.some(({ doubled }) => happens(doubled)) ? 2 : 1;
    const longestMs = Math.max(0, ...faults.map(({ delayMs = 0 }) => delayMs));
    return Array.from({ length: times }, () => Math.random() * longestMs);
  }

  private of<K extends GitlabFault['kind']>(kind: K): Kind<K>[] {
    return [...this.active.keys()].filter((fault): fault is Kind<K> => fault.kind === kind);
  }

  private use(fault: GitlabFault): boolean {
    const left = this.active.get(fault) ?? 0;
    if (left <= 1) this.active.delete(fault);
    else this.active.set(fault, left - 1);
    return left > 0;
  }
}

function isAbout(fault: { readonly project?: string }, project: string): boolean {
  return fault.project === undefined || fault.project === project;
}
