import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { type Argument, call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/directed-graph/asymmetric-loss.ts';
import { numericGradient } from '../../reference/engine/math.ts';

const [A, B] = [9, 6];
const first = (r: { after: unknown[] }) => r.after[0] as Float32Array;

for (const n of LENGTHS) {
  test(`pairScores and pairScoresBackward n=${n}, rows repeated`, () => {
    for (const d of [0, 1, 4, 7, 8, 12, 19, 64]) {
      const tables = [numbers(A * d), numbers(B * d, 2)];
      const pairs = [indices(n, A, 3), indices(n, B, 4)];
      sameAsTwin('pairScores', twin.pairScores, [new Float32Array(n), ...tables, ...pairs, n, d], {
        absolute: 1e-5,
      });
      const sums = [numbers(A * d, 5), numbers(B * d, 6)];
      const args: Argument[] = [...sums, ...tables, ...pairs, numbers(n, 7), n, d];
      sameAsTwin('pairScoresBackward', twin.pairScoresBackward, args, { absolute: 2e-5 });
    }
  });
}

test('golden: two pairs by hand, and the direction matters', () => {
  const a = Float32Array.of(1, 2, 3, 4);
  const b = Float32Array.of(5, 6, 7, 8);
  const forth = [Uint32Array.of(0, 1), Uint32Array.of(1, 0), 2, 2];
  close(first(call('pairScores', [new Float32Array(2), a, b, ...forth])), [1 * 7 + 2 * 8, 3 * 5 + 4 * 6]);
  close(first(call('pairScores', [new Float32Array(2), b, a, ...forth])), [5 * 3 + 6 * 4, 7 * 1 + 8 * 2]);
});

test('one table for both sides: a pair with itself adds twice', () => {
  const x = Float32Array.of(1, 2, 3, 4, 5);
  const sum = new Float32Array(5);
  const at = Uint32Array.of(0);
  sameAsTwin('pairScoresBackward', twin.pairScoresBackward, [
    sum,
    sum,
    x,
    x,
    at,
    at,
    Float32Array.of(0.5),
    1,
    5,
  ]);
  const { after } = call('pairScoresBackward', [sum, sum, x, x, at, at, Float32Array.of(0.5), 1, 5]);
  close(after[0] as Float32Array, x);
});

test('pairScoresBackward is the derivative of pairScores', () => {
  const [n, d] = [11, 7];
  const a = Float64Array.from(numbers(A * d));
  const b = Float64Array.from(numbers(B * d, 2));
  const [ai, bi] = [indices(n, A, 3), indices(n, B, 4)];
  const g = numbers(n, 7);
  const score = new Float64Array(n);
  const loss = () => {
    twin.pairScores(score, a, b, ai, bi, n, d);
    return score.reduce((sum, s, i) => sum + s * g[i], 0);
  };
  const zero = [new Float32Array(A * d), new Float32Array(B * d)];
  const tables = [Float32Array.from(a), Float32Array.from(b)];
  const [da, db] = call('pairScoresBackward', [...zero, ...tables, ai, bi, g, n, d]).after as Float32Array[];
  close(da, numericGradient(loss, a), { absolute: 1e-5 }, 'da');
  close(db, numericGradient(loss, b), { absolute: 1e-5 }, 'db');
});

test('NaN reaches only the pairs that read it', () => {
  const d = 9;
  const a = numbers(3 * d);
  a[d + 8] = Number.NaN;
  const pairs = [Uint32Array.of(0, 1, 2), Uint32Array.of(0, 1, 2)];
  const scores = first(call('pairScores', [new Float32Array(3), a, numbers(3 * d, 2), ...pairs, 3, d]));
  close(
    scores.map((x) => (Number.isNaN(x) ? 1 : 0)),
    [0, 1, 0],
  );
  const tables = [new Float32Array(3 * d), new Float32Array(3 * d), a, numbers(3 * d, 2)];
  sameAsTwin('pairScoresBackward', twin.pairScoresBackward, [...tables, ...pairs, numbers(3, 3), 3, d], {
    absolute: 1e-6,
  });
});

test.run();
