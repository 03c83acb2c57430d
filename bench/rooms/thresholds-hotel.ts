import type { Engine } from '../../src/engine/engine.ts';
import { RowStore } from '../../src/nn/tabular/index.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import { evidenceCounts, slotCounts } from '../../src/uncertainty/estimators/counts.ts';
import { betaEvidence, ensemble, monteCarloDropout } from '../../src/uncertainty/estimators/estimators.ts';
import { laplace, lastLayerCovariance } from '../../src/uncertainty/estimators/laplace.ts';
import { trainEvidence, trainNetworks } from '../../src/uncertainty/estimators/networks.ts';
import { networkDefaults } from '../../src/uncertainty/estimators/options.ts';
import type { Prediction } from '../../src/uncertainty/estimators/prediction.ts';
import { evaluatePolicy } from '../../src/uncertainty/evaluate.ts';
import { uncertaintyGain } from '../../src/uncertainty/gain.ts';
import type { Holdout } from '../../src/uncertainty/holdout.ts';
import { encode, type Hotel, loadHotel, type SplitRows, splitBy } from './hotel.ts';

function hotel(): Hotel {
  const found = loadHotel();
  if (!found) throw new Error('hotel_city is not on this machine; set FLETCHING_DATA');
  return found;
}

/** 50/25/25 by whole groups in random order, or by time from the `turn`-th of overlapping windows of 80 % of the rows. */
function splitOf(
  engine: Engine,
  data: Hotel,
  kind: 'group' | 'time',
  turn: number,
  keep: (row: number) => boolean,
): SplitRows {
  let rows = Uint32Array.from(data.label, (_, i) => i).filter(keep);
  if (kind === 'group') {
    const groups = data.group.reduce((most, g) => Math.max(most, g), 0) + 1;
    const place = engine.scope((scope) => {
      const x = scope.alloc('f32', groups);
      engine.kernels.randomUniform(x.ptr, groups, turn, 2048, 0);
      return x.copy();
    });
    return splitBy(
      Float32Array.from(data.group, (g) => place[g]),
      rows,
      [0.5, 0.75],
    );
  }
  // Rows are sorted by the day of booking.
  rows = rows.subarray(Math.floor(0.05 * turn * rows.length), Math.floor((0.8 + 0.05 * turn) * rows.length));
  const day = (share: number) => data.bookDay[rows[Math.floor(share * rows.length)]];
  return splitBy(data.bookDay, rows, [day(0.5), day(0.75)]);
}

const at = (x: ArrayLike<number>, index: Uint32Array) => Float32Array.from(index, (i) => x[i]);

/** Scores of a mean of networks, unsure by last-layer Laplace, on calibration and test rows. */
async function scored(engine: Engine, data: Hotel, split: SplitRows, seed: number, members = 5) {
  const rows = encode(data.table, split);
  const [train, calibration, test] = [rows.train, rows.calibration, rows.test].map((x) =>
    RowStore.from(engine, x),
  );
  const models = await trainNetworks(engine, train, at(data.label, split.train), {
    ...networkDefaults,
    members,
    seed,
  });
  const covariance = models.map((model) => lastLayerCovariance(engine, model, train));
  const estimator = laplace(engine, models, covariance);
  const part = (
    store: RowStore,
    index: Uint32Array,
  ): Required<Pick<Holdout, 'score' | 'uncertainty' | 'label' | 'group'>> => {
    const { score, uncertainty } = estimator.predict(store);
    return {
      score,
      uncertainty,
      label: at(data.label, index),
      group: Uint32Array.from(index, (i) => data.group[i]),
    };
  };
  const result = { calibration: part(calibration, split.calibration), test: part(test, split.test) };
  for (const x of [...models, train, calibration, test]) x.dispose();
  return result;
}

const BOUNDS = [0.7, 0.8, 0.9, 0.95];

/** Recall on the test rows of the boundary whose precision there is at least the given one: along the recall by halving. */
function recallAtPrecision(
  engine: Engine,
  fitted: Holdout,
  test: Holdout,
  method: 'single' | 'surface',
  precision: number,
): number {
  let [low, high, best] = [0.02, 0.98, 0];
  for (let step = 0; step < 10; step++) {
    const recall = (low + high) / 2;
    const found = evaluatePolicy(engine, fitBoundary(engine, fitted, { method, recall }).policy, test);
    if (found.precision >= precision) [low, best] = [recall, Math.max(best, found.recall)];
    else high = recall;
  }
  return best;
}

export async function hotelTable(engine: Engine, seed: number): Promise<void> {
  const data = hotel();
  for (const refund of ['all rows', 'without Non Refund']) {
    const keep = (i: number) => refund === 'all rows' || data.nonRefund[i] === 0;
    for (const kind of ['group', 'time'] as const) {
      const sums = new Map<string, number[][]>();
      for (let turn = 0; turn < 5; turn++) {
        const split = splitOf(engine, data, kind, turn, keep);
        const { calibration, test } = await scored(engine, data, split, seed + 100 * turn);
        for (const precision of BOUNDS) {
          const matchedAt = new Map<string, number>();
          for (const method of ['single', 'surface', 'dynamic', 'isotonic', 'auto'] as const) {
            const { policy, method: used } = fitBoundary(engine, calibration, { method, precision });
            const found = evaluatePolicy(engine, policy, test);
            if (method === 'single' || method === 'surface') {
              matchedAt.set(method, recallAtPrecision(engine, calibration, test, method, precision));
            }
            const matched = matchedAt.get(used) ?? Number.NaN;
            const key = `${precision} ${method}`;
            const width = (found.recallInterval[1] - found.recallInterval[0]) / 2;
            const wide = (found.precisionInterval[1] - found.precisionInterval[0]) / 2;
            sums.set(key, [...(sums.get(key) ?? []), [found.recall, width, found.precision, wide, matched]]);
          }
        }
      }
      for (const [key, rows] of sums) {
        const mean = (k: number) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length;
        console.log(
          `${refund}, ${kind}, ${key.padEnd(14)} recall ${mean(0).toFixed(3)} +- ${mean(1).toFixed(3)}` +
            `  precision ${mean(2).toFixed(3)} +- ${mean(3).toFixed(3)}` +
            (Number.isNaN(mean(4)) ? '' : `  recall at matched precision ${mean(4).toFixed(4)}`),
        );
      }
    }
  }
}

/**
 * `draws` splits of whole groups, 50/25/25: a network trained on the first part, a certified boundary on the second; how
 * often its precision on the third lies below the bound, with and without `group`.
 */
export async function certificateFailures(engine: Engine, draws: number, seed: number): Promise<void> {
  const data = hotel();
  const counts = new Map<string, { draws: number; failures: number; recall: number; nothing: number }>();
  for (let draw = 0; draw < draws; draw++) {
    const split = splitOf(engine, data, 'group', seed + draw, () => true);
    const { calibration, test } = await scored(engine, data, split, seed + draw, 1);
    const { group: _, ...alone } = calibration;
    for (const precision of BOUNDS) {
      for (const form of ['groups', 'binomial'] as const) {
        // The wrong form is there to be seen; half as many draws show it.
        if (form === 'binomial' && draw % 2 === 1) continue;
        const rows = form === 'groups' ? calibration : alone;
        const { policy } = fitBoundary(engine, rows, { precision, confidence: 0.9, seed: draw });
        const found = evaluatePolicy(engine, policy, test);
        const key = `${precision} ${form}`;
        const sum = counts.get(key) ?? { draws: 0, failures: 0, recall: 0, nothing: 0 };
        sum.draws++;
        sum.failures += Number(found.precision < precision);
        sum.nothing += Number(found.flagged === 0);
        sum.recall += found.recall;
        counts.set(key, sum);
      }
    }
  }
  for (const [key, sum] of counts) {
    const percent = (count: number) => `${((100 * count) / sum.draws).toFixed(1)} %`;
    console.log(
      `${key.padEnd(14)} fails ${percent(sum.failures)} of ${sum.draws}, recall ${(sum.recall / sum.draws).toFixed(3)},` +
        ` flags nothing ${percent(sum.nothing)}`,
    );
  }
}

/** Likelihood gains of the surface over (score, uncertainty) above the one over the score, in millinats. */
export async function estimatorGains(engine: Engine, seed: number): Promise<void> {
  const data = hotel();
  for (const kind of ['group', 'time'] as const) {
    for (const few of [false, true]) {
      for (const tau of [1, 4]) {
        const split = splitOf(engine, data, kind, 0, () => true);
        const draw = engine.scope((scope) => {
          const x = scope.alloc('f32', data.label.length);
          engine.kernels.randomUniform(x.ptr, x.length, seed, 2050, 0);
          return x.copy();
        });
        const share = few ? (3000 * (tau === 1 ? 1 : 1.8)) / split.train.length : 1;
        const train = split.train.filter((i) => draw[i] < share * (data.label[i] ? 1 : 1 / tau));
        await gainsOf(
          engine,
          data,
          { ...split, train },
          `${kind}, tau ${tau}, ${train.length} training rows`,
          seed,
        );
      }
    }
  }
}

async function gainsOf(
  engine: Engine,
  data: Hotel,
  split: SplitRows,
  title: string,
  seed: number,
): Promise<void> {
  const rows = encode(data.table, split);
  const [train, test] = [rows.train, rows.test].map((x) => RowStore.from(engine, x));
  const label = at(data.label, split.train);
  const options = { ...networkDefaults, members: 5, seed };
  const models = await trainNetworks(engine, train, label, options);
  const evidence = await trainEvidence(engine, train, label, options);
  const covariance = models.map((model) => lastLayerCovariance(engine, model, train));
  const found: Record<string, Prediction> = {
    laplace: laplace(engine, models, covariance).predict(test),
    counts: evidenceCounts(engine, models, slotCounts(train)).predict(test),
    dropout: monteCarloDropout(engine, models, 20, seed).predict(test),
    ensemble: ensemble(engine, models).predict(test),
    evidence: betaEvidence(engine, evidence).predict(test),
  };
  const group = Uint32Array.from(split.test, (i) => data.group[i]);
  const gains = Object.entries(found).map(([name, { score, uncertainty }]) => {
    const gain = uncertaintyGain(engine, { score, uncertainty, label: at(data.label, split.test), group });
    return `${name} ${gain.millinats.toFixed(1)} (${gain.standardError.toFixed(1)})${gain.useful ? '*' : ''}`;
  });
  console.log(`${title}: ${gains.join(', ')}`);
  for (const x of [...models, evidence, train, test]) x.dispose();
}
