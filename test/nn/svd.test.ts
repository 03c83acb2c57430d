import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LinearOperator } from '../../src/nn/svd.ts';
import { jacobiSvd, truncatedSvd } from '../../src/nn/svd.ts';
import { close } from '../helpers/close.ts';
import { engine, numbers } from '../helpers/kernel.ts';

/** A dense matrix a[rows x columns] as an operator, in plain loops. */
function dense(a: Float32Array, rows: number, columns: number): LinearOperator {
  return {
    rows,
    columns,
    apply(y, x, d) {
      const [out, from] = [y.array, x.array];
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < d; c++) {
          let sum = 0;
          for (let j = 0; j < columns; j++) sum += a[i * columns + j] * from[j * d + c];
          out[i * d + c] = sum;
        }
      }
    },
    applyTransposed(x, y, d) {
      const [out, from] = [x.array, y.array];
      for (let j = 0; j < columns; j++) {
        for (let c = 0; c < d; c++) {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += a[i * columns + j] * from[i * d + c];
          out[j * d + c] = sum;
        }
      }
    },
  };
}

function product(
  { rank, u, s, v }: { rank: number; u: ArrayLike<number>; s: Float64Array; v: ArrayLike<number> },
  rows: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < rank; k++) out[i * columns + j] += u[i * rank + k] * s[k] * v[j * rank + k];
    }
  }
  return out;
}

test('Jacobi: a = u s v^T with falling s and orthonormal u and v', () => {
  for (const d of [1, 2, 5, 12]) {
    const a = Float64Array.from(numbers(d * d, d));
    const { u, s, v } = jacobiSvd(a, d);
    close(product({ rank: d, u, s, v }, d, d), a, { absolute: 1e-12 }, `d=${d}`);
    assert.ok(s.every((x, i) => i === 0 || x <= s[i - 1]));
    for (const m of [u, v]) {
      const gram = Float64Array.from({ length: d * d }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += m[k * d + Math.floor(at / d)] * m[k * d + (at % d)];
        return sum;
      });
      const one = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));
      close(gram, one, { absolute: 1e-12 });
    }
  }
});

test('a diagonal of known values, tall and wide', () => {
  for (const [rows, columns] of [
    [60, 40],
    [40, 60],
  ]) {
    const a = new Float32Array(rows * columns);
    const truth = Array.from({ length: 40 }, (_, i) => 10 * 0.9 ** i);
    truth.forEach((x, i) => {
      a[(rows - 1 - i) * columns + i] = i % 2 ? -x : x;
    });
    const found = truncatedSvd(engine, dense(a, rows, columns), { rank: 8 });
    close(found.s, truth.slice(0, 8), { relative: 1e-5 });
    // The best approximation of rank 8 keeps exactly the eight largest entries.
    const kept = a.map((x) => (Math.abs(x) >= truth[7] - 1e-4 ? x : 0));
    close(product(found, rows, columns), kept, { absolute: 2e-3 });
  }
});

test('full rank gives the matrix back; a rank above the size is cut', () => {
  const [rows, columns] = [9, 6];
  const a = numbers(rows * columns, 5);
  const found = truncatedSvd(engine, dense(a, rows, columns), { rank: 64 });
  assert.is(found.rank, 6);
  close(product(found, rows, columns), a, { absolute: 1e-5 });
});

test('a matrix of low rank, and of zeros, gives zeros and no NaN', () => {
  const [rows, columns] = [30, 20];
  const x = numbers(rows, 1);
  const y = numbers(columns, 2);
  const a = Float32Array.from(
    { length: rows * columns },
    (_, at) => x[Math.floor(at / columns)] * y[at % columns],
  );
  const found = truncatedSvd(engine, dense(a, rows, columns), { rank: 4 });
  close(product(found, rows, columns), a, { absolute: 1e-5 });
  assert.ok(found.s[1] <= 1e-5 * found.s[0]);
  const zero = truncatedSvd(engine, dense(new Float32Array(rows * columns), rows, columns), { rank: 4 });
  close(zero.s, [0, 0, 0, 0]);
  assert.ok(zero.u.every(Number.isFinite) && zero.v.every(Number.isFinite));
});

test('same seed, same bits; nothing is left in the arena', () => {
  const before = engine.stats().slices;
  const operator = dense(numbers(600, 8), 30, 20);
  const first = truncatedSvd(engine, operator, { rank: 5, seed: 3 });
  const second = truncatedSvd(engine, operator, { rank: 5, seed: 3 });
  assert.equal(Array.from(first.u), Array.from(second.u));
  assert.equal(Array.from(first.v), Array.from(second.v));
  assert.is(engine.stats().slices, before);
});

test('wrong options are refused', () => {
  const operator = dense(numbers(4), 2, 2);
  assert.throws(() => truncatedSvd(engine, operator, { rank: 0 }), /rank must be a whole number from 1/);
  assert.throws(() => truncatedSvd(engine, operator, { turns: 3 } as never), /unknown option "turns"/);
});

test.run();
