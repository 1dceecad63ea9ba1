// Bundles what runs outside of this folder: the agent (on the old server, Node 16 or newer) and the provider plugin
// (beside the Pulumi engine).
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * A hook is one file where it runs, so that it is replaced as a whole; a line `# part: name` stands for a file of
 * parts/.
 */
function assembleShims(from, to) {
  rmSync(join(root, to), { recursive: true, force: true });
  mkdirSync(join(root, to), { recursive: true });
  for (const { name } of readdirSync(join(root, from), { withFileTypes: true }).filter((entry) => entry.isFile())) {
    const whole = readFileSync(join(root, from, name), 'utf8').replace(/^# part: (.+)$/gm, (_line, part) =>
      readFileSync(join(root, from, 'parts', part), 'utf8').trimEnd(),
    );
    writeFileSync(join(root, to, name), whole, { mode: 0o755 });
  }
}

await bundle('agent/main.ts', 'dist/agent.cjs', 'node16');
await bundle('stacks/provider/main.ts', 'dist/provider.cjs', 'node20');
assembleShims('agent/hook/shims', 'dist/shims');
