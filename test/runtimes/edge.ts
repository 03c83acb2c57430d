import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type Prove, Skipped } from './outcome.ts';
import type { Place } from './place.ts';
import { printed } from './processes.ts';

const COMPATIBLE = '2026-04-01';

interface Miniflare {
  ready: Promise<URL>;
  dispatchFetch(
    url: string,
    init?: object,
  ): Promise<{ ok: boolean; text(): Promise<string>; json(): Promise<never> }>;
  getKVNamespace(name: string): Promise<{ put(key: string, value: ArrayBuffer): Promise<void> }>;
  dispose(): Promise<void>;
}

/** What `wrangler deploy` would upload of a worker, running in workerd. */
export async function workerd(place: Place, folder: string, toml = ''): Promise<Miniflare> {
  writeFileSync(
    join(folder, 'wrangler.toml'),
    toml || `name = "proof"\nmain = "worker.js"\ncompatibility_date = "${COMPATIBLE}"\n`,
  );
  const wrangler = place.tool('wrangler/bin/wrangler.js')!;
  await printed(folder, [process.execPath, wrangler, 'deploy', '--dry-run', '--outdir', 'out'], {
    WRANGLER_SEND_METRICS: 'false',
    XDG_CONFIG_HOME: place.cold,
    CI: '1',
  });
  const { Miniflare } = place.require<{ Miniflare: new (options: object) => Miniflare }>('miniflare');
  const running = new Miniflare({
    modules: true,
    modulesRoot: join(folder, 'out'),
    scriptPath: join(folder, 'out/worker.js'),
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }],
    compatibilityDate: COMPATIBLE,
    kvNamespaces: ['MODELS'],
  });
  await running.ready;
  return running;
}

/** Cloudflare allows a worker 128 MB; the local runtime does not hold it to that. */
const MOST_MEMORY = 64 << 20;

export const inWorkerd: Prove = async (place, { file }) => {
  const running = await workerd(place, place.folder('workerd'));
  try {
    const started = performance.now();
    const served = await running.dispatchFetch('http://proof/serve', { method: 'POST', body: file });
    const text = await served.text();
    if (!served.ok) throw new Error(text.slice(0, 2000));
    const firstMs = performance.now() - started;
    const trained = await running.dispatchFetch('http://proof/train', { method: 'POST' });
    if (!trained.ok) throw new Error((await trained.text()).slice(0, 2000));
    const result = (await trained.json()) as { memoryBytes: number; hashes: never; answers: never };
    if (!(result.memoryBytes <= MOST_MEMORY)) throw new Error(`${result.memoryBytes} bytes of memory`);
    const { version } = JSON.parse(readFileSync(place.tool('workerd/package.json')!, 'utf8'));
    return { ...result, version, served: JSON.parse(text).answers, firstMs };
  } finally {
    await running.dispose();
  }
};

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number, alive: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (!alive()) throw new Error('next start ended');
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('next start opened no port within 30 s');
}

/** A built Next application with these files (path to content), running; `base` answers until `stop`. */
export async function next(
  place: Place,
  routes: Record<string, string | Uint8Array>,
): Promise<{ base: string; stop(): void }> {
  const bin = place.tool('next/dist/bin/next');
  if (!bin) throw new Skipped('next was not installed');
  // Beside the tools, because Next wants itself and React in a parent of the application.
  const folder = join(place.tools, 'next-app');
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['fletching', '@assemblyscript/loader']) {
    cpSync(join(place.cold, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  const files: Record<string, string | Uint8Array> = {
    'package.json': '{ "private": true, "type": "module" }',
    'next.config.js': 'export default { turbopack: { root: new URL("..", import.meta.url).pathname } };',
    'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
    ...routes,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  await printed(folder, [process.execPath, bin, 'build'], env);
  const port = await freePort();
  const server = spawn(process.execPath, [bin, 'start', '-p', String(port)], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  });
  const stop = () => {
    if (server.exitCode === null) process.kill(-server.pid!, 'SIGTERM');
  };
  try {
    await listening(port, () => server.exitCode === null);
  } catch (error) {
    stop();
    throw error;
  }
  return { base: `http://127.0.0.1:${port}`, stop };
}

export const inNext: Prove = async (place, { file }) => {
  const proof = readFileSync(join(place.folder('next'), 'proof.js'), 'utf8');
  const route = `import worker from '../../worker.js';
    export const runtime = 'edge';
    export const POST = (request) => worker.fetch(request);`;
  const worker = readFileSync(join(place.folder('next'), 'worker.js'), 'utf8');
  const { base, stop } = await next(place, {
    'proof.js': proof,
    'worker.js': worker,
    'app/serve/route.js': route,
    'app/train/route.js': route,
  });
  try {
    const started = performance.now();
    const answer = await fetch(`${base}/serve`, { method: 'POST', body: file as Uint8Array<ArrayBuffer> });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.slice(0, 2000));
    const firstMs = performance.now() - started;
    const trained = await fetch(`${base}/train`, { method: 'POST' });
    if (!trained.ok) throw new Error((await trained.text()).slice(0, 2000));
    const result = (await trained.json()) as { memoryBytes: number; hashes: never; answers: never };
    const { version } = JSON.parse(readFileSync(place.tool('next/package.json')!, 'utf8'));
    return { ...result, version, served: JSON.parse(text).answers, firstMs };
  } finally {
    stop();
  }
};
