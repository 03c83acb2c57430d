import type { Engine } from '../engine/engine.ts';
import type { ConversionLog } from './log.ts';

/** Weights of GDFM: how much a horizon counts falls with its age (beta) and with what it leaves unknown (alpha). */
const ALPHA = 2;
const BETA = 1;

/**
 * For each horizon and pattern of signals of a row not converted by then: p(open, signals | converts) /
 * p(open, signals | does not), counted with half a row added to each; and the weight of the horizon,
 * exp(-beta age / last) exp(-alpha H / most H) with mean 1, over the J horizons left, H = entropy of y given what is seen.
 */
export function stageEvidence(
  engine: Engine,
  log: ConversionLog,
  rows: ArrayLike<number>,
  horizons: readonly number[],
): { evidence: Float64Array; weight: Float64Array } {
  const { expF64, logF64 } = engine.kernels;
  const patterns = 1 << log.signals.length;
  const evidence = new Float64Array(horizons.length * patterns);
  const entropy = new Float64Array(horizons.length);
  horizons.forEach((age, k) => {
    const counts = [new Float64Array(patterns), new Float64Array(patterns)];
    const total = [0, 0];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const y = log.delay[row] === Infinity ? 0 : 1;
      total[y]++;
      const cut = Math.min(age, log.window[row]);
      if (log.delay[row] > cut) counts[y][log.pattern(row, cut)]++;
    }
    for (let s = 0; s < patterns; s++) {
      const [negative, positive] = [counts[0][s], counts[1][s]];
      evidence[k * patterns + s] = (positive + 0.5) / (total[1] + 1) / ((negative + 0.5) / (total[0] + 1));
      for (const share of [negative, positive]) {
        if (share > 0) entropy[k] -= (share / rows.length) * logF64(share / (negative + positive));
      }
    }
  });
  const most = entropy.reduce((a, b) => Math.max(a, b), 1e-12);
  const last = horizons[horizons.length - 1];
  const weight = Float64Array.from(horizons, (age, k) =>
    expF64((-BETA * age) / last - (ALPHA * entropy[k]) / most),
  );
  const mean = weight.reduce((a, b) => a + b, 0) / weight.length;
  for (let k = 0; k < weight.length; k++) weight[k] /= mean * (weight.length - k);
  return { evidence, weight };
}
