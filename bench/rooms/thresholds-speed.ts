import type { Engine } from '../../src/engine/engine.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import { frontierTable, levelsOf } from '../../src/uncertainty/frontier.ts';
import { countGrid, fitGrid } from '../../src/uncertainty/grid.ts';
import { dynamicChoice } from '../../src/uncertainty/grid-boundary.ts';
import { checkHoldout } from '../../src/uncertainty/holdout.ts';
import * as decideTwin from '../../test/reference/uncertainty/decide.ts';
import * as frontierTwin from '../../test/reference/uncertainty/frontier.ts';
import * as gridTwin from '../../test/reference/uncertainty/grid.ts';

/** Median milliseconds of `runs` calls after one to warm up. */
function median(run: () => unknown, runs = 7): number {
  run();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[runs >> 1];
}

export function speed(engine: Engine): void {
  const n = 1_000_000;
  const [levels, bins] = [10, 200];
  const [score, uncertainty, draw] = engine.scope((scope) =>
    [1, 2, 3].map((stream) => {
      const x = scope.alloc('f32', n);
      engine.kernels.randomUniform(x.ptr, n, 1, stream, 0);
      return x.copy();
    }),
  );
  const label = score.map((s, i) => Number(draw[i] < s * (1 - 0.5 * uncertainty[i])));
  const holdout = { score, uncertainty, label };
  const options = { precision: 0.8, method: 'dynamic', levels, bins, edges: 'count' } as const;

  const whole = median(() => fitBoundary(engine, holdout, options), 5);
  const tail = median(() => fitBoundary(engine, holdout, { ...options, edges: 'tail' }), 5);
  console.log(
    `fit, 1 M rows, 10 x 200: equal cells ${whole.toFixed(0)} ms, tail-refined (unequal) ${tail.toFixed(0)} ms`,
  );

  const rows = checkHoldout(holdout);
  const grid = fitGrid(engine, rows, { levels, bins, edges: 'count' });
  const table = countGrid(engine, grid, rows);
  const equal = { ...table, weights: new Float64Array(levels * bins).fill(n / (levels * bins)) };
  const dp = median(() => frontierTable(engine, levelsOf(equal)), 15);
  const twin = median(() => plainProgramme(levelsOf(equal)), 5);
  const tailTable = countGrid(engine, fitGrid(engine, rows, { levels, bins }), rows);
  const slack = median(() => dynamicChoice(engine, tailTable, { precision: 0.8 }), 15);
  console.log(
    `dynamic programme alone: ${dp.toFixed(2)} ms with the whole frontier, twin ${twin.toFixed(1)} ms (${(twin / dp).toFixed(1)} x);` +
      ` unequal cells ${slack.toFixed(2)} ms`,
  );

  const count = median(() => countGrid(engine, grid, rows));
  const plain = median(() => {
    const cells = () => new Float64Array(levels * bins);
    gridTwin.gridHistogram(
      cells(),
      cells(),
      score,
      uncertainty,
      label,
      null,
      null,
      grid.outer,
      grid.inner,
      n,
      levels,
      bins,
      0,
    );
  });
  console.log(
    `histogram with copies: ${(n / count / 1e3).toFixed(0)} M rows/s, twin ${(n / plain / 1e3).toFixed(0)} (${(plain / count).toFixed(1)} x)`,
  );

  for (const method of ['single', 'dynamic', 'surface'] as const) {
    const { policy } = fitBoundary(engine, holdout, { ...options, method });
    const out = new Uint8Array(n);
    const batch = median(() => policy.decideBatch(engine, score, uncertainty, out));
    const rule = policy.rule;
    if (rule.kind !== 'levels') continue;
    const { edges, high, low } = rule;
    const slow = median(() =>
      decideTwin.decideLevels(out, score, uncertainty, edges, high, low, n, high.length, Infinity),
    );
    console.log(
      `decideBatch ${method} (${high.length} levels), copies included: ${(n / batch / 1e3).toFixed(0)} M rows/s,` +
        ` twin ${(n / slow / 1e3).toFixed(0)} (${(slow / batch).toFixed(1)} x)`,
    );
  }
}

/** The programme over equal cells by the twin of the max-plus kernel. */
function plainProgramme(levels: ReturnType<typeof levelsOf>): Float64Array {
  const bins = levels[0].weights.length - 1;
  const states = levels.length * bins + 1;
  const offset = Uint32Array.from({ length: bins + 1 }, (_, i) => i);
  let before = new Float64Array(states);
  levels.forEach(({ positives }, i) => {
    const out = new Float64Array(states);
    const choice = new Float64Array(states);
    frontierTwin.maxPlus(out, choice, before, offset, positives, (i + 1) * bins + 1, i * bins + 1, bins + 1);
    before = out;
  });
  return before;
}
