/** Stub for now. */
import type { Verbs } from './contract';
export async function rebuildState(_folder: string, _request: unknown, _say: (text: string) => void): Promise<Verbs['repair']['result']> {
  throw new Error('x');
}
