/** The agent's bundle, put into a folder and called as the provider calls it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Line, Verbs } from '../../../agent/contract/verbs';
import { copyBootable } from '../../lab/bootable';
import { run } from './command';

export function installAgent(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  copyBootable(folder);
}

export async function callAgent<V extends keyof Verbs>(
  folder: string,
  verb: V,
  request: Verbs[V]['request'],
  env: NodeJS.ProcessEnv,
): Promise<Verbs[V]['result']> {
  const seen = await run(process.execPath, [path.join(folder, 'agent.cjs'), 'call', verb], {
    cwd: '/',
    env,
    input: JSON.stringify(request),
  });
  const lines = seen.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line<Verbs[V]['result']>);
  const last = lines[lines.length - 1];
  if (last?.kind === 'result') return last.value;
  throw new Error(
    last?.kind === 'error'
      ? `${last.fault.code}: ${last.fault.message} ${last.fault.next}`
      : `no answer from the agent: ${seen.output}`,
  );
}
