/** The figures, and what each must reach. Pure. */

/** `must`: what is promised; `aim`: what would be good. Most are best when small. */
interface Bound {
  readonly must: number;
  readonly aim: number;
  readonly better: 'less' | 'more';
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `×` for a ratio. */
  readonly unit: string;
  readonly must: number | null;
  readonly aim: number | null;
  /** Whether what is promised holds; null where nothing is. */
  readonly holds: boolean | null;
  readonly better: 'less' | 'more';
  /** What the number means to a user, in one sentence. */
  readonly means: string;
}

/** What could not be measured, and why. */
export interface Missing {
  readonly name: string;
  readonly why: string;
}

export interface Chart {
  /** Name of its file, without ending. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** `high` is drawn as a whisker, such as the p95. */
  readonly bars: readonly { readonly label: string; readonly value: number; readonly high?: number }[];
}

/** What one measurement answers. */
export interface Outcome {
  readonly figures: readonly Figure[];
  /**
   * The same against the same in the same run: what the machine alone does. By name, in the unit of what it stands
   * beside.
   */
  readonly noise: Readonly<Record<string, number>>;
  readonly missing: readonly Missing[];
  readonly charts: readonly Chart[];
}

const less = (must: number, aim: number): Bound => ({ must, aim, better: 'less' });
const more = (must: number, aim: number): Bound => ({ must, aim, better: 'more' });

/** By the figure's name; a figure without a row is told and not judged. */
export const bounds: Readonly<Record<string, Bound>> = {
  'push in both / plain, fresh connection, p50': less(1.15, 1.05),
  'push in both / plain, fresh connection, p95': less(1.4, 1.2),
  'push in both / plain, multiplexed connection, p50': less(2.4, 2),
  'push in mirror / plain, fresh connection, p50': less(1.05, 1.02),
  'push in mirror / plain, multiplexed connection, p50': less(1.2, 1.1),
  '50,000 refs: push in both beyond plain': less(2, 1),
  '8 pushers on 8 branches: both / plain': more(0.6, 0.8),
  'lag from GitLab to old with webhook, p50': less(0.5, 0.2),
  'lag from GitLab to old with webhook, p99': less(2, 1),
  'pause during a change of phase, p99': less(2, 0.5),
  'first copy / raw push': less(1.1, 1.02),
  'pulumi up, 300 repositories, all change phase': less(120, 60),
  'pulumi up, 300 repositories, nothing changed': less(40, 20),
  'resident memory, idle, 300 repositories': less(120, 70),
};

export function figure(name: string, value: number, unit: string, means: string): Figure {
  const bound = bounds[name];
  if (bound === undefined) return { name, value, unit, must: null, aim: null, holds: null, better: 'less', means };
  return {
    name,
    value,
    unit,
    must: bound.must,
    aim: bound.aim,
    holds: reaches(value, bound.must, bound.better),
    better: bound.better,
    means,
  };
}

/** A value that is no number reaches nothing. */
export function reaches(value: number, bound: number, better: 'less' | 'more'): boolean {
  return better === 'less' ? value <= bound : value >= bound;
}

export const nothing: Outcome = { figures: [], noise: {}, missing: [], charts: [] };

/** As it is told where GitLab is of another kind than usual: what must be reached is said of the usual one only. */
export function labelled(label: string, outcome: Outcome): Outcome {
  const name = (text: string): string => `${label}: ${text}`;
  return {
    figures: outcome.figures.map((one) => figure(name(one.name), one.value, one.unit, one.means)),
    noise: Object.fromEntries(Object.entries(outcome.noise).map(([text, value]) => [name(text), value])),
    missing: outcome.missing.map((one) => ({ ...one, name: name(one.name) })),
    charts: outcome.charts.map((one) => ({
      ...one,
      name: `${label.toLowerCase()}-${one.name}`,
      title: name(one.title),
    })),
  };
}

export function together(outcomes: readonly Outcome[]): Outcome {
  return {
    figures: outcomes.flatMap(({ figures }) => figures),
    noise: Object.assign({}, ...outcomes.map(({ noise }) => noise)) as Record<string, number>,
    missing: outcomes.flatMap(({ missing }) => missing),
    charts: outcomes.flatMap(({ charts }) => charts),
  };
}
