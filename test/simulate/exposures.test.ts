import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { Engine } from '../../src/engine/engine.ts';
import { rocAuc } from '../../src/nn/metrics.ts';
import {
  type ExposureOptions,
  type Exposures,
  exposureDefaults,
  exposuresCsv,
  exposureTruthCsv,
  simulateExposures,
  simulateShop,
} from '../../src/simulate/index.ts';
import { secondsPerDay, shopOpens } from '../../src/simulate/orders.ts';

const engine = await Engine.create();
const shop = simulateShop(engine, { products: 120, customers: 2500, days: 365, seed: 7 });
/** 100,000 exposures. */
const exposures = simulateExposures(engine, shop, { perYear: 40 });
const { truth, delay, signals, time } = exposures;
const rows = time.length;
const { window } = exposures.options;

/** Mean of `value` over the rows of `chosen` and its standard error by the binomial law of each row. */
function share(
  happened: (row: number) => boolean,
  expected: (row: number) => number,
  chosen = (_: number) => true,
) {
  let [n, seen, mean, variance] = [0, 0, 0, 0];
  for (let i = 0; i < rows; i++) {
    if (!chosen(i)) continue;
    const p = expected(i);
    n++;
    if (happened(i)) seen++;
    mean += p;
    variance += p * (1 - p);
  }
  return { n, seen: seen / n, expected: mean / n, error: Math.sqrt(variance) / n };
}

function sameShare(what: string, found: ReturnType<typeof share>): void {
  const { n, seen, expected, error } = found;
  assert.ok(n > 200, `${what}: ${n} rows`);
  assert.ok(
    Math.abs(seen - expected) < 3.5 * error,
    `${what}: ${seen} of ${n}, expected ${expected} +- ${error}`,
  );
}

const converted = (i: number) => !Number.isNaN(delay[i]);
const open = (age: number) => (i: number) => !(delay[i] <= age);
const pattern = (i: number, age: number) => (signals[0][i] <= age ? 1 : 0) | (signals[1][i] <= age ? 2 : 0);

test('conversions come as the closed form says, overall, by week and by who was likely', () => {
  sameShare(
    'all',
    share(converted, (i) => truth.probability(i)),
  );
  for (let week = 0; week < 52; week += 13) {
    const from = shopOpens + 7 * week * secondsPerDay;
    const inWeek = (i: number) => time[i] >= from && time[i] < from + 7 * secondsPerDay;
    sameShare(
      `week ${week}`,
      share(converted, (i) => truth.probability(i), inWeek),
    );
  }
  for (const [low, high] of [
    [0, 0.05],
    [0.05, 0.15],
    [0.15, 0.3],
    [0.3, 1],
  ]) {
    const likely = (i: number) => truth.probability(i) >= low && truth.probability(i) < high;
    sameShare(
      `p from ${low}`,
      share(converted, (i) => truth.probability(i), likely),
    );
  }
});

test('delays follow their Weibull law', () => {
  for (const age of [0.01, 0.1, 1, 3, 10, 29]) {
    const by = (i: number) => delay[i] <= age;
    sameShare(
      `by ${age}`,
      share(by, (i) => truth.raw[i] * truth.cumulative(i, age)),
    );
    sameShare(
      `${age} of the converted`,
      share(by, (i) => truth.cumulative(i, age) / truth.cumulative(i, window), converted),
    );
  }
  assert.is(truth.cumulative(0, 0), 0);
  assert.is(truth.cumulative(0, Infinity), 1);
});

test('open rows flip as the closed form says, with and without signals', () => {
  for (const age of [0.3, 4]) {
    sameShare(
      `flip at ${age}`,
      share(converted, (i) => truth.flip(i, age), open(age)),
    );
    for (let bits = 0; bits < 4; bits++) {
      const chosen = (i: number) => open(age)(i) && pattern(i, age) === bits;
      sameShare(
        `flip at ${age} with ${bits}`,
        share(converted, (i) => truth.flipGiven(i, age, bits), chosen),
      );
    }
  }
});

test('signals tell more than age alone; beyond the window nothing flips', () => {
  const at = 1;
  const still = Array.from({ length: rows }, (_, i) => i).filter(open(at));
  const label = still.map((i) => (converted(i) ? 1 : 0));
  const plain = rocAuc(
    label,
    still.map((i) => truth.flip(i, at)),
  );
  const given = rocAuc(
    label,
    still.map((i) => truth.flipGiven(i, at, pattern(i, at))),
  );
  assert.ok(given > plain + 0.025, `${given} and ${plain}`);
  for (const age of [window, window + 5]) {
    assert.is(truth.flip(3, age), 0);
    assert.is(truth.flipGiven(3, age, 1), 0);
  }
  for (const row of [0, 1, 2]) {
    assert.ok(Math.abs(truth.flip(row, 0) - truth.probability(row)) < 1e-12);
    // Nothing is seen at age 0.
    assert.ok(Math.abs(truth.flipGiven(row, 1e-12, 0) - truth.probability(row)) < 1e-6);
  }
});

test('with the exact weights every scheme has the truth as its optimum', () => {
  for (const row of [0, 5, 77, 1234]) {
    for (const age of [0.1, 1, 7]) {
      const p = truth.probability(row);
      const w = truth.weights(row, age);
      const best = (positive: number, negative: number) => positive / (positive + negative);
      const near = (name: string, value: number) =>
        assert.ok(Math.abs(value - p) < 1e-9, `${name} of ${row} at ${age}: ${value}, not ${p}`);
      // Positives and negatives of each stream a row, times their weights.
      near('fnw', best(p * w.fnw.positive, w.fnw.negative));
      near('esdfm', best(p * w.esdfm.positive, (1 - p + w.delayed) * w.esdfm.negative));
      near('defer', best((2 * p - w.delayed) * w.defer.positive, (2 - 2 * p + w.delayed) * w.defer.negative));
      near('fsiw', best((p - w.delayed) * w.fsiw.positive, (1 - p + w.delayed) * w.fsiw.negative));
    }
  }
});

/** FNV-1a over the bytes of all columns. */
function hash({ truth: { raw, scale }, options: _, signals: s, ...columns }: Exposures): string {
  let h = 0x811c9dc5;
  for (const column of [...Object.values(columns), ...s, raw, scale]) {
    for (const byte of new Uint8Array(column.buffer, column.byteOffset, column.byteLength)) {
      h = Math.imul(h ^ byte, 0x01000193);
    }
  }
  return (h >>> 0).toString(16);
}

const small = simulateShop(engine, { products: 80, customers: 300, days: 100, seed: 3 });

test('the same options give the same bits, on a fresh engine and a used one', async () => {
  const used = hash(simulateExposures(engine, small));
  assert.is(hash(simulateExposures(await Engine.create(), small)), used);
  assert.is(used, '1c12bd8e', 'the golden hash: change it only with the meaning of the simulation');
  assert.is.not(hash(simulateExposures(engine, small, { seed: 4 })), used);
});

/** Rows as text, of customers and days below these. */
const rowsOf = (e: Exposures, customers: number, days: number) =>
  Array.from(e.time, (t, i) => [
    t,
    e.customer[i],
    e.item[i],
    e.delay[i],
    e.signals[0][i],
    e.signals[1][i],
    e.truth.raw[i],
  ])
    .filter(([t, customer]) => customer < customers && t < shopOpens + days * secondsPerDay)
    .map(String)
    .join(';');

test('more customers, more days and other signals leave the exposures of fewer as they are', () => {
  const few = simulateShop(engine, { ...small.options, customers: 100 });
  const all = simulateExposures(engine, small);
  assert.is(rowsOf(simulateExposures(engine, few), 100, 100), rowsOf(all, 100, 100));
  assert.is(rowsOf(simulateExposures(engine, small, { days: 40 }), 300, 40), rowsOf(all, 300, 40));
  const other = simulateExposures(engine, small, { cart: [0.2, 0.2] });
  assert.is(other.delay.join(), all.delay.join());
  assert.is(other.signals[1].join(), all.signals[1].join());
});

test('drift turns the taste for dear products round, and only that', () => {
  const still = simulateExposures(engine, small, { drift: 0 });
  const turning = simulateExposures(engine, small, { drift: 2 });
  assert.equal(still.item, turning.item);
  assert.equal(still.truth.scale, turning.truth.scale);
  const early = turning.time.findIndex((_, i) => small.items.price[turning.item[i]] > 300);
  assert.ok(turning.truth.raw[early] < still.truth.raw[early], 'dear things convert less at first');
});

test('a log of the exposures breaks no rule', () => {
  const log = new ConversionLog(
    {
      time: time.map((t) => (t - shopOpens) / secondsPerDay),
      conversionDelay: delay,
      signalDelays: { cart: signals[0], revisit: signals[1] },
      features: { rows, columns: [] },
    },
    { window },
  );
  assert.is(log.counts.rows, rows);
  assert.is(log.counts.outOfOrder + log.counts.convertedLate + log.counts.signalsAfterConversion, 0);
  assert.ok(log.counts.positives > 0.05 * rows && log.counts.positives < 0.4 * rows);
});

test('the files hold the columns', () => {
  const some = simulateExposures(engine, small);
  const [lines, behind] = [[...exposuresCsv(small, some)], [...exposureTruthCsv(some)]];
  assert.is(lines.length, some.time.length + 1);
  assert.is(behind.length, some.time.length + 1);
  const row = some.delay.findIndex((d) => d > 0);
  const [id, at, bought, , , customer, item] = lines[row + 1].split(',');
  assert.is(id, behind[row + 1].split(',')[0]);
  assert.is(Number(at), some.time[row]);
  assert.ok(Math.abs(Number(bought) - some.time[row] - some.delay[row] * secondsPerDay) < 0.001);
  assert.match(customer, /^c\d{5}$/);
  assert.is(item, small.items.id[some.item[row]]);
});

test('bad options are refused by name, and the engine gets its memory back', () => {
  const { slices, usedBytes } = engine.stats();
  const refused = (given: unknown, message: RegExp) =>
    assert.throws(() => simulateExposures(engine, small, given as ExposureOptions), message);
  refused({ per: 3 }, /unknown option "per"/);
  for (const name of Object.keys(exposureDefaults)) refused({ [name]: Number.NaN }, new RegExp(`^${name}`));
  refused({ cart: [0.5] }, /cart must be two probabilities/);
  refused({ revisit: [0.5, 2] }, /revisit\[1\] must be/);
  refused({ rate: 1 }, /rate must be/);
  assert.is(simulateExposures(engine, small, { perYear: 0 }).time.length, 0);
  assert.equal([engine.stats().slices, engine.stats().usedBytes], [slices, usedBytes]);
});

test.run();
