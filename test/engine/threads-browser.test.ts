import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rowOfEntry } from '../../src/directed-graph/csr.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { removeFolder } from '../helpers/remove-folder.ts';
import { randomGraph } from '../helpers/shop.ts';

const test = suite('threads: browser');
const root = fileURLToPath(new URL('../..', import.meta.url));
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** What a page says of itself, of one thread and of three. */
interface Told {
  isolated: boolean;
  threads: number;
  reason?: string;
  hashes: string[];
  error?: string;
}

const graph = randomGraph(600, 4000);
const options = { seed: 3, ranker: false, training: { steps: 5, mode: 'full' as const } };

/** Trains on one thread and on three and sends what came of it; in a worker when the address ends in ?worker. */
const SCRIPT = `
import { DirectedGraph, Engine, RelatedProducts } from '/dist/index.js';
const page = typeof document !== 'undefined';
if (page && location.search === '?worker') new Worker(import.meta.url, { type: 'module' });
else {
  const told = { isolated: crossOriginIsolated, threads: 0, hashes: [] };
  try {
    const { source, target, nodeCount, options } = await (await fetch('/data')).json();
    const graph = DirectedGraph.fromEdges(source, target, { nodeCount });
    for (const threads of [1, 3]) {
      const engine = await Engine.create({ threads });
      const model = await RelatedProducts.fit(graph, { ...options, engine });
      Object.assign(told, { threads: engine.threads, reason: engine.threadsReason });
      told.hashes.push(await model.modelHash());
      engine.dispose();
    }
  } catch (error) {
    told.error = String(error);
  }
  await fetch('/told', { method: 'POST', body: JSON.stringify(told) });
}`;

/** As a bundler would: the files behind the names that package.json maps. */
const NAMES: Record<string, string> = {
  '#kernels': '/dist/engine/embedded.js',
  '#worker': '/dist/engine/threads/spawn-web.js',
  '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
};
const named = (text: string) =>
  text.replace(
    /(['"])(#kernels|#worker|@assemblyscript\/loader)\1/g,
    (_, quote, name) => quote + NAMES[name] + quote,
  );

function serve(isolated: boolean, tell: (told: Told) => void): Server {
  return createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    response.setHeader('Content-Security-Policy', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const send = (type: string, body: string) => response.setHeader('Content-Type', type).end(body);
    if (path === '/') send('text/html', '<!doctype html><script type="module" src="/page.js"></script>');
    else if (path === '/page.js') send('text/javascript', SCRIPT);
    else if (path === '/data') {
      const [source, target] = [rowOfEntry(graph.out), graph.out.indices].map((list) => Array.from(list));
      send('application/json', JSON.stringify({ source, target, nodeCount: graph.nodeCount, options }));
    } else if (path === '/told') {
      let text = '';
      request.on('data', (piece) => {
        text += piece;
      });
      request.on('end', () => {
        response.end();
        tell(JSON.parse(text));
      });
    } else {
      const file = resolve(root, `.${path}`);
      if (extname(file) === '.js' && existsSync(file))
        send('text/javascript', named(readFileSync(file, 'utf8')));
      else response.writeHead(404).end();
    }
  });
}

/** Opens a page and waits for what it tells. */
async function visit(isolated: boolean, path: string): Promise<Told> {
  const profile = mkdtempSync(join(tmpdir(), 'fletching-chromium-'));
  let browser: ChildProcess | undefined;
  let server: Server | undefined;
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Told>((resolve, reject) => {
      late = setTimeout(() => reject(new Error('the page has told nothing for two minutes')), 120_000);
      server = serve(isolated, resolve).listen(0, '127.0.0.1', () => {
        const { port } = server!.address() as AddressInfo;
        const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
        browser = spawn(chromium!, [...flags, `http://127.0.0.1:${port}${path}`], { stdio: 'ignore' });
        browser.on('error', reject);
      });
    });
  } finally {
    clearTimeout(late);
    server?.close();
    server?.closeAllConnections();
    const gone = new Promise((resolve) => browser?.on('exit', resolve));
    if (browser?.kill()) await gone;
    await removeFolder(profile);
  }
}

const known = async () => {
  const engine = await Engine.create();
  const model = await RelatedProducts.fit(graph, { ...options, engine });
  return model.modelHash();
};

const run = chromium && existsSync(join(root, 'dist/index.js')) ? test : test.skip;

run(
  'an isolated page trains on three threads to the same model, on its main thread and in a worker',
  async () => {
    const hash = await known();
    for (const path of ['/', '/?worker']) {
      const told = await visit(true, path);
      assert.equal(told, { isolated: true, threads: 3, hashes: [hash, hash] }, path);
    }
  },
);

run('a page that is not isolated trains on one thread and says which headers it lacks', async () => {
  const { reason, ...told } = await visit(false, '/');
  const hash = await known();
  assert.equal(told, { isolated: false, threads: 1, hashes: [hash, hash] });
  assert.match(reason!, /not cross-origin isolated: .* Cross-Origin-Opener-Policy: same-origin/);
});

test.run();
