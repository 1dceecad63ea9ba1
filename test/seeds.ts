/**
 * Tests that draw by chance draw the same each time, so that a change is judged by itself and not by luck. A variable
 * of the environment names another seed, or `random` for a fresh one.
 */
export function seedOf(variable: string, usual: number): number {
  const wanted = process.env[variable] ?? String(usual);
  const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
  if (Number.isSafeInteger(seed)) return seed;
  throw new Error(`Cannot use ${variable}=${wanted}: it is neither a whole number nor random.`);
}
