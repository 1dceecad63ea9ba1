/** A ready stack for the real `pulumi`: a project, its configuration, and a backend in a folder of the lab. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { copyBootable } from './bootable';
import type { GitlabLab } from './contract';
import { installGitlabPlugin } from './gitlab-provider/install';
import type { OldServer } from './old';
import { markName, type Started, startProcess } from './processes';
import { tools } from './toolchain';

export interface Stack {
  /** Links to this project, and a Pulumi.lab.yaml of its own. */
  readonly project: string;
  /** What `pulumi` needs. */
  readonly env: Readonly<Record<string, string>>;
}

interface Wanted {
  readonly repositories: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
}

const stackName = 'lab';
const linked = ['package.json', 'tsconfig.json', 'stacks', 'agent', 'scripts', 'sdks', 'node_modules'];

/** Below `folder`. `token` is that of a user of GitLab; `values` are the settings below `git-handover:`. */
export async function makeStack(folder: string, token: string, values: Record<string, unknown>): Promise<Stack> {
  const env = pulumiEnvironment(folder, token);
  const stack = { env, project: layOutProject(join(folder, 'project'), values) };
  await installGitlabPlugin(env['PULUMI_HOME'] ?? '', tools().pulumi);
  await must(runPulumi(stack, ['stack', 'init', stackName, '--non-interactive']));
  return stack;
}

/** What `git-handover:` says below each first key, where `settings` says nothing else. */
export function usualSettings(
  { repositories, settings = {} }: Wanted,
  { old, gitlab }: { readonly old: OldServer; readonly gitlab: GitlabLab },
): Record<string, unknown> {
  return {
    phase: 'old',
    longestPushSeconds: 3,
    server: {
      host: old.host,
      port: old.port,
      user: old.user,
      hostKeys: [...old.hostKeys],
      privateKeyFile: old.operatorKey,
      root: old.root,
      folder: join(old.home, '.git-handover'),
      node: old.node,
    },
    gitlab: {
      url: gitlab.url,
      sshHost: gitlab.sshHost,
      sshPort: gitlab.sshPort,
      sshHostKeys: [...gitlab.hostKeys],
      group: { path: 'code', create: true },
    },
    people: { groups: [{ path: 'developers', access: 'developer' }] },
    repositories: Object.fromEntries(repositories.map((repository) => [repository, {}])),
    agent: { queueDelaySeconds: 0, timer: 'none', connectSeconds: 10, lookSeconds: 10 },
    ...settings,
  };
}

/** A folder of its own, so that nothing is written into this project. */
export function layOutProject(folder: string, values: Record<string, unknown>): string {
  mkdirSync(folder);
  for (const name of linked.filter((candidate) => existsSync(join(tools().project, candidate))))
    symlinkSync(join(tools().project, name), join(folder, name));
  layOutProduct(folder);
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`git-handover:${key}`, value]));
  writeFileSync(configFile(folder), stringify({ config }));
  return folder;
}

/** The lab's own build of the agent (bootable.ts), with a provider beside it that brings this one to old. */
function layOutProduct(folder: string): void {
  const { project, providerBundle } = tools();
  const [dist, plugin] = [join(folder, 'dist'), join(folder, 'plugin')];
  mkdirSync(dist);
  copyBootable(dist);
  copyFileSync(providerBundle, join(dist, 'provider.cjs'));
  copyFileSync(join(project, 'dist', 'toolchain.json'), join(dist, 'toolchain.json'));
  mkdirSync(plugin);
  writeFileSync(join(plugin, 'pulumi-resource-handover'), `#!/bin/sh\nexec node ${join(dist, 'provider.cjs')} "$@"\n`, {
    mode: 0o755,
  });
  const file = parse(readFileSync(join(project, 'Pulumi.yaml'), 'utf8')) as Record<string, unknown>;
  const plugins = { providers: [{ name: 'handover', path: 'plugin' }] };
  writeFileSync(join(folder, 'Pulumi.yaml'), stringify({ ...file, plugins }));
}

function configFile(project: string): string {
  return join(project, `Pulumi.${stackName}.yaml`);
}

export function configure({ project }: Stack, change: (settings: Record<string, unknown>) => void): void {
  const file = parse(readFileSync(configFile(project), 'utf8')) as { config: Record<string, unknown> };
  change(file.config);
  writeFileSync(configFile(project), stringify(file));
}

export function runPulumi({ project, env }: Stack, args: readonly string[]): Started {
  return startProcess('pulumi', args, { env: { ...env }, cwd: project });
}

function pulumiEnvironment(folder: string, token: string): Record<string, string> {
  return {
    PATH: `${tools().pulumi}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: mkdir(join(folder, 'operator')),
    // What set-ups keep there is large, and the same for every lab.
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    PULUMI_HOME: mkdir(join(folder, 'pulumi')),
    PULUMI_BACKEND_URL: `file://${mkdir(join(folder, 'backend'))}`,
    PULUMI_CONFIG_PASSPHRASE: 'lab',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    GITLAB_TOKEN: token,
    [markName]: folder,
  };
}

async function must(started: Started): Promise<void> {
  const { code } = await started.ended;
  if (code !== 0) throw new Error(`Cannot start the lab as pulumi failed: ${started.output()}`);
}

function mkdir(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
