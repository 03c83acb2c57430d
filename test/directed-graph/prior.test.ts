import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CandidateLists } from '../../src/directed-graph/ranker/candidates.ts';
import { fitOnLists, rankFitOptions } from '../../src/directed-graph/ranker/fit.ts';
import { fitLinear, type LinearWeights, withObjective } from '../../src/directed-graph/ranker/linear-part.ts';
import { BUCKETS, DEGREE_COLUMNS } from '../../src/directed-graph/ranker/pair-features.ts';
import { priorWeights } from '../../src/directed-graph/ranker/prior.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { engine, numbers } from '../helpers/kernel.ts';

const names = ['knn-s', 'embedding', 'reverse'];

/** Lists of one positive and seven others with random features; the positive has more of the first. */
function lists(queries: number): CandidateLists {
  const width = names.length + DEGREE_COLUMNS;
  const rows = queries * 8;
  const values = Float32Array.from(numbers(rows * width, 5, -1, 1));
  for (let q = 0; q < queries; q++) values[q * 8 * width] += 1;
  return {
    queries: Uint32Array.from({ length: queries }, (_, i) => i),
    indptr: Uint32Array.from({ length: queries + 1 }, (_, i) => 8 * i),
    positives: new Uint32Array(queries).fill(1),
    target: Uint32Array.from({ length: rows }, (_, i) => i % 8),
    bucket: Uint8Array.from({ length: rows }, (_, i) => i % BUCKETS),
    offset: new Float32Array(rows),
    x: engine.from('f32', values),
    width,
    scale: new Float32Array(names.length).fill(1),
  };
}

const flat = ({ w, a, b, k }: LinearWeights) => [w, a, b, k].flatMap((part) => [...part]);
const away = (x: LinearWeights, y: LinearWeights) =>
  Math.sqrt(flat(x).reduce((sum, value, i) => sum + (value - flat(y)[i]) ** 2, 0));

test('the prior knows features by name, with and without the embedding', () => {
  const prior = priorWeights(['no such feature', ...names]);
  assert.is(prior.w[0], 0);
  assert.ok(prior.w[2] > 1, 'the embedding weighs most');
  const control = priorWeights(['knn-s', 'log svd']);
  assert.ok(control.w[0] > prior.w[1], 'counts weigh more where there is no embedding');
  assert.equal([...prior.a, ...prior.b, ...prior.k], new Array(8 + BUCKETS).fill(0));
});

test('the ridge pulls to its centre: gradient, and both ends', () => {
  const some = lists(12);
  const centre = priorWeights(names);
  const settings = { interactions: true, iterations: 200 };
  const every = [...some.queries];
  withObjective(engine, some, every, { ...settings, ridge: 3, centre }, (objective, size) => {
    const theta = Float64Array.from(numbers(size, 9, -0.5, 0.5));
    const gradient = new Float64Array(size);
    const scratch = new Float64Array(size);
    objective(theta, gradient);
    for (let i = 0; i < size; i++) {
      const at = (step: number) =>
        objective(
          theta.map((t, j) => (j === i ? t + step : t)),
          scratch,
        );
      const slope = (at(1e-2) - at(-1e-2)) / 2e-2;
      assert.ok(Math.abs(slope - gradient[i]) < 2e-3, `entry ${i}: ${slope} against ${gradient[i]}`);
    }
  });
  const hard = fitLinear(engine, some, every, { ...settings, ridge: 1e6, centre });
  assert.ok(away(hard, centre) < 1e-3, 'a strong ridge leaves the centre');
  const [near, plain] = [centre, undefined].map((c) =>
    fitLinear(engine, some, every, { ...settings, ridge: 10, centre: c }),
  );
  assert.ok(away(near, centre) < away(plain, centre), 'nearer to the centre than a ridge to 0');
  assert.ok(near.w[0] > centre.w[0], 'and moved to where the data point');
  const loose = [centre, undefined].map((c) =>
    fitLinear(engine, some, every, { ...settings, interactions: false, ridge: 1e-3, centre: c }),
  );
  assert.ok(away(loose[0], loose[1]) < 0.05, 'a weak ridge forgets the centre');
  engine.release(some.x);
});

test('few queries start from the prior, enough do not', () => {
  const set = rankFitOptions({ mlp: false, seed: 3 });
  const fitted = (queries: number, more = {}) => {
    const some = lists(queries);
    const { model, report } = finished(fitOnLists(engine, some, names, { ...set, ...more }));
    engine.release(some.x);
    return { linear: model.linear, ridge: report.ridge };
  };
  const few = fitted(set.priorQueries - 1);
  assert.ok(set.priorRidges.includes(few.ridge));
  assert.ok(
    away(few.linear, priorWeights(names)) < away(fitted(99, { priorQueries: 0 }).linear, priorWeights(names)),
  );
  assert.equal(flat(fitted(set.priorQueries).linear), flat(fitted(100, { priorQueries: 0 }).linear));
  assert.throws(() => rankFitOptions({ priorQueries: -1 }), /priorQueries/);
  assert.throws(() => rankFitOptions({ priorRidges: [] }), /number of priorRidges/);
  assert.throws(() => rankFitOptions({ priorRidges: [Number.NaN] }), /ridges/);
});

test.run();
