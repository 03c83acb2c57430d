// How long an answer takes at 10,000 items x 64, measured from outside: timers stand still inside a worker.
//   node bench.js [--model FILE] [--calls 2000] [--starts 10]
// p50 and p99 of each route less those of one that touches no model, asked in turn; and for new processes the first answer
// less the reading of the same bytes from the same namespace by a worker that does nothing with them. Beside it, on Linux,
// what the runtime's process took of the processor: the clock also counts what others do meanwhile.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Miniflare } from 'miniflare';
import { bundle, options } from './bundle.js';
import { randomModel } from './models.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    calls: { type: 'string', default: '2000' },
    starts: { type: 'string', default: '10' },
  },
});
const bytes = values.model ? new Uint8Array(readFileSync(values.model)) : await randomModel(10_000);
const policy = JSON.stringify({
  format: 'fletching-threshold-policy',
  version: 1,
  card: { method: 'surface' },
  rule: { kind: 'levels', edges: [0.1, 0.2], high: [0.5, 0.6, null] },
});
const out = mkdtempSync(join(tmpdir(), 'fletching-edge-'));
bundle(import.meta.dirname, out);

async function started(script = 'worker.js') {
  const running = new Miniflare({ ...options(out), scriptPath: join(out, script) });
  const base = await running.ready;
  const models = await running.getKVNamespace('MODELS');
  await models.put('related.safetensors', bytes);
  await models.put('policy.json', policy);
  return { running, base };
}

/** Milliseconds that the threads of this process's children, the runtimes, have run for; NaN where Linux does not tell. */
function processor() {
  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(children)) return Number.NaN;
  let ns = 0;
  for (const pid of readFileSync(children, 'utf8').split(' ').filter(Boolean)) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return ns / 1e6;
}

async function timed(base, path, init) {
  const before = processor();
  const begin = performance.now();
  const response = await fetch(new URL(path, base), init);
  const text = await response.text();
  const ms = performance.now() - begin;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
  return { ms, cpu: processor() - before, text };
}

const at = (times, share) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))];
const say = (name, all) => {
  const of = (key, share) =>
    at(
      all.map((one) => one[key]),
      share,
    )
      .toFixed(2)
      .padStart(7);
  console.log(
    `${name.padEnd(36)} p50 ${of('ms', 0.5)} ms  p99 ${of('ms', 0.99)} ms  processor p50 ${of('cpu', 0.5)} ms  p99 ${of('cpu', 0.99)} ms`,
  );
};
/** What all took beside what `less` took, at the same shares. */
const sayLess = (name, all, less) => {
  const gain = (key, share) =>
    (
      at(
        all.map((one) => one[key]),
        share,
      ) -
      at(
        less.map((one) => one[key]),
        share,
      )
    )
      .toFixed(2)
      .padStart(7);
  console.log(
    `  ${`less ${name}`.padEnd(34)} p50 ${gain('ms', 0.5)} ms  p99 ${gain('ms', 0.99)} ms  processor p50 ${gain('cpu', 0.5)} ms  p99 ${gain('cpu', 0.99)} ms`,
  );
};

const { running, base } = await started();
const { related, memoryBytes } = JSON.parse((await timed(base, '/')).text);
console.log(
  `${related.items} items x ${related.dim}, ${related.edges} edges, file ${(bytes.length / 1e6).toFixed(1)} MB, ` +
    `engine ${(memoryBytes / 1e6).toFixed(1)} MB`,
);
const id = (i) => encodeURIComponent(ids[i % ids.length]);
const ids = JSON.parse((await timed(base, '/related/none?k=100')).text).answers.map(({ id }) => id);
const { answers } = JSON.parse((await timed(base, `/related/${id(0)}`)).text);
if (answers[0].source !== 'model') throw new Error(`answered by ${answers[0].reason}`);
const post = (body) => ({ method: 'POST', body: JSON.stringify(body) });
const rows = Array.from({ length: 100 }, (_, i) => ({ score: i / 100, uncertainty: (i % 7) / 20 }));
const routes = {
  '/related/:item': (i) => [`/related/${id(i)}`],
  '/related/:item?k=50, 20 excluded': (i) => [
    `/related/${id(i)}?k=50&exclude=${ids.slice(0, 20).map(encodeURIComponent).join(',')}`,
  ],
  '/cart of five': (i) => ['/cart', post({ items: [0, 1, 2, 3, 4].map((j) => ids[(i + j) % ids.length]) })],
  '/decide, 100 rows': () => ['/decide', post({ rows })],
};
const empty = [];
const times = Object.fromEntries(Object.keys(routes).map((name) => [name, []]));
const warmUp = 200;
for (let i = 0; i < warmUp + Number(values.calls); i++) {
  const nothing = await timed(base, '/health');
  if (i >= warmUp) empty.push(nothing);
  for (const [name, ask] of Object.entries(routes)) {
    const one = await timed(base, ...ask(i));
    if (i >= warmUp) times[name].push(one);
  }
}
say('an empty route', empty);
for (const [name, all] of Object.entries(times)) {
  say(name, all);
  sayLess('the empty route', all, empty);
}
await running.dispose();

const READER = `export default { async fetch(request, env) {
  if (new URL(request.url).pathname === '/health') return new Response('ok');
  const bytes = await env.MODELS.get('related.safetensors', 'arrayBuffer');
  return new Response(String(bytes.byteLength));
} }`;
writeFileSync(join(out, 'reader.js'), READER);
const cold = { first: [], read: [] };
for (let i = 0; i < Number(values.starts); i++) {
  for (const [name, script, path] of [
    ['first', 'worker.js', `/related/${id(i)}`],
    ['read', 'reader.js', '/'],
  ]) {
    const { running, base } = await started(script);
    await timed(base, '/health');
    cold[name].push(await timed(base, path));
    await running.dispose();
  }
}
say('the first answer of a process', cold.first);
say('  reading the file alone', cold.read);
sayLess('reading', cold.first, cold.read);
rmSync(out, { recursive: true });
