import { list, options, real } from '../check.ts';
import { agesFor } from './age-buckets.ts';
import { type ConversionLog, checkLog } from './log.ts';

export interface DelayCurveOptions {
  /** Ages of the curve; a geometric row when absent. */
  ages: readonly number[] | undefined;
  /** What was known then; the end of the log when absent. */
  at: number | undefined;
  /** Rows exposed before; all when absent. */
  before: number | undefined;
}

/** Arrays of one length, an entry an age. */
export interface DelayCurve {
  age: number[];
  /** Rows still open at the age, neither converted nor closed nor unobserved by then. */
  atRisk: number[];
  /** Share of rows that convert by the age (Aalen-Johansen: closed rows compete, unobserved ones leave), with 95 %. */
  converted: number[];
  low: number[];
  high: number[];
  /** Share of all conversions that have happened by the age: how mature the positive labels are. */
  known: number[];
  /** Share of rows whose label is final by the age. */
  final: number[];
}

/**
 * When conversions come. The variance is that of Marubini and Valsecchi (1995) for a cumulative incidence; with one
 * window for all, the curve is one minus Kaplan and Meier's.
 */
export function delayCurve(log: ConversionLog, given?: Partial<DelayCurveOptions>): DelayCurve {
  const set = options<DelayCurveOptions>(
    given,
    { ages: undefined, at: undefined, before: undefined },
    'delayCurve',
  );
  checkLog(log);
  if (set.ages !== undefined) {
    list(set.ages, 'ages').forEach((age, k, all) => {
      if (!(real(age, `ages[${k}]`, 0) > (k === 0 ? -1 : all[k - 1]))) {
        throw new RangeError(`ages must rise, got ${age} at ${k}`);
      }
    });
  }
  const now = set.at === undefined ? log.end : real(set.at, 'at');
  const n = log.rowsBefore(set.before === undefined ? now : Math.min(now, real(set.before, 'before')));
  // Age at which each row leaves: 0 converted, 1 closed, 2 not observed any longer.
  const age = new Float64Array(n);
  const cause = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const seen = now - log.time[i];
    const closed = Math.min(log.delay[i], log.closes[i]);
    age[i] = Math.min(closed, seen);
    cause[i] = closed > seen ? 2 : log.delay[i] <= log.closes[i] ? 0 : 1;
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => age[a] - age[b] || cause[a] - cause[b],
  );
  const delays = log.delay.subarray(0, n).filter((d, i) => d <= now - log.time[i]);
  const windows = log.window.subarray(0, n);
  const ages = [...(set.ages ?? (delays.some((d) => d > 0) ? agesFor(delays, windows) : [1]))];
  const last = windows.reduce((most, w) => (w !== Infinity && w > most ? w : most), 0);
  if (set.ages === undefined && last > ages[ages.length - 1]) ages.push(last);

  const curve: DelayCurve = { age: ages, atRisk: [], converted: [], low: [], high: [], known: [], final: [] };
  let risk = n;
  let open = 1;
  let share = 0;
  // Sums of the variance: with F(t) the share at t, sum of (F(t) - F_j)^2 a_j + 2 (F(t) - F_j) b_j + c_j is expanded.
  let [a, aF, aFF, b, bF, c] = [0, 0, 0, 0, 0, 0];
  let k = 0;
  for (let at = 0; at <= n; ) {
    const time = at < n ? age[order[at]] : Infinity;
    while (k < ages.length && ages[k] < time) {
      const variance = Math.max(0, share * share * a - 2 * share * aF + aFF - 2 * (share * b - bF) + c);
      const half = 1.96 * Math.sqrt(variance);
      curve.atRisk.push(risk);
      curve.converted.push(share);
      curve.low.push(Math.max(0, share - half));
      curve.high.push(Math.min(1, share + half));
      curve.final.push(1 - open);
      k++;
    }
    if (at === n) break;
    const count = [0, 0, 0];
    for (; at < n && age[order[at]] === time; at++) count[cause[order[at]]]++;
    const [converted, closed] = count;
    if (converted + closed > 0) {
      const spread = (converted + closed) / (risk * Math.max(risk - converted - closed, 1));
      share += (open * converted) / risk;
      a += spread;
      aF += share * spread;
      aFF += share * share * spread;
      b += (open * converted) / (risk * risk);
      bF += (share * open * converted) / (risk * risk);
      c += (open * open * converted * (risk - converted)) / (risk * risk * risk);
      open *= 1 - (converted + closed) / risk;
    }
    risk -= converted + closed + count[2];
  }
  const all = curve.converted[curve.converted.length - 1];
  curve.known = curve.converted.map((value) => (all > 0 ? value / all : 0));
  return curve;
}
