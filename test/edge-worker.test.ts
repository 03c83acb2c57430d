import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RelatedProducts } from '../src/directed-graph/recommender.ts';
import { Engine } from '../src/engine/engine.ts';
import { encodeModel } from '../src/model-file.ts';
import { ThresholdPolicy } from '../src/uncertainty/policy.ts';
import { phoneShop, randomGraph } from './helpers/shop.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = join(root, 'examples/edge-worker');
/** Where wrangler is: with the example, or with the runtimes that the package is proven in. */
const tools = [example, join(root, 'build/runtimes')].find((folder) =>
  existsSync(join(folder, 'node_modules/wrangler')),
);
const absent = !existsSync(join(example, 'node_modules/hono'))
  ? 'hono is not installed: npm ci --ignore-scripts --prefix examples/edge-worker'
  : !tools
    ? 'wrangler is not installed: npm ci --ignore-scripts --prefix examples/edge-worker'
    : !existsSync(join(root, 'dist/index.js')) && 'the package is not built: npm run build';

interface Running {
  ready: Promise<URL>;
  getKVNamespace(name: string): Promise<{ put(key: string, value: Uint8Array | string): Promise<void> }>;
  dispose(): Promise<void>;
}
interface Bundle {
  bundle(folder: string, out: string, tools: string): void;
  options(out: string, bound?: boolean): object;
}
interface Answers {
  status: number;
  headers: Headers;
  json: {
    answers: { id: string; score: number; known: boolean; source: string; reason: string }[];
    error: { code: string; message: string; field?: string };
    decisions: string[];
    related: { items: number };
    policy: object;
    memoryBytes: number;
  };
}

/** The worker logs what it answers with 503: read, so that it does not wait, and not shown. */
function handleRuntimeStdio(out: Readable, errors: Readable): void {
  out.resume();
  errors.resume();
}

/** The bundled worker, a saved model and its policy, and the same model here to compare with. */
const test = suite<{
  folder: string;
  start(
    values: Record<string, Uint8Array | string>,
    bound?: boolean,
  ): Promise<{ base: URL; running: Running }>;
  main: { base: URL; running: Running };
  model: RelatedProducts;
  ask(path: string, init?: RequestInit): Promise<Answers>;
  post(path: string, body: unknown): Promise<Answers>;
}>('the edge worker');
const add = absent ? test.skip : test;
if (absent) console.log(`skipped the edge worker: ${absent}`);

const policy = new ThresholdPolicy(
  {
    kind: 'levels',
    edges: Float32Array.of(0.1, 0.2),
    high: Float32Array.of(0.5, 0.6, Infinity),
    low: Float32Array.of(0.5, 0.4, Infinity),
  },
  { method: 'surface' },
);

async function asked(base: URL, path: string, init?: RequestInit): Promise<Answers> {
  const response = await fetch(new URL(path, base), init);
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Answers['json'],
  };
}
const posted = (body: unknown): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

test.before(async (context) => {
  if (absent) return;
  const folder = mkdtempSync(join(tmpdir(), 'fletching-edge-'));
  const [worker, out] = [join(folder, 'worker'), join(folder, 'out')];
  for (const name of ['src', 'wrangler.jsonc', 'package.json']) {
    cpSync(join(example, name), join(worker, name), { recursive: true });
  }
  mkdirSync(join(worker, 'node_modules'));
  symlinkSync(join(example, 'node_modules/hono'), join(worker, 'node_modules/hono'));
  // A copy, as npm makes one: through a link the bundler would find the repository's tsconfig.json, and its sources.
  for (const name of ['dist', 'package.json']) {
    cpSync(join(root, name), join(worker, 'node_modules/fletching', name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules/@assemblyscript'), join(worker, 'node_modules/@assemblyscript'));
  const manifest = join(tools as string, 'package.json');
  const { bundle, options }: Bundle = await import(pathToFileURL(join(example, 'bundle.js')).href);
  bundle(worker, out, manifest);
  const { Miniflare } = createRequire(manifest)('miniflare') as { Miniflare: new (o: object) => Running };
  const start = async (values: Record<string, Uint8Array | string>, bound = true) => {
    const running = new Miniflare({ ...options(out, bound), handleRuntimeStdio });
    const base = await running.ready;
    for (const [key, value] of Object.entries(values)) {
      await (await running.getKVNamespace('MODELS')).put(key, value);
    }
    return { base, running };
  };
  const engine = await Engine.create();
  const { graph, catalogue, features } = phoneShop();
  const training = { steps: 60 };
  const model = await RelatedProducts.fit(graph, {
    engine,
    features,
    catalogue,
    seed: 1,
    earlyStopping: false,
    training,
    ranker: false,
  });
  const values = { 'related.safetensors': encodeModel(model), 'policy.json': JSON.stringify(policy) };
  const main = await start(values);
  Object.assign(context, {
    folder,
    start,
    main,
    model: model.attach(engine),
    ask: (path: string, init?: RequestInit) => asked(main.base, path, init),
    post: (path: string, body: unknown) => asked(main.base, path, posted(body)),
  });
});

test.after(async ({ folder, main }) => {
  if (absent) return;
  await main.running.dispose();
  rmSync(folder, { recursive: true });
});

/** What the worker should answer. */
const expected = (
  model: RelatedProducts,
  query: string | string[],
  given: { k: number; exclude?: string[] },
) =>
  model
    .recommend(query, given)
    .map(({ id, score, known, source, reason }) => ({ id, score, known, source, reason }));

add(
  'related: the answers of the library, without what is excluded, to be kept for a while',
  async (context) => {
    const { model, ask } = context;
    const { status, headers, json } = await ask('/related/phone%203?k=4');
    assert.is(status, 200);
    assert.equal(json.answers, expected(model, 'phone 3', { k: 4 }));
    assert.is(json.answers[0].source, 'model');
    assert.match(headers.get('cache-control')!, /^public, max-age=\d+$/);
    const best = json.answers.map(({ id }) => id);
    const without = expected(model, 'phone 3', { k: 4, exclude: best.slice(0, 2) });
    const list = encodeURIComponent(`${best[0]},${best[1]},nobody`);
    assert.equal((await ask(`/related/phone%203?k=4&exclude=${list}`)).json.answers, without);
    const twice = best.slice(0, 2).map((id) => `exclude=${encodeURIComponent(id)}`);
    assert.equal((await ask(`/related/phone%203?k=4&${twice.join('&')}`)).json.answers, without);
    assert.is((await ask('/related/phone%203')).json.answers.length, 10, 'ten unless said');
  },
);

add(
  'related: an item that nothing is known of is answered by sales, and the answer says so',
  async (context) => {
    for (const item of ['nobody', '%E0%A4%A', '__proto__', 'a%2Fb']) {
      const { status, json } = await context.ask(`/related/${item}?k=2`);
      assert.is(status, 200, item);
      assert.equal(
        json.answers.map(({ source }) => source),
        ['popular', 'popular'],
      );
      assert.match(json.answers[0].reason, /nothing is known of/);
    }
  },
);

add('cart: all items count, unknown ones are left out', async ({ model, post }) => {
  const items = ['phone 1', 'case 6'];
  const { status, headers, json } = await post('/cart', {
    items: [...items, 'nobody'],
    k: 3,
    exclude: ['charger'],
  });
  assert.is(status, 200);
  assert.equal(json.answers, expected(model, items, { k: 3, exclude: ['charger'] }));
  assert.is(headers.get('cache-control'), 'no-store');
});

add('decide: the decisions of the policy', async ({ post }) => {
  const rows = [
    { score: 0.55, uncertainty: 0 },
    { score: 0.55, uncertainty: 0.15 },
    { score: 0.3, uncertainty: 0.15 },
    { score: 0.99, uncertainty: 0.3 },
  ];
  const { status, json } = await post('/decide', { rows });
  assert.is(status, 200);
  assert.equal(
    json.decisions,
    rows.map(({ score, uncertainty }) => policy.decide(score, uncertainty)),
  );
  assert.equal(json.decisions, ['positive', 'abstain', 'negative', 'negative']);
  assert.equal((await post('/decide', { rows: [] })).json.decisions, []);
});

/** path, body (undefined is a GET), then status, code, field and a part of the message. */
const REFUSED: [string, unknown, number, string, string | undefined, RegExp][] = [
  ['/related/charger?k=0', undefined, 400, 'wrong-value', 'k', /from 1 to 100, got 0/],
  ['/related/charger?k=101', undefined, 400, 'wrong-value', 'k', /got 101/],
  ['/related/charger?k=-1', undefined, 400, 'wrong-value', 'k', /got -1/],
  ['/related/charger?k=1.5', undefined, 400, 'wrong-value', 'k', /a whole number from 1 to 100, got 1.5/],
  ['/related/charger?k=', undefined, 400, 'wrong-type', 'k', /got ""/],
  ['/related/charger?k=NaN', undefined, 400, 'wrong-type', 'k', /got "NaN"/],
  ['/nowhere', undefined, 404, 'not-found', undefined, /\/related\/:item/],
  ['/related/', undefined, 404, 'not-found', undefined, /no such path/],
  ['/cart', '{"items": [', 400, 'not-json', undefined, /must be JSON/],
  ['/cart', '', 400, 'not-json', undefined, /must be JSON/],
  ['/cart', [], 400, 'wrong-type', undefined, /an object with items, k, exclude, got a list of 0/],
  ['/cart', 'null', 400, 'wrong-type', undefined, /got null/],
  ['/cart', {}, 400, 'wrong-type', 'items', /a list of ids, got nothing/],
  ['/cart', { items: [] }, 400, 'wrong-value', 'items', /1 to 100 ids, got 0/],
  ['/cart', { items: Array(101).fill('a') }, 400, 'wrong-value', 'items', /got 101/],
  ['/cart', { items: ['charger', 7] }, 400, 'wrong-type', 'items[1]', /an id as text, got 7/],
  ['/cart', { items: ['charger'], k: '3' }, 400, 'wrong-type', 'k', /a number, got "3"/],
  ['/cart', { items: ['charger'], exclude: 'a' }, 400, 'wrong-type', 'exclude', /a list of ids, got "a"/],
  [
    '/cart',
    { items: ['charger'], exlude: [] },
    400,
    'unknown-field',
    'exlude',
    /known are items, k, exclude/,
  ],
  ['/decide', { rows: [{ score: 1 }] }, 400, 'wrong-type', 'rows[0].uncertainty', /a number, got nothing/],
  ['/decide', { rows: [{ score: '1', uncertainty: 0 }] }, 400, 'wrong-type', 'rows[0].score', /got "1"/],
  ['/decide', '{"rows":[{"score":1e999,"uncertainty":0}]}', 400, 'wrong-value', 'rows[0].score', /finite/],
  ['/decide', '{"rows":[{"score":1e39,"uncertainty":0}]}', 400, 'wrong-value', 'rows[0].score', /finite/],
  ['/decide', { rows: [3] }, 400, 'wrong-type', 'rows[0]', /must be an object/],
  [
    '/decide',
    { rows: [{ score: 1, uncertainty: 0, x: 0 }] },
    400,
    'unknown-field',
    'rows[0].x',
    /known are score/,
  ],
];

add('what is wrong is refused by code, message and field', async ({ ask }) => {
  for (const [path, body, status, code, field, message] of REFUSED) {
    const name = `${path} ${JSON.stringify(body)?.slice(0, 60)}`;
    const answer = await ask(path, body === undefined ? undefined : posted(body));
    assert.is(answer.status, status, name);
    assert.is(answer.json.error.code, code, name);
    assert.is(answer.json.error.field, field, name);
    assert.match(answer.json.error.message, message, name);
    assert.is(answer.headers.get('cache-control'), 'no-store', name);
  }
});

/** The status and JSON for a body that is not sent to its end: the answer comes before it. */
const cutOff = (base: URL, headers: Record<string, string>, sent: string) =>
  new Promise<Pick<Answers, 'status' | 'json'>>((resolve, reject) => {
    const sending = request(new URL('/cart', base), { method: 'POST', headers }, async (response) => {
      resolve({ status: response.statusCode!, json: JSON.parse(await text(response)) });
      sending.destroy();
    });
    sending.on('error', reject);
    sending.flushHeaders();
    if (sent) sending.write(sent);
  });

add('a body that is too large is refused by its length, or once so much of it has come', async ({ main }) => {
  const tooLong = { 'content-length': String((1 << 20) + 1) };
  for (const [headers, sent] of [
    [tooLong, ''],
    [{ 'transfer-encoding': 'chunked' }, ' '.repeat((1 << 20) + 1)],
  ] as [Record<string, string>, string][]) {
    const { status, json } = await cutOff(main.base, headers, sent);
    assert.equal([status, json.error.code], [413, 'too-large']);
    assert.match(json.error.message, /at most 1048576 bytes/);
  }
});

add(
  'other methods are refused with those that are answered; a page elsewhere may ask',
  async ({ ask, main }) => {
    for (const [path, method, allowed] of [
      ['/cart', 'GET', 'POST'],
      ['/decide', 'PUT', 'POST'],
      ['/related/charger', 'POST', 'GET'],
      ['/', 'DELETE', 'GET'],
    ]) {
      const { status, headers, json } = await ask(path, { method });
      assert.equal([status, json.error.code, headers.get('allow')], [405, 'method-not-allowed', allowed]);
    }
    const preflight = await fetch(new URL('/cart', main.base), {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    assert.is(preflight.status, 204);
    assert.is(preflight.headers.get('access-control-allow-origin'), '*');
  },
);

add(
  'without a binding or a model the answer is 503, and a model put there later is found',
  async ({ start, model }) => {
    const unbound = await start({}, false);
    try {
      assert.is(await (await fetch(new URL('/health', unbound.base))).text(), 'ok');
      for (const path of ['/', '/related/charger']) {
        const { status, json } = await asked(unbound.base, path);
        assert.equal([status, json.error.code, json.error.field], [503, 'no-binding', 'MODELS']);
      }
    } finally {
      await unbound.running.dispose();
    }
    const file = encodeModel(model);
    const { base, running } = await start({});
    const models = await running.getKVNamespace('MODELS');
    try {
      const broken = async (code: string, field: string, path = '/related/charger', body?: unknown) => {
        const { status, json } = await asked(base, path, body === undefined ? undefined : posted(body));
        assert.equal([status, json.error.code, json.error.field], [503, code, field]);
      };
      await broken('no-model', 'related.safetensors');
      await broken('no-model', 'policy.json', '/decide', { rows: [] });
      const damaged = file.slice();
      damaged[damaged.length - 1] ^= 1;
      await models.put('related.safetensors', damaged);
      await broken('damaged-model', 'related.safetensors');
      await models.put('policy.json', '{"format":');
      await broken('damaged-model', 'policy.json', '/decide', { rows: [] });
      await models.put('related.safetensors', file);
      const all = await Promise.all(Array.from({ length: 4 }, () => asked(base, '/related/charger?k=2')));
      for (const { json } of all) assert.equal(json.answers, expected(model, 'charger', { k: 2 }));
      const { policy: told } = (await asked(base, '/')).json as { policy: { error?: string } };
      assert.match(told.error!, /^policy\.json: .*JSON/);
    } finally {
      await running.dispose();
    }
  },
);

add('10,000 items x 64 take less than 64 MB of the engine after answers of every kind', async ({ start }) => {
  const n = 10_000;
  const training = { steps: 1 };
  const engine = await Engine.create();
  const graph = randomGraph(n, 60_000);
  const fitted = await RelatedProducts.fit(graph, { engine, earlyStopping: false, training, ranker: false });
  engine.dispose();
  const { base, running } = await start({ 'related.safetensors': encodeModel(fitted) });
  try {
    for (const path of ['/related/5?k=100', `/related/${n - 1}?k=100`, '/related/nobody']) {
      assert.is((await asked(base, path)).status, 200);
    }
    const items = Array.from({ length: 100 }, (_, i) => String(i));
    assert.is((await asked(base, '/cart', posted({ items, k: 100 }))).json.answers.length, 100);
    const { related, memoryBytes } = (await asked(base, '/')).json;
    assert.is(related.items, n);
    assert.ok(memoryBytes > 4 * 64 * n && memoryBytes <= 64 << 20, `${memoryBytes} bytes`);
  } finally {
    await running.dispose();
  }
});

test.run();
