/**
 * How the agent is called: `node <folder>/agent.cjs <command> …`. Whoever starts such a process, and whoever looks for
 * one among all that run, takes the words from here. The shims hold them as text; a test compares. Pure.
 */

/** The bundle's name in the agent's folder. */
export const agentFile = 'agent.cjs';

/** Node there, where the stacks copied one. A newer one is renamed over it: whoever names this path stays right. */
export const nodeFile = 'node';

/** Of a call by a Node that goes when the stacks have looked: the path of the one that they will copy. */
export const nodeVariable = 'GIT_HANDOVER_NODE';

export const commands = [
  'call',
  'serve',
  'watch',
  'tick',
  'scan',
  'wake',
  'pass',
  'push',
  'heal',
  'own-hooks',
  'end-hold',
  'look',
  'ask',
] as const;
export type Command = (typeof commands)[number];

/** What the bundle is built for. */
export const nodeMajorMin = 16;

/** Of `watch`, under systemd. */
export const supervised = 'supervised';

/** The agent of this folder, called so: arguments of Node. */
export function agentWords(folder: string, command: Command, ...args: readonly string[]): string[] {
  return [`${folder}/${agentFile}`, command, ...args];
}

/** What all processes have in common that look after one push; how it is meant comes behind. */
export function pushWords(state: string, lease: string): ['push', string, string] {
  return ['push', state, lease];
}
