import { flag, integer, oneOf, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { agesFor } from './age-buckets.ts';
import { historyRows, maturedUntil } from './history.ts';
import { type ConversionLog, checkLog } from './log.ts';
import { METHODS } from './methods/names.ts';
import { type ConversionOptions, conversionDefaults, type Resolved } from './options.ts';

export function checkConversionOptions(given: Partial<ConversionOptions> | undefined): ConversionOptions {
  const set = options(given, conversionDefaults, 'conversions');
  oneOf(set.method, 'method', METHODS);
  for (const name of ['pretrainUntil', 'until'] as const) if (set[name] !== undefined) real(set[name], name);
  for (const name of ['step', 'elapsed', 'wait'] as const) {
    if (set[name] !== undefined && !(real(set[name], name, 0) > 0))
      throw new RangeError(`${name} must be above 0`);
  }
  for (const name of ['ages', 'horizons'] as const) {
    const list = set[name];
    if (list === undefined) continue;
    if (!(Array.isArray(list) && list.length > 0)) throw new TypeError(`${name} must be a list of ages`);
    list.forEach((age, k) => {
      if (!(real(age, `${name}[${k}]`, 0) > (k === 0 ? 0 : list[k - 1]))) {
        throw new RangeError(`${name} must rise from above 0, got ${age} at ${k}`);
      }
    });
  }
  real(set.cap, 'cap', 1, 100);
  if (set.clip !== Infinity) real(set.clip, 'clip', 1e-3);
  flag(set.selfNormalise, 'selfNormalise');
  flag(set.refresh, 'refresh');
  integer(set.bits, 'bits', 1, 24);
  integer(set.buckets, 'buckets', 2, 1024);
  integer(set.epochs, 'epochs', 0, 1000);
  integer(set.seed, 'seed', 0, 0xffffffff);
  for (const name of ['pretrainRate', 'learningRate'] as const) {
    if (set[name] !== undefined) real(set[name], name, 0, 100);
  }
  real(set.warm, 'warm', 1e-6, 1);
  if (set.onProgress !== undefined && typeof set.onProgress !== 'function')
    throw new TypeError('onProgress must be a function');
  if (set.signal !== undefined && typeof set.signal?.aborted !== 'boolean')
    throw new TypeError('signal must be an AbortSignal');
  return set;
}

/**
 * Choices from the log. Where the history ends see `maturedUntil`; e is the step, or the age at which a third of the
 * history's conversions is in; `wait` a third of a long window; ages see `agesFor`; six horizons in a geometric row from
 * e / 4 to the longest window.
 */
export function resolveOptions(engine: Engine, log: ConversionLog, set: ConversionOptions): Resolved {
  checkLog(log);
  const pretrainUntil = set.pretrainUntil ?? maturedUntil(log);
  const until = set.until ?? log.end;
  if (!(until >= pretrainUntil)) {
    throw new RangeError(`until must not be before pretrainUntil (${pretrainUntil}), got ${until}`);
  }
  const rows = historyRows(log, pretrainUntil);
  const delays = Float64Array.from(rows, (row) => log.delay[row]).filter((d) => d !== Infinity);
  const windows = Float64Array.from(rows, (row) => log.window[row]).filter((w) => w > 0 && w !== Infinity);
  const step = set.step ?? Math.max((until - pretrainUntil) / 40, Number.MIN_VALUE);
  const elapsed = set.elapsed ?? set.step ?? Math.max(quantile(delays, 1 / 3), step / 24);
  const longest = windows.length > 0 ? quantile(windows, 0.99) : quantile(delays, 1);
  const mlp = set.body === 'mlp';
  return {
    ...set,
    pretrainUntil,
    until,
    step,
    elapsed,
    wait: set.wait ?? (windows.length > 0 ? quantile(windows, 0.75) : longest) / 3,
    ages: set.ages ?? agesFor(delays, windows),
    horizons: set.horizons ?? geometric(engine, Math.min(elapsed / 4, longest / 2), longest, 6),
    pretrainRate: set.pretrainRate ?? (mlp ? 0.001 : 0.05),
    learningRate: set.learningRate ?? (mlp ? 0.001 : 0.1),
  };
}

function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted.length === 0 ? 0 : sorted[Math.round(share * (sorted.length - 1))];
}

function geometric(engine: Engine, first: number, last: number, count: number): number[] {
  const { expF64, logF64 } = engine.kernels;
  if (!(first > 0 && last > first)) return [Math.max(first, Number.MIN_VALUE)];
  const ratio = expF64(logF64(last / first) / (count - 1));
  const ages = [first];
  while (ages.length < count - 1) ages.push(ages[ages.length - 1] * ratio);
  return [...ages, last];
}
