import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countGrid, fitGrid } from '../../src/uncertainty/grid.ts';
import { checkHoldout } from '../../src/uncertainty/holdout.ts';
import { engine, indices } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';

const rows = (() => {
  const { score, uncertainty, label } = plantedRows(3000, 1);
  return checkHoldout({ score, uncertainty, label });
})();

for (const nesting of ['uncertainty-first', 'score-first'] as const) {
  test(`${nesting}, equal counts: every cell holds its share`, () => {
    const grid = fitGrid(engine, rows, { levels: 5, bins: 10, edges: 'count', nesting });
    const { weights, positives } = countGrid(engine, grid, rows);
    assert.ok(weights.every((w) => w === 60));
    assert.is(
      positives.reduce((sum, p) => sum + p, 0),
      rows.positives,
    );
  });

  test(`${nesting}, steps and tail: edges ascend inside each piece and all rows are counted`, () => {
    for (const edges of ['width', 'tail'] as const) {
      const grid = fitGrid(engine, rows, { levels: 4, bins: 12, edges, nesting });
      const run = nesting === 'score-first' ? 3 : 11;
      grid.inner.forEach((x, i) => {
        if (i % run > 0) assert.ok(x >= grid.inner[i - 1]);
      });
      assert.is(
        countGrid(engine, grid, rows).weights.reduce((sum, w) => sum + w, 0),
        rows.n,
      );
    }
  });
}

test('tail edges leave the share `tail` above the last of each level', () => {
  const grid = fitGrid(engine, rows, { levels: 1, bins: 20, tail: 0.01 });
  const { weights } = countGrid(engine, grid, rows);
  assert.is(weights[19], 30);
  for (let bin = 2; bin < 19; bin++) assert.ok(weights[bin] <= weights[bin - 1] + 1);
});

test('equal steps of score are equal', () => {
  const grid = fitGrid(engine, rows, { levels: 1, bins: 4, edges: 'width' });
  const [a, b, c] = grid.inner;
  assert.ok(Math.abs(b - a - (c - b)) < 1e-6);
});

test('rows of one score are never parted', () => {
  const score = Float32Array.from(indices(500, 4, 1), (x) => x / 4);
  const part = checkHoldout({
    score,
    uncertainty: rows.uncertainty.subarray(0, 500),
    label: rows.label.subarray(0, 500),
  });
  const grid = fitGrid(engine, part, { levels: 1, bins: 9, edges: 'count' });
  const { weights } = countGrid(engine, grid, part);
  const counts = [0, 1, 2, 3].map((x) => score.filter((s) => s === x / 4).length);
  assert.equal(
    [...weights].filter((w) => w > 0),
    counts,
  );
});

test('an empty level is refused, with the number of levels that would do', () => {
  const uncertainty = Float32Array.from(rows.uncertainty, (u) => Number(u > 0.9));
  for (const nesting of ['uncertainty-first', 'score-first'] as const) {
    assert.throws(
      () => fitGrid(engine, { ...rows, uncertainty }, { levels: 5, bins: 10, nesting }),
      /uncertainty level \d of 5 is empty.*ask for \d/,
    );
  }
});

test('options are checked', () => {
  const bad = (o: object) => () => fitGrid(engine, rows, o);
  assert.throws(bad({ levels: 0 }), /levels must be a whole number/);
  assert.throws(bad({ bins: 1.5 }), /bins must be a whole number/);
  assert.throws(bad({ levels: 1000, bins: 100_000 }), /levels x bins/);
  assert.throws(bad({ edges: 'tails' }), /edges must be one of/);
  assert.throws(bad({ tail: Number.NaN }), /tail must be/);
  assert.throws(bad({ level: 3 }), /unknown option "level"/);
});

test.run();
