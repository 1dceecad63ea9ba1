/**
 * The agent and its shims as the lab runs them: a build that takes the boot id from the file that a variable names,
 * where the kernel's cannot change. What goes to a real server knows no such variable: a pusher could set it.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from './toolchain';

/** git's own names begin with GIT_: those the agent does not pass on. */
export const bootIdVariable = 'HANDOVER_LAB_BOOT_ID_FILE';

const kernels = '/proc/sys/kernel/random/boot_id';
const shimsWithBoot = ['post-receive', 'pre-receive', 'update'];

/** Puts agent.cjs and shims/ into a folder that is there. */
export function copyBootable(folder: string): void {
  const { agentBundle, shims } = tools();
  const agent = readFileSync(agentBundle, 'utf8');
  const inAgent = `(process.env.${bootIdVariable} || "${kernels}")`;
  writeFileSync(join(folder, 'agent.cjs'), replaced(agent, `"${kernels}"`, inAgent));
  mkdirSync(join(folder, 'shims'), { recursive: true });
  for (const name of readdirSync(shims)) {
    const to = join(folder, 'shims', name);
    copyFileSync(join(shims, name), to);
    if (!shimsWithBoot.includes(name)) continue;
    writeFileSync(to, replaced(readFileSync(to, 'utf8'), `<${kernels}`, `<"\${${bootIdVariable}:-${kernels}}"`));
  }
}

/** It stands there once: else the lab would reboot and nobody would notice. */
function replaced(text: string, what: string, by: string): string {
  const parts = text.split(what);
  if (parts.length !== 2)
    throw new Error(`Cannot build for the lab: expected ${what} once, got it ${parts.length - 1} times.`);
  return parts.join(by);
}
