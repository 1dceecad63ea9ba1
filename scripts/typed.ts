/**
 * `npm run preview`, `npm run up` and `npm run pulumi`: Pulumi itself, with its own terminal, and one sentence of ours
 * after its own where the stack cannot be read.
 */
import { spawn } from 'node:child_process';
import { whyUnreadable } from './stack';
import { openTerminal, tellFault } from './terminal';

/** Of what Pulumi prints, for the sentence at the end. */
const keptMax = 20_000;

function main(args: readonly string[]): void {
  const child = spawn('pulumi', args, { stdio: ['inherit', 'inherit', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    words = `${words}${chunk.toString('latin1')}`.slice(-keptMax);
  });
  // A terminal sends Ctrl-C to both, and a second one would end Pulumi in the middle of its work.
  process.on('SIGINT', () => void (process.stdin.isTTY || child.kill('SIGINT')));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 3;
  });
  child.on('close', (code) => {
    process.exitCode = code ?? 3;
    const fault = code === 0 ? null : whyUnreadable(words);
    if (fault !== null) tellFault(openTerminal(process), fault.fault);
  });
}

main(process.argv.slice(2));
