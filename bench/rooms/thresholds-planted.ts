import type { Engine } from '../../src/engine/engine.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import type { BoundaryOptions } from '../../src/uncertainty/boundary-options.ts';
import { measureFailures } from '../../src/uncertainty/measure.ts';
import { columns, dataset } from '../../test/helpers/data.ts';

const BOUNDS = [0.6, 0.7, 0.8];

/** Both halves of planted_score_uncertainty with the rates that the labels were drawn from. */
function planted() {
  const folder = dataset('planted_score_uncertainty');
  if (!folder) throw new Error('planted_score_uncertainty is not on this machine; set FLETCHING_DATA');
  const d = columns(`${folder}/table.csv.gz`, ['score', 'uncertainty', 'y', 'erp_true']);
  const n = d.y.length / 2;
  const half = (from: number) => {
    const part = (x: Float64Array) => x.slice(from, from + n);
    const holdout = { score: part(d.score), uncertainty: part(d.uncertainty), label: part(d.y) };
    return { holdout, truth: part(d.erp_true) };
  };
  return { calibration: half(0), test: half(n) };
}

/** Recall at the cut where the mean true rate of the rows above it equals the bound. */
function recallAt(truth: Float64Array, by: ArrayLike<number>, bound: number): number {
  const order = Array.from(truth, (_, i) => i).sort((a, b) => by[b] - by[a]);
  let [sum, found] = [0, 0];
  order.forEach((row, i) => {
    sum += truth[row];
    if (sum >= bound * (i + 1) && by[row] !== by[order[i + 1]]) found = sum;
  });
  return found / truth.reduce((total, p) => total + p, 0);
}

/** Recall of the boundary fitted at the precision that makes its true precision on the test half the bound. */
function matched(engine: Engine, options: Partial<BoundaryOptions>, bound: number): number {
  const { calibration, test } = planted();
  const total = test.truth.reduce((sum, p) => sum + p, 0);
  const score = Float32Array.from(test.holdout.score);
  const uncertainty = Float32Array.from(test.holdout.uncertainty);
  const at = (precision: number) => {
    const { policy } = fitBoundary(engine, calibration.holdout, { ...options, precision });
    let [flagged, sum] = [0, 0];
    policy.decideBatch(engine, score, uncertainty).forEach((answer, i) => {
      if (answer !== 1) return;
      flagged++;
      sum += test.truth[i];
    });
    return { precision: sum / flagged, recall: sum / total };
  };
  let [low, high] = [bound - 0.05, Math.min(0.99, bound + 0.08)];
  for (let step = 0; step < 18; step++) {
    const middle = (low + high) / 2;
    if (at(middle).precision >= bound) high = middle;
    else low = middle;
  }
  return at(high).recall;
}

export function plantedGap(engine: Engine): void {
  const { test } = planted();
  const methods: Record<string, Partial<BoundaryOptions>> = {
    surface: { method: 'surface' },
    'dynamic, 5 levels': { method: 'dynamic' },
    'dynamic, 10 levels': { method: 'dynamic', levels: 10 },
    'dynamic, score-first 6': { method: 'dynamic', levels: 6, nesting: 'score-first' },
    'dynamic, equal bins': { method: 'dynamic', edges: 'count' },
    isotonic: { method: 'isotonic' },
  };
  for (const bound of BOUNDS) {
    const bayes = recallAt(test.truth, test.truth, bound);
    const single = recallAt(test.truth, test.holdout.score, bound);
    const shares = Object.entries(methods).map(([name, options]) => {
      const share = (matched(engine, options, bound) - single) / (bayes - single);
      return `${name} ${(100 * share).toFixed(1)} %`;
    });
    console.log(
      `${bound}: Bayes ${bayes.toFixed(4)}, one threshold ${single.toFixed(4)}; gap closed: ${shares.join(', ')}`,
    );
  }
}

export function redraws(engine: Engine, draws: number, seed: number): void {
  const { calibration, test } = planted();
  const { score, uncertainty } = test.holdout;
  const judged = {
    score: Float32Array.from(score),
    uncertainty: Float32Array.from(uncertainty),
    truth: test.truth,
  };
  const methods: Record<string, Partial<BoundaryOptions>> = {
    'single, plug-in': { method: 'single' },
    'dynamic 5, plug-in': { method: 'dynamic' },
    'single, crossFit': { method: 'single', confidence: 0.9 },
    'surface, split': { confidence: 0.9, certificate: 'split' },
    'surface, crossFit': { confidence: 0.9 },
  };
  for (const precision of BOUNDS) {
    for (const rows of [2000, 10_000]) {
      for (const [name, options] of Object.entries(methods)) {
        const plug = options.confidence === undefined;
        const found = measureFailures(
          engine,
          calibration.holdout,
          { ...options, precision },
          { draws: plug ? Math.min(draws, 40) : draws, rows, truth: calibration.truth, test: judged, seed },
        );
        const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
        console.log(
          `${precision} n = ${rows} ${name.padEnd(20)} fails ${percent(found.failures).padStart(7)}` +
            `  recall ${found.recall.toFixed(4)}  flags nothing ${percent(found.flagsNothing)}`,
        );
      }
    }
  }
}
