import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.ts';
import type { Kernels } from '../../src/engine/kernels.ts';
import { CUTS, isShared } from '../../src/engine/threads/cuts.ts';
import { Bitset } from '../../src/nn/bitset.ts';
import { invertSpd } from '../../src/nn/cholesky.ts';
import { gemm, gemmScratch } from '../../src/nn/linear.ts';
import { topK } from '../../src/nn/topk.ts';
import { type Argument, indices, numbers, type TypedArray, typeOf } from '../helpers/kernel.ts';

const test = suite('threads: kernels');
const engines = await Promise.all([1, 2, 3, 4].map((threads) => Engine.create({ threads })));

/** What a call returned and every array after it: equal text, equal bits. */
function bits(engine: Engine, name: keyof Kernels, args: readonly Argument[]): string {
  return engine.scope((scope) => {
    const at = new Map<TypedArray, number>();
    for (const a of args) {
      if (a !== null && typeof a !== 'number' && !at.has(a)) at.set(a, scope.from(typeOf(a), a).ptr);
    }
    const raw = args.map((a) => (a === null ? 0 : typeof a === 'number' ? a : at.get(a)!));
    const result = (engine.kernels[name] as (...raw: number[]) => unknown)(...raw);
    if (CUTS[name]) assert.ok(isShared(CUTS[name], raw), `${name} is large enough to be shared`);
    const { buffer } = engine.memory;
    const bytes = [...at].map(([a, ptr]) => Buffer.from(buffer, ptr, a.byteLength).toString('base64'));
    return JSON.stringify([CUTS[name]?.sum ? result : 'none', bytes]);
  });
}

/** Rows of 0 to 12 edges. */
function sparse(rows: number, nodes: number) {
  const indptr = new Uint32Array(rows + 1);
  for (let i = 0; i < rows; i++) indptr[i + 1] = indptr[i] + ((i * 7) % 13);
  return { indptr, index: indices(indptr[rows], nodes, 7), weight: numbers(indptr[rows], 8) };
}

const n = 140_003;
const [rows, d] = [3001, 67];
const x = numbers(n);
const y = numbers(n, 2);
const positive = numbers(rows * d, 4, 0.01, 3);
const m = numbers(rows * d, 5);
const { indptr, index, weight } = sparse(rows, rows);
const long = sparse(n - 1, n);
const masked = indices(40_000, 2 ** 31);
const distinct = Uint32Array.from({ length: rows }, (_, i) => (i * 16) % rows);
const out = (length = n) => new Float32Array(length).fill(9);

/** Every kernel that is cut, at a size that is, with remainders in rows, columns and lanes. */
const CASES: Partial<Record<keyof Kernels, Argument[]>> = {
  axpy: [y, x, n, 0.3],
  scale: [out(), x, n, 0.3],
  dot: [x, y, n],
  exp: [out(), x, n],
  log: [out(), positive, n],
  sigmoid: [out(), x, n],
  softplus: [out(), x, n],
  relu: [out(), x, n],
  reluBackward: [out(), x, y, n],
  tanh: [out(), x, n],
  tanhBackward: [out(), x, y, n],
  dropout: [out(), x, n, 40_000, 1, 2, 3, 0],
  scaleColumns: [out(rows * d), m, x, rows, d],
  rowNormalize: [out(rows * d), out(), m, rows, d],
  rowNormalizeBackward: [out(rows * d), m, numbers(rows * d, 6), positive, rows, d],
  gatherRows: [out(rows * d), m, index, rows, d],
  adam: [y, x, numbers(n, 3), positive, n, 0.01, 0.9, 0.999, 1e-8, 0.99],
  adamRows: [
    m,
    numbers(rows * d),
    numbers(rows * d, 3),
    positive,
    distinct,
    2001,
    d,
    0.01,
    0.9,
    0.999,
    1e-8,
    1,
  ],
  adagrad: [y, x, positive, n, 0.1, 0.01, 2],
  sampledSoftmax: [m, out(), x, y, index, indices(d, rows), rows, d, 0.01],
  logisticLoss: [x, positive, n, -1, 1, 0.1],
  mix: [out(), null, x, y, null, n, 0.5, 2, 7],
  gather: [m, numbers(rows * d, 6), indptr, index, weight, rows, d, 0.5],
  scatter: [m, numbers(rows * d, 6), indptr, index, null, rows, d, d],
  pairScores: [out(), m, numbers(rows * d, 6), index, index.slice(99), 15_001, d],
  maskedDegrees: [out(), long.indptr, null, long.weight, masked, n - 1],
  edgeWeights: [
    out(long.index.length),
    long.indptr,
    long.index,
    null,
    long.weight,
    masked,
    x,
    positive,
    n - 1,
  ],
};

for (const name of Object.keys(CUTS) as (keyof Kernels)[]) {
  if (name === 'topK' || name === 'spdUpdate') continue;
  test(`${name} has the same bits on 1, 2, 3 and 4 threads`, () => {
    const args = CASES[name];
    assert.ok(args, `${name} has a case`);
    const [alone, ...shared] = engines.map((engine) => bits(engine, name, args!));
    for (const [i, all] of shared.entries()) assert.ok(all === alone, `${i + 2} threads give other bits`);
  });
}

test('the three forms of a product, by rows and by columns, in scratch lent and given', () => {
  for (const [rows, k, columns] of [
    [509, 67, 512],
    [64, 3001, 64],
    [33, 700, 530],
    [4097, 64, 5],
  ]) {
    for (const form of ['NN', 'NT', 'TN'] as const) {
      const results = engines.map((engine) =>
        engine.scope((scope) => {
          const [a, b] = [scope.from('f32', numbers(rows * k)), scope.from('f32', numbers(k * columns, 2))];
          const c = scope.from('f32', numbers(rows * columns, 3));
          gemm(engine, form, c, a, b, rows, k, columns, 0.5);
          const scratch = scope.alloc('f32', gemmScratch(engine, rows, k, columns));
          gemm(engine, form, c, a, b, rows, k, columns, 1, scratch);
          return Buffer.from(c.copy().buffer).toString('base64');
        }),
      );
      for (const result of results) assert.ok(result === results[0], `${form} ${rows} x ${k} x ${columns}`);
    }
  }
});

test('the inverse of a matrix', () => {
  const n = 900;
  const x = numbers(n * n, 5);
  const results = engines.map((engine) =>
    engine.scope((scope) => {
      const a = scope.alloc('f32', n * n);
      for (let i = 0; i < n; i++) a.array[i * (n + 1)] = n / 4;
      const half = scope.from('f32', x);
      gemm(engine, 'NT', a, half, half, n, n, n, 1);
      invertSpd(engine, a, n);
      return Buffer.from(a.copy().buffer).toString('base64');
    }),
  );
  for (const result of results) assert.ok(result === results[0]);
});

test('topK of a batch of queries, each with a set of its own or one for all', () => {
  const [q, items, dim, k] = [131, 1000, 20, 7];
  const sets = Array.from({ length: q }, (_, i) => Bitset.of(items, [i, i + 1, 999]));
  for (const exclude of [undefined, sets[3], sets]) {
    const results = engines.map((engine) =>
      engine.scope((scope) => {
        const queries = scope.from('f32', numbers(q * dim));
        const table = scope.from('f32', numbers(items * dim, 2));
        return topK(engine, { queries, queryCount: q, items: table, itemCount: items, d: dim, k, exclude });
      }),
    );
    for (const { ids, scores } of results) {
      assert.equal(ids, results[0].ids);
      assert.equal(scores, results[0].scores);
    }
  }
});

test('many small jobs in a row: none is lost, none done twice', () => {
  // What one thread takes last and what the next job posts first meet at every turn.
  const engine = engines[2];
  const turns = 10_000;
  engine.scope((scope) => {
    const [a, b] = [scope.alloc('f32', 1 << 17), scope.from('f32', new Float32Array(1 << 17).fill(1))];
    for (let i = 0; i < turns; i++) engine.kernels.axpy(a.ptr, b.ptr, 1 << 17, 1);
    assert.ok(a.array.every((value) => value === turns));
  });
});

test('the workers do a part of the work', async () => {
  const engine = engines[1];
  const own = engines[0].kernels.gemmScratch(512, 64, 512);
  const scratch = engine.alloc('f32', gemmScratch(engine, 512, 64, 512));
  const [a, b] = [engine.from('f32', numbers(512 * 64)), engine.from('f32', numbers(512 * 64, 2))];
  const c = engine.alloc('f32', 512 * 512);
  const until = performance.now() + 60_000;
  // The second thread packs its operands into the second half of the scratch.
  while (scratch.array.subarray(Math.ceil(own / 4) * 4).every((value) => value === 0)) {
    assert.ok(performance.now() < until, 'the second thread has done nothing for a minute');
    gemm(engine, 'NT', c, a, b, 512, 64, 512, 0, scratch);
  }
  engine.release(scratch, a, b, c);
});

test.after(() => {
  for (const engine of engines) engine.dispose();
});
test.run();
