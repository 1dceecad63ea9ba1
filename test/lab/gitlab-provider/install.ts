/** Puts the stand-in where the Pulumi CLI looks for the official GitLab plugin. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { schema } from './schema';

const PROGRAM = 'pulumi-resource-gitlab';
const BUNDLE = 'provider.cjs';

let bundled: Promise<string> | null = null;

/**
 * `pulumiHome` is the PULUMI_HOME of a test or a lab, never that of a person: the official plugin of the same version
 * would be replaced. `pulumiBin` is the folder of the CLI. Does nothing where this very plugin is already installed.
 */
export async function installGitlabPlugin(pulumiHome: string, pulumiBin: string): Promise<void> {
  bundled ??= bundle();
  const code = await bundled;
  const installed = join(pulumiHome, 'plugins', `resource-gitlab-v${schema.version}`, BUNDLE);
  if (existsSync(installed) && readFileSync(installed, 'utf8') === code) return;
  const folder = await mkdtemp(join(tmpdir(), 'gitlab-plugin-'));
  try {
    await writeFile(join(folder, BUNDLE), code);
    await writeFile(join(folder, PROGRAM), `#!/bin/sh\nexec '${process.execPath}' "\${0%/*}/${BUNDLE}" "$@"\n`, {
      mode: 0o755,
    });
    await install(pulumiHome, pulumiBin, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(): Promise<string> {
  const options = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    legalComments: 'none',
    logLevel: 'error',
    write: false,
  } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [join(__dirname, 'main.ts')] });
  return outputFiles[0]?.text ?? '';
}

async function install(pulumiHome: string, pulumiBin: string, folder: string): Promise<void> {
  const PATH = `${pulumiBin}:${process.env['PATH'] ?? ''}`;
  const env = { PATH, HOME: process.env['HOME'], PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const args = [
    'plugin',
    'install',
    'resource',
    'gitlab',
    schema.version,
    '--file',
    folder,
    '--reinstall',
    '--non-interactive',
  ];
  await promisify(execFile)(join(pulumiBin, 'pulumi'), args, { env });
}
