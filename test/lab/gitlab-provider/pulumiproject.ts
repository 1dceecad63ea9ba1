/** A Pulumi project in a folder of its own, driven by the real CLI with the file backend. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { markName, startProcess } from '../processes';
import { tools } from '../toolchain';
import { installGitlabPlugin } from './install';

export interface PulumiRun {
  readonly code: number | null;
  readonly output: string;
}

export interface Resource {
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface PulumiProject {
  /** What the program says from now on, in TypeScript. */
  program(text: string): void;
  pulumi(...args: string[]): Promise<PulumiRun>;
  /** As `pulumi`, and throws with the output when the command failed. */
  expectPulumi(...args: string[]): Promise<string>;
  /** What the stack's state holds, secrets shown. */
  resources(): Promise<Resource[]>;
}

/** `folder` is removed by the caller. The stack is called `test`. */
export async function makePulumiProject(folder: string, settings: NodeJS.ProcessEnv): Promise<PulumiProject> {
  const { pulumi: bin, project } = tools();
  const home = join(folder, 'home');
  const backend = join(folder, 'backend');
  mkdirSync(backend, { recursive: true });
  await installGitlabPlugin(home, bin);
  const env: NodeJS.ProcessEnv = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: 'a test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    [markName]: folder,
    ...settings,
  };
  const pulumi = async (...args: string[]): Promise<PulumiRun> => {
    const run = startProcess(join(bin, 'pulumi'), [...args, '--non-interactive', '--color=never'], {
      env,
      cwd: folder,
    });
    const { code } = await run.ended;
    return { code, output: run.output() };
  };
  const expectPulumi = async (...args: string[]): Promise<string> => {
    const { code, output } = await pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  };
  writeProject(folder, project);
  await expectPulumi('stack', 'init', 'test');
  return {
    program: (text) => bundle(folder, text),
    pulumi,
    expectPulumi,
    async resources() {
      const exported = JSON.parse(await expectPulumi('stack', 'export', '--show-secrets')) as {
        deployment: { resources?: Resource[] };
      };
      return exported.deployment.resources ?? [];
    },
  };
}

/** Bundled, so that each run of a test starts in a third of the time that ts-node takes. */
function bundle(folder: string, text: string): void {
  const stdin = { contents: text, loader: 'ts', resolveDir: folder } as const;
  buildSync({
    stdin,
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['@pulumi/pulumi'],
    outfile: join(folder, 'index.js'),
    logLevel: 'silent',
  });
}

function writeProject(folder: string, project: string): void {
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    'name: trial\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n',
  );
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "trial", "dependencies": { "@pulumi/gitlab": "*", "@pulumi/pulumi": "*" } }\n',
  );
}
