import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countGrid, fitGrid } from '../../src/uncertainty/grid.ts';
import { checkHoldout } from '../../src/uncertainty/holdout.ts';
import { engine, indices } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';
import { refused } from '../helpers/refused.ts';

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

const shapes = {
  'one value': () => 1,
  'two values': (u: number) => Number(u > 0.4),
  'a rare second value': (u: number) => Number(u > 0.9),
  'five values': (u: number) => Math.floor(5 * u * u),
  'one value of many rows amid others': (u: number) => (u > 0.3 && u < 0.7 ? 0.5 : u),
};

for (const nesting of ['uncertainty-first', 'score-first'] as const) {
  for (const [name, of] of Object.entries(shapes)) {
    test(`${nesting}, ${name}: as many levels as hold rows, and that number is told where more are asked for`, () => {
      const few = { ...rows, uncertainty: rows.uncertainty.map(of) };
      const fit = (levels?: number) => fitGrid(engine, few, { levels, bins: 10, nesting });
      const rowsOf = (grid: ReturnType<typeof fit>) => {
        const { weights } = countGrid(engine, grid, few);
        return indices(grid.levels, grid.levels, 1).map((_, level) =>
          weights.subarray(10 * level, 10 * level + 10).reduce((sum, w) => sum + w, 0),
        );
      };
      const { levels } = fit();
      assert.ok(rowsOf(fit()).every((n) => n > 0));
      const told = levels === 1 ? '1 level' : `${levels} levels`;
      for (let more = levels + 1; more <= 5; more++) {
        refused(
          () => fit(more),
          RangeError,
          new RegExp(
            `^levels must all hold rows, but .* level \\d of ${more} is empty: .*; ask for ${told}$`,
          ),
        );
      }
      assert.equal(fit(levels), fit());
    });
  }
}

test('fewer levels need not do where more do: the advice is a number that does', () => {
  const uncertainty = rows.uncertainty.map(shapes['one value of many rows amid others']);
  const fit = (levels?: number) => fitGrid(engine, { ...rows, uncertainty }, { levels, bins: 10 });
  assert.is(fit().levels, 4);
  assert.is(fit(4).levels, 4);
  refused(() => fit(3), RangeError, /level 2 of 3 is empty.*; ask for 2 levels$/);
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
