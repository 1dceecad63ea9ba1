// Bundles what runs outside of this folder: the agent (on the old server, Node 16 or newer) and the provider plugin (beside the Pulumi engine).
import { cpSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Written beside its place and renamed, so that a running lab never starts half a bundle. */
async function bundle(entry, outfile, target) {
  const options = { bundle: true, platform: 'node', format: 'cjs', legalComments: 'none', logLevel: 'warning', write: false };
  const { outputFiles } = await build({ ...options, absWorkingDir: root, entryPoints: [entry], target, outfile });
  const path = join(root, outfile);
  writeFileSync(`${path}.new`, outputFiles[0].contents);
  renameSync(`${path}.new`, path);
}

function copyFolder(from, to) {
  rmSync(join(root, to), { recursive: true, force: true });
  cpSync(join(root, from), join(root, to), { recursive: true });
}

await bundle('agent/main.ts', 'dist/agent.cjs', 'node16');
await bundle('stacks/provider/main.ts', 'dist/provider.cjs', 'node20');
copyFolder('agent/shims', 'dist/shims');
