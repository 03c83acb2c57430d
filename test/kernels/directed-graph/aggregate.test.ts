import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { call, indices, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/directed-graph/aggregate.ts';

/** Rows of 0, 1, 2, ... edges over `nodes` columns, the same column also twice. */
function sparse(rows: number, nodes: number) {
  const indptr = new Uint32Array(rows + 1);
  for (let i = 0; i < rows; i++) indptr[i + 1] = indptr[i] + (i % 5);
  const edges = indptr[rows];
  return { indptr, index: indices(edges, nodes, 7), weight: numbers(edges, 8) };
}

const nodes = 11;
for (const rows of [0, 1, 2, 9]) {
  for (const d of [0, 1, 3, 4, 16, 31, 32, 36, 64, 67]) {
    const { indptr, index, weight } = sparse(rows, nodes);
    for (const w of [weight, null]) {
      const title = `rows=${rows} d=${d}${w ? ' weighted' : ''}`;
      test(`gather ${title}`, () => {
        // One beta a case: every flush grows the memory, and the whole suite shares it.
        const beta = [0, 1, -0.5][(rows + d) % 3];
        sameAsTwin(
          'gather',
          twin.gather,
          [numbers(rows * d, 2), numbers(nodes * d), indptr, index, w, rows, d, beta],
          { absolute: 1e-5 },
        );
      });
      test(`scatter ${title}`, () => {
        sameAsTwin(
          'scatter',
          twin.scatter,
          [numbers(nodes * d), numbers(rows * d, 2), indptr, index, w, rows, d, d],
          { absolute: 1e-5 },
        );
      });
    }
  }
}

test('beta 0 overwrites NaN, and NaN of a neighbour is passed on', () => {
  const indptr = Uint32Array.of(0, 1, 2);
  const index = Uint32Array.of(0, 1);
  const x = new Float32Array(2 * 40).fill(1);
  x[40 + 33] = Number.NaN;
  const y = new Float32Array(2 * 40).fill(Number.NaN);
  sameAsTwin('gather', twin.gather, [y, x, indptr, index, null, 2, 40, 0]);
});

test('scatter into some columns of wider rows leaves the others alone', () => {
  const { indptr, index, weight } = sparse(9, nodes);
  for (const [d, stride] of [
    [16, 64],
    [3, 35],
  ]) {
    const args = [numbers(nodes * stride), numbers(9 * stride, 2), indptr, index, weight, 9, d, stride];
    sameAsTwin('scatter', twin.scatter, args, { absolute: 1e-5 });
  }
});

test('scatter is the transpose of gather: <y, G x> = <G^T y, x>', () => {
  const rows = 9;
  const d = 20;
  const { indptr, index, weight } = sparse(rows, nodes);
  const x = numbers(nodes * d);
  const y = numbers(rows * d, 2);
  const forward = call('gather', [new Float32Array(rows * d), x, indptr, index, weight, rows, d, 0]).after[0];
  const backward = call('scatter', [new Float32Array(nodes * d), y, indptr, index, weight, rows, d, d])
    .after[0];
  const inner = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const left = inner(y, forward as Float32Array);
  assert.ok(Math.abs(left - inner(backward as Float32Array, x)) < 1e-4 * Math.abs(left) + 1e-4);
});

test.run();
