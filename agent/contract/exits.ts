/** Exit codes of commands that look at many repositories. Pure. */
import type { ExitCode, Fault, RepositoryStatus } from './views';

/** Of `status`: a trouble needs a person; what old took over does not. */
export function statusExit(
  faults: readonly Pick<Fault, 'exit'>[],
  repositories: readonly Pick<RepositoryStatus, 'troubles'>[],
): ExitCode {
  return worst([...faults.map(({ exit }) => exit), repositories.some((one) => one.troubles.length > 0) ? 2 : 0]);
}

/** The gravest of several: our bug, then the environment, then what a person must decide. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return ([1, 3, 2, 4] as const).find((code) => codes.includes(code)) ?? 0;
}
