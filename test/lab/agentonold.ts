/** The agent on the old server as its timer and its callers start it, without a session of SSH. */
import { join } from 'node:path';
import { bootIdVariable } from './bootable';
import { sharingGroup } from './accounts';
import type { OldServer } from './old';
import { markName, type Started, startProcess, type Surroundings } from './processes';

export interface AgentOnOld {
  readonly old: OldServer;
  readonly folder: string;
  /** What it sees beside HOME, PATH and the boot id. */
  readonly env: Readonly<Record<string, string>>;
  /** Null: the machine's, with the Node of the lab. */
  readonly path: string | null;
  readonly bootIdFile: string;
  /** By which a reboot finds what it must end. */
  readonly mark: string;
}

export function runAgent(agent: AgentOnOld, args: readonly string[], input = ''): Started {
  return startProcess('env', [...path(agent), node(agent), bundle(agent), ...args], {
    env: environment(agent),
    cwd: '/',
    input,
    account: accountOf(agent),
  });
}

function accountOf({ old }: AgentOnOld): NonNullable<Surroundings['account']> | null {
  return old.agent === null ? null : { ...old.agent, groups: [sharingGroup.gid] };
}

function environment({ old, env, bootIdFile, mark }: AgentOnOld): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: old.searchPath,
    HOME: old.home,
    [bootIdVariable]: bootIdFile,
    [markName]: mark,
  };
}

/** What cron does on a real server, more often. */
export function startTick(agent: AgentOnOld, everySeconds: number): Started {
  const file = bundle(agent);
  const loop = `while :; do [ -e ${file} ] && ${node(agent)} ${file} watch; sleep ${everySeconds}; done`;
  return startProcess('env', [...path(agent), 'sh', '-c', loop], {
    env: environment(agent),
    cwd: '/',
    account: accountOf(agent),
  });
}

/** What starts it needs more than old has. */
function path({ path: only }: AgentOnOld): string[] {
  return only === null ? [] : [`PATH=${only}`];
}

function node({ old, folder, path }: AgentOnOld): string {
  return path === null ? old.node : join(folder, 'node');
}

function bundle({ folder }: AgentOnOld): string {
  return join(folder, 'agent.cjs');
}
