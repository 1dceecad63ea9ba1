/**
 * Misbehaviour only: runs git receive-pack, or Gitaly's client in its place, and keeps its answer back. The ref
 * advertisement passes; what comes after its flush packet is held until receive-pack has ended, then sent late
 * (`delay:<ms>`) or never, with the connection cut (`lose`).
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [mode, program, ...args] = process.argv.slice(2);
const git = spawn(program, args, { stdio: ['inherit', 'pipe', mode === 'lose' ? 'ignore' : 'inherit'] });
let advertisement = Buffer.alloc(0);
let flushed = false;
const held = [];

git.stdout.on('data', (bytes) => {
  if (flushed) held.push(bytes);
  else pass(Buffer.concat([advertisement, bytes]));
});
git.on('close', (code) => {
  if (mode === 'lose') return cut();
  setTimeout(
    () => process.stdout.write(Buffer.concat(held), () => process.exit(code ?? 1)),
    Number(mode.slice('delay:'.length)),
  );
});

function pass(bytes) {
  let at = 0;
  while (!flushed && at + 4 <= bytes.length) {
    const length = parseInt(bytes.toString('latin1', at, at + 4), 16);
    if (length > 0 && at + length > bytes.length) break;
    flushed = length === 0;
    at += Math.max(length, 4);
  }
  process.stdout.write(bytes.subarray(0, at));
  if (flushed && at < bytes.length) held.push(bytes.subarray(at));
  advertisement = bytes.subarray(at);
}

/**
 * Kills the sshd process of this connection, so that the client sees it break. The nearest one: the listener is further
 * up.
 */
function cut() {
  let pid = process.ppid;
  while (pid > 1 && !statusOf(pid).name.startsWith('sshd')) pid = statusOf(pid).parent;
  if (pid > 1) process.kill(pid, 'SIGKILL');
  process.exit(255);
}

function statusOf(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { name: /^Name:\s*(.*)$/m.exec(text)[1], parent: Number(/^PPid:\s*(\d+)$/m.exec(text)[1]) };
}
