// The worker as `wrangler deploy` would upload it, running in workerd on this machine. For the bench and the tests.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Bundles the example in `folder` into `out` with the wrangler that `tools` (a package.json) finds. */
export function bundle(folder, out, tools = join(folder, 'package.json')) {
  const manifest = createRequire(tools).resolve('wrangler/package.json');
  const wrangler = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.wrangler);
  execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', out], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' },
  });
}

/** Options of Miniflare for what `bundle` wrote; without `bound` the worker has no MODELS. */
export const options = (out, bound = true) => ({
  modules: true,
  modulesRoot: out,
  scriptPath: join(out, 'worker.js'),
  modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }],
  compatibilityDate: '2026-04-01',
  ...(bound ? { kvNamespaces: ['MODELS'] } : {}),
});
