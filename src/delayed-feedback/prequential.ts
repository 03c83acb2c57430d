import { DataError, integer, list, notAborted, object, oneOf, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { logLoss, prAuc, type ReliabilityBin, reliability, rocAuc } from '../nn/metrics.ts';
import { Base } from './base.ts';
import { bootstrap, drawResamples, type Interval, type Resamples } from './bootstrap.ts';
import type { HealthReport } from './health.ts';
import { judgedStream } from './judged.ts';
import { type ConversionLog, checkLog } from './log.ts';
import { MethodRun } from './method-run.ts';
import { METHODS, type MethodName } from './methods/names.ts';
import { OpenRows } from './open-rows.ts';
import type { ConversionOptions, Resolved } from './options.ts';
import { Replay } from './replay.ts';
import { checkConversionOptions, resolveOptions } from './resolve-options.ts';

export interface EvaluateMethodsOptions
  extends Omit<ConversionOptions, 'method' | 'pretrainUntil' | 'until'> {
  /** All when absent. */
  methods: readonly MethodName[];
  /**
   * Time: rows exposed before are the history, learned with their final labels; the others are streamed. When absent, a
   * third of the rows whose label is final lies before it.
   */
  pretrainUntil: number | undefined;
  /** Time at which the stream ends, exclusive; after the last row whose label is final when absent. */
  until: number | undefined;
  /** Resamples of the bootstrap over steps, 0 to 1e6. */
  resamples: number;
  /** Share of the resamples that an interval holds, .5 to .9999. */
  level: number;
}

/** One step of the stream: the rows exposed in [from, to), tested before the model learns from them. */
export interface Step {
  from: number;
  to: number;
  /** Rows tested (their label is final in the log) and conversions among them. */
  rows: number;
  positives: number;
}

export interface Difference extends Interval {
  difference: number;
}

export interface MethodResult {
  /** Means over the steps, weighted by their rows. */
  auc: number;
  prAuc: number;
  logLoss: number;
  /** Predicted over observed conversions, and expected calibration error, of all rows tested. */
  pcoc: number;
  ece: number;
  /** Share of the way from vanilla to oracle, in per cent; absent unless both were run and the oracle is ahead. */
  riAuc?: number;
  riLogLoss?: number;
  ci: { auc: Interval; logLoss: Interval; riAuc?: Interval; riLogLoss?: Interval };
  /** This method less another over the same steps. */
  against: Partial<Record<MethodName, { auc: Difference; logLoss: Difference }>>;
  bySteps: { auc: number[]; prAuc: number[]; logLoss: number[]; pcoc: number[] };
  calibration: ReliabilityBin[];
  health: HealthReport;
  seconds: number;
}

export interface Prequential {
  methods: Partial<Record<MethodName, MethodResult>>;
  steps: Step[];
  /** Rows tested; rows of the stream left out because their label is not final in the log. */
  rows: number;
  open: number;
  seconds: number;
  settings: Resolved;
}

/** Metrics by step of one method, before they are summed up. */
interface Series {
  weight: number[];
  auc: number[];
  prAuc: number[];
  logLoss: number[];
  predicted: number[];
  observed: number[];
}

/**
 * Runs every method over the same stream, from the same start, with the same base learner: at each step the rows
 * exposed in it are predicted and held against their final labels, then learned from as their labels arrive. The first
 * step is learned from only. Unless told otherwise a third of the rows with final labels is history.
 */
export async function evaluateMethods(
  engine: Engine,
  log: ConversionLog,
  given: Partial<EvaluateMethodsOptions>,
): Promise<Prequential> {
  object(given, 'evaluateMethods', 'given an object of options');
  const { resamples = 1000, level = 0.95, methods: _, ...rest } = given;
  const methods = [...new Set(list(given.methods ?? METHODS, 'methods'))];
  if (!(methods.length > 0)) throw new TypeError('methods must be a list of at least one name');
  for (const method of methods) oneOf(method, 'methods', METHODS);
  integer(resamples, 'resamples', 0, 1e6);
  real(level, 'level', 0.5, 0.9999);
  checkLog(log);
  const began = performance.now();
  const fork = engine.fork();
  try {
    const options = checkConversionOptions(rest);
    const settings = resolveOptions(fork, log, { ...options, ...judgedStream(log, options) });
    const { pretrainUntil, until, step, seed } = settings;
    const [from, to] = [log.rowsBefore(pretrainUntil), log.rowsBefore(until)];
    const count = Math.ceil((until - pretrainUntil) / step - 1e-9);
    if (!(count >= 2 && count <= 1e6)) {
      throw new RangeError(`step must part the stream into 2 to 1,000,000 steps, but ${step} makes ${count}`);
    }
    const tests = Array.from({ length: count }, (_, k) => testRows(log, settings, k, to));
    if (tests.every(({ ids }, k) => k === 0 || ids.length === 0)) {
      throw new DataError('no row after the first step has a final label: nothing can be judged', {
        code: 'no-final-labels',
      });
    }
    const base = await Base.learn(fork, log, settings, methods);
    const results: Prequential['methods'] = {};
    const series = new Map<MethodName, Series>();
    for (let m = 0; m < methods.length; m++) {
      const method = methods[m];
      const start = performance.now();
      const rows = new OpenRows(log.rows);
      const truth = (row: number) => (log.delay[row] === Infinity ? 0 : 1);
      const run = new MethodRun(base, method, { rows, store: base.store, truth, flushed: () => {} });
      const replay = new Replay(log, run, rows, pretrainUntil, from, to);
      const own: Series = { weight: [], auc: [], prAuc: [], logLoss: [], predicted: [], observed: [] };
      const all = { label: [] as number[], p: [] as number[] };
      for (let k = 0; k + 1 < count; k++) {
        replay.until(pretrainUntil + (k + 1) * step);
        const ids = tests[k + 1].ids;
        const p = run.predict(base.store, ids);
        measure(own, Uint8Array.from(ids, truth), p, all);
        await new Promise((resolve) => setTimeout(resolve));
        notAborted(settings.signal);
        const elapsedMs = performance.now() - began;
        const done = m * count + k + 1;
        const total = methods.length * count;
        settings.onProgress?.({
          phase: 'stream',
          step: done,
          total,
          loss: own.logLoss[own.logLoss.length - 1],
          elapsedMs,
          etaMs: (elapsedMs * (total - done)) / done,
        });
      }
      series.set(method, own);
      const seconds = (performance.now() - start) / 1000;
      const calibration = all.p.length > 0 ? reliability(all.label, all.p) : [];
      results[method] = summary(own, calibration, run.health.report(), seconds);
      run.dispose();
    }
    const drawn = drawResamples(fork, count - 1, resamples, seed);
    compare(results, series, drawn, level);
    const steps = tests.slice(1).map(({ ids, ...at }) => ({ ...at, rows: ids.length }));
    base.dispose();
    return {
      methods: results,
      steps,
      rows: steps.reduce((sum, { rows }) => sum + rows, 0),
      open: tests.slice(1).reduce((sum, t) => sum + t.left, 0),
      seconds: (performance.now() - began) / 1000,
      settings,
    };
  } finally {
    fork.dispose();
  }
}

/** The rows exposed in step k whose label is final in the log, and how many are not. */
function testRows(log: ConversionLog, { pretrainUntil, until, step }: Resolved, k: number, end: number) {
  const from = pretrainUntil + k * step;
  const to = Math.min(until, from + step);
  const ids: number[] = [];
  let left = 0;
  let positives = 0;
  for (let i = log.rowsBefore(from); i < Math.min(end, log.rowsBefore(to)); i++) {
    if (log.mature[i] === 0) left++;
    else {
      ids.push(i);
      if (log.delay[i] !== Infinity) positives++;
    }
  }
  return { from, to, ids, left, positives };
}

function measure(
  own: Series,
  label: Uint8Array,
  p: Float32Array,
  all: { label: number[]; p: number[] },
): void {
  own.weight.push(label.length);
  own.auc.push(rocAuc(label, p));
  own.prAuc.push(prAuc(label, p));
  own.logLoss.push(logLoss(label, p));
  own.predicted.push(p.reduce((a, b) => a + b, 0));
  own.observed.push(label.reduce((a, b) => a + b, 0));
  for (let i = 0; i < label.length; i++) {
    all.label.push(label[i]);
    all.p.push(p[i]);
  }
}

/** Mean over steps weighted by rows, of those steps that have the metric. */
function weighted({ weight }: Series, values: readonly number[], chosen?: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let i = 0, n = chosen?.length ?? values.length; i < n; i++) {
    const k = chosen ? chosen[i] : i;
    if (!Number.isFinite(values[k])) continue;
    sum += weight[k] * values[k];
    total += weight[k];
  }
  return sum / total;
}

function summary(
  own: Series,
  calibration: ReliabilityBin[],
  health: HealthReport,
  seconds: number,
): MethodResult {
  const predicted = own.predicted.reduce((a, b) => a + b, 0);
  const observed = own.observed.reduce((a, b) => a + b, 0);
  const total = calibration.reduce((sum, bin) => sum + bin.weight, 0);
  const nothing = { low: Number.NaN, high: Number.NaN };
  return {
    auc: weighted(own, own.auc),
    prAuc: weighted(own, own.prAuc),
    logLoss: weighted(own, own.logLoss),
    pcoc: predicted / observed,
    ece: calibration.reduce(
      (sum, bin) => sum + (bin.weight / total) * Math.abs(bin.predicted - bin.observed),
      0,
    ),
    ci: { auc: nothing, logLoss: nothing },
    against: {},
    bySteps: {
      auc: own.auc,
      prAuc: own.prAuc,
      logLoss: own.logLoss,
      pcoc: own.predicted.map((p, k) => p / own.observed[k]),
    },
    calibration,
    health,
    seconds,
  };
}

const METRICS = ['auc', 'logLoss'] as const;

/** Adds RI, intervals and paired differences to the results. */
function compare(
  results: Prequential['methods'],
  series: ReadonlyMap<MethodName, Series>,
  drawn: Resamples,
  level: number,
): void {
  const [vanilla, oracle] = [series.get('vanilla'), series.get('oracle')];
  for (const [method, own] of series) {
    const result = results[method]!;
    for (const metric of METRICS) {
      const mean = (of: Series, chosen?: ArrayLike<number>) => weighted(of, of[metric], chosen);
      result.ci[metric] = bootstrap(drawn, level, (chosen) => mean(own, chosen));
      for (const [other, theirs] of series) {
        if (other === method) continue;
        const difference = (chosen?: ArrayLike<number>) => mean(own, chosen) - mean(theirs, chosen);
        const pair = (result.against[other] ??= { auc: empty(), logLoss: empty() });
        pair[metric] = { difference: difference(), ...bootstrap(drawn, level, difference) };
      }
      if (!vanilla || !oracle) continue;
      const sign = metric === 'auc' ? 1 : -1;
      const share = (chosen?: ArrayLike<number>) => {
        const low = mean(vanilla, chosen);
        const gap = sign * (mean(oracle, chosen) - low);
        return gap > 0 ? 100 * ((sign * (mean(own, chosen) - low)) / gap) : Number.NaN;
      };
      const closed = share();
      if (Number.isNaN(closed)) continue;
      const name = metric === 'auc' ? 'riAuc' : 'riLogLoss';
      result[name] = closed;
      result.ci[name] = bootstrap(drawn, level, share);
    }
  }
}

const empty = (): Difference => ({ difference: Number.NaN, low: Number.NaN, high: Number.NaN });
