/**
 * Pulumi's SDK takes a stack trace for each property of each resource (debuggable.ts), and ts-node maps each of them to
 * its source: with 300 repositories that was more than half of a `pulumi up` in which nothing changed. An error that
 * comes from `declare` has no trace.
 */
export function withoutTraces<T>(declare: () => T): T {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- kept to be put back, never called
  const { prepareStackTrace, stackTraceLimit } = Error;
  Object.assign(Error, { prepareStackTrace: undefined, stackTraceLimit: 0 });
  try {
    return declare();
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
