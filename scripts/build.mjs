// Bundles what runs outside of this folder: the agent (on the old server, Node 16 or newer) and the provider plugin
// (beside the Pulumi engine).
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Written beside its place and renamed, so that a running lab never starts half a bundle. */
async function bundle(entry, outfile, target) {
  const options = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  };
  const { outputFiles } = await build({ ...options, absWorkingDir: root, entryPoints: [entry], target, outfile });
  const path = join(root, outfile);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, outputFiles[0].contents);
  renameSync(`${path}.new`, path);
}

/** What runs on the server is each of these files as it stands here. */
function copyShims(from, to) {
  rmSync(join(root, to), { recursive: true, force: true });
  mkdirSync(join(root, to), { recursive: true });
  for (const name of readdirSync(join(root, from))) {
    copyFileSync(join(root, from, name), join(root, to, name));
    chmodSync(join(root, to, name), 0o755);
  }
}

await bundle('agent/main.ts', 'dist/agent.cjs', 'node16');
await bundle('stacks/provider/main.ts', 'dist/provider.cjs', 'node22');
copyShims('agent/hook/shims', 'dist/shims');
