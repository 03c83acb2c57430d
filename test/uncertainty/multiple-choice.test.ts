import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestAtPositives, bestAtPrecision, frontierTable, levelsOf } from '../../src/uncertainty/frontier.ts';
import type { GridTable } from '../../src/uncertainty/grid.ts';
import { dynamicChoice } from '../../src/uncertainty/grid-boundary.ts';
import { multipleChoice } from '../../src/uncertainty/multiple-choice.ts';
import { engine } from '../helpers/kernel.ts';

const grid = (levels: number, bins: number): GridTable['grid'] => ({
  nesting: 'uncertainty-first',
  levels,
  bins,
  outer: new Float32Array(levels - 1),
  inner: new Float32Array(levels * (bins - 1)),
});

const tableOf = (positives: number[][], weights: number[][] | number): GridTable => ({
  grid: grid(positives.length, positives[0].length),
  positives: Float64Array.from(positives.flat()),
  weights:
    typeof weights === 'number'
      ? new Float64Array(positives.flat().length).fill(weights)
      : Float64Array.from(weights.flat()),
});

/** Every boundary of a grid, as sums and choices. */
function* boundaries(table: GridTable): Generator<{ positives: number; weights: number }> {
  const levels = levelsOf(table);
  const counts = levels[0].positives.length;
  for (let code = 0; code < counts ** levels.length; code++) {
    let [positives, weights, rest] = [0, 0, code];
    for (const level of levels) {
      const c = rest % counts;
      rest = Math.floor(rest / counts);
      positives += level.positives[c];
      weights += level.weights[c];
    }
    yield { positives, weights };
  }
}

function sums(table: GridTable, top: Uint32Array): { positives: number; weights: number } {
  let [positives, weights] = [0, 0];
  levelsOf(table).forEach((level, i) => {
    positives += level.positives[top[i]];
    weights += level.weights[top[i]];
  });
  return { positives, weights };
}

test('the golden grid of equal cells, for five precisions', () => {
  const table = tableOf(
    [
      [0, 1, 2, 6, 9],
      [0, 1, 3, 5, 8],
      [0, 2, 2, 4, 6],
    ],
    10,
  );
  const golden: [number, number, number[]][] = [
    [0.9, 9, [4, 5, 5]],
    [0.8, 17, [4, 4, 5]],
    [0.7, 29, [3, 4, 4]],
    [0.6, 38, [3, 3, 3]],
    [0.5, 45, [2, 2, 2]],
  ];
  for (const [precision, positives, boundary] of golden) {
    const { top, exact } = dynamicChoice(engine, table, { precision });
    assert.is(sums(table, top).positives, positives, `at ${precision}`);
    assert.ok(exact);
    // At .5 two boundaries hold 45 positives.
    if (precision !== 0.5)
      assert.equal(
        [...top].map((c) => 5 - c),
        boundary,
        `at ${precision}`,
      );
  }
});

/** Positives never exceed the rows of their cell; weights differ from cell to cell when `equal` is false. */
const grids = (equal: boolean, fractions: boolean) =>
  fc
    .record({
      levels: fc.integer({ min: 1, max: 4 }),
      bins: fc.integer({ min: 2, max: 5 }),
      unit: fc.integer({ min: 1, max: 9 }),
    })
    .chain(({ levels, bins, unit }) =>
      fc.array(
        fc.array(
          (equal ? fc.constant(unit) : fc.integer({ min: 0, max: 9 })).chain((w) =>
            fc.tuple(
              fc.constant(w),
              fractions ? fc.double({ min: 0, max: w, noNaN: true }) : fc.integer({ min: 0, max: w }),
            ),
          ),
          { minLength: bins, maxLength: bins },
        ),
        { minLength: levels, maxLength: levels },
      ),
    )
    .map((cells) =>
      tableOf(
        cells.map((row) => row.map(([, p]) => p)),
        cells.map((row) => row.map(([w]) => w)),
      ),
    );

for (const [equal, fractions] of [
  [true, false],
  [true, true],
  [false, false],
  [false, true],
]) {
  const name = `${equal ? 'equal' : 'unequal'} cells, ${fractions ? 'fractional' : 'whole'} positives`;

  test(`most positives at a precision are those of brute force: ${name}`, () => {
    fc.assert(
      fc.property(
        grids(equal, fractions),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (table, precision) => {
          const { top, exact } = dynamicChoice(engine, table, { precision });
          const found = sums(table, top);
          assert.ok(exact);
          assert.ok(found.positives - precision * found.weights >= -1e-8, 'holds the precision');
          for (const { positives, weights } of boundaries(table)) {
            if (positives - precision * weights >= 1e-9) assert.ok(found.positives >= positives - 1e-9);
          }
        },
      ),
      { numRuns: 800, seed: 1 },
    );
  });

  test(`the best precision at a recall is that of brute force: ${name}`, () => {
    fc.assert(
      fc.property(
        grids(equal, fractions),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (table, recall) => {
          const total = table.positives.reduce((sum, p) => sum + p, 0);
          fc.pre(total > 1e-6);
          const found = sums(table, dynamicChoice(engine, table, { recall }).top);
          assert.ok(found.positives >= recall * total - 1e-8);
          for (const { positives, weights } of boundaries(table)) {
            if (positives < recall * total + 1e-9) continue;
            assert.ok(found.positives / found.weights >= positives / weights - 1e-9);
          }
        },
      ),
      { numRuns: 400, seed: 2 },
    );
  });
}

test('one table of equal cells holds the optimum of every precision and recall at once', () => {
  fc.assert(
    fc.property(grids(true, false), (table) => {
      const frontier = frontierTable(engine, levelsOf(table));
      assert.ok(frontier.exact);
      const all = [...boundaries(table)];
      const total = table.positives.reduce((sum, p) => sum + p, 0);
      for (let state = 0; state < frontier.positives.length; state++) {
        const rivals = all.filter(({ weights }) => weights === frontier.weights[state]);
        assert.is(frontier.positives[state], Math.max(...rivals.map(({ positives }) => positives)));
      }
      for (const share of [0.2, 0.5, 0.8]) {
        const at = bestAtPrecision(frontier, share);
        assert.ok(frontier.positives[at] >= share * frontier.weights[at] - 1e-8);
        if (total > 0)
          assert.ok(frontier.positives[bestAtPositives(frontier, share * total)] >= share * total);
      }
    }),
    { numRuns: 200, seed: 3 },
  );
});

test('multipleChoice: no choices reach the floor', () => {
  const level = { gain: Float64Array.of(1, 2), slack: Float64Array.of(-3, -1) };
  assert.is(multipleChoice([level, level], -1), undefined);
  assert.equal(multipleChoice([level, level], -2)?.choices, Uint32Array.of(1, 1));
});

test('multipleChoice stays exact on ten levels of two hundred bins with 1e6 rows', () => {
  const levels = Array.from({ length: 10 }, (_, i) => {
    const gain = new Float64Array(201);
    const slack = new Float64Array(201);
    for (let c = 1; c <= 200; c++) {
      const w = 400 + ((c * 37 + i * 11) % 200);
      const p = Math.round(w / (1 + Math.exp((c - 60 + 3 * i) / 15)));
      gain[c] = gain[c - 1] + p;
      slack[c] = slack[c - 1] + p - 0.7 * w;
    }
    return { gain, slack };
  });
  const found = multipleChoice(levels, 0);
  assert.ok(found?.exact && found.slack >= 0);
  // What a Lagrange multiplier can bound: no boundary of this grid holds more than the relaxed optimum.
  let bound = Infinity;
  for (let k = 0; k < 2000; k++) {
    const lambda = k / 100;
    const best = levels.map(({ gain, slack }) =>
      gain.reduce((m, g, c) => Math.max(m, g + lambda * slack[c]), 0),
    );
    bound = Math.min(
      bound,
      best.reduce((sum, x) => sum + x, 0),
    );
  }
  assert.ok(found.gain <= bound && found.gain > bound - 200, `${found.gain} of at most ${bound}`);
});

test.run();
