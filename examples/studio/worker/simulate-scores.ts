import type { Engine } from '../../../src/index.ts';

const ROWS = 20_000;
/** Streams of the random numbers: apart from each other and from those of the shop. */
const STREAM = { rate: 9001, seen: 9002, clicks: 9003, label: 9004 } as const;
/** Views that a rate was counted from: 3 to 300, as often 3 to 30 as 30 to 300. */
const [FEWEST, MOST] = [3, 300];
/** Log-odds of the true rates: mean, and spread between rows. */
const [MEAN, SPREAD] = [-1.6, 1.2];

/**
 * Scores as many a shop has them: the share of buyers among those who saw a product, which is a guess where few did. The
 * score is that share, the uncertainty its standard error, the label whether the next visitor buys. A high share of few
 * views mostly is luck, so at one score the sure rows are right more often than the unsure.
 */
export function simulateScores(
  engine: Engine,
  seed: number,
): Record<'score' | 'uncertainty' | 'label', Float64Array> {
  const { expF64, logF64 } = engine.kernels;
  return engine.scope(({ alloc }) => {
    const draw = (stream: number, n: number, step = 0) => {
      const x = alloc('f32', n);
      engine.kernels.randomUniform(x.ptr, n, seed, stream, step);
      return x.copy();
    };
    const normal = alloc('f32', ROWS);
    engine.kernels.randomNormal(normal.ptr, ROWS, SPREAD, seed, STREAM.rate, 0);
    const logOdds = normal.copy();
    const [seen, luck] = [draw(STREAM.seen, ROWS), draw(STREAM.label, ROWS)];
    const [score, uncertainty, label] = [
      new Float64Array(ROWS),
      new Float64Array(ROWS),
      new Float64Array(ROWS),
    ];
    const clicks = alloc('f32', MOST);
    for (let i = 0; i < ROWS; i++) {
      const rate = 1 / (1 + expF64(-(MEAN + logOdds[i])));
      const views = Math.round(FEWEST * expF64(seen[i] * logF64(MOST / FEWEST)));
      engine.kernels.randomUniform(clicks.ptr, views, seed, STREAM.clicks, i);
      const bought = clicks.array.subarray(0, views).reduce((sum, u) => sum + (u < rate ? 1 : 0), 0);
      // Half a buyer and half a visitor who does not buy, so that no share is 0 or 1.
      const share = (bought + 0.5) / (views + 1);
      score[i] = share;
      uncertainty[i] = Math.sqrt((share * (1 - share)) / (views + 1));
      label[i] = luck[i] < rate ? 1 : 0;
    }
    return { score, uncertainty, label };
  });
}
