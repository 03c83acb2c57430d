/**
 * Importance weights on synthetic_delay, whose truth is known: estimated against closed form, and what they cost.
 *   node --import tsx bench/rooms/conversion-weights.ts [--seeds 1,2,3]
 * Prints correlation and mean relative error of f_dp, f_rn and the weights of esdfm over the rows of the stream, and RI of
 * esdfm and of the soft label with the true values put in.
 */
import { parseArgs } from 'node:util';
import { Base } from '../../src/delayed-feedback/base.ts';
import { MethodRun } from '../../src/delayed-feedback/method-run.ts';
import type { MethodName } from '../../src/delayed-feedback/methods/names.ts';
import { OpenRows } from '../../src/delayed-feedback/open-rows.ts';
import { Replay } from '../../src/delayed-feedback/replay.ts';
import { checkConversionOptions, resolveOptions } from '../../src/delayed-feedback/resolve-options.ts';
import { Engine } from '../../src/engine/engine.ts';
import { logLoss, rocAuc } from '../../src/nn/metrics.ts';
import { loadConversions } from './conversion-data.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1,2,3' } } });
const data = loadConversions('synthetic_delay');
if (!data?.truth) {
  console.log('synthetic_delay: skipped, not on this machine');
  process.exit(0);
}
const { log, pretrainUntil, until, step, truth } = data;
/** Weibull shape of the set. */
const SHAPE = 0.6;
const from = log.rowsBefore(pretrainUntil);
const to = log.rowsBefore(until);

/** P(converts after e | x) and P(stays a negative | x, not converted by e). */
function exact(row: number, e: number): { late: number; stays: number } {
  const early = truth!.p_raw[row] * (1 - Math.exp(-((e / truth!.delay_scale[row]) ** SHAPE)));
  const late = truth!.p_true[row] - early;
  return { late, stays: (1 - truth!.p_true[row]) / (1 - early) };
}

function judge(base: Base, method: MethodName): { auc: number; loss: number } {
  const rows = new OpenRows(log.rows);
  const label = (row: number) => (log.delay[row] === Infinity ? 0 : 1);
  const run = new MethodRun(base, method, { rows, store: base.store, truth: label, flushed: () => {} });
  const replay = new Replay(log, run, rows, pretrainUntil, from, to);
  let [auc, loss, total] = [0, 0, 0];
  for (let day = pretrainUntil + step; day < until; day += step) {
    replay.until(day);
    const ids: number[] = [];
    for (let i = log.rowsBefore(day); i < log.rowsBefore(day + step); i++)
      if (log.mature[i] === 1) ids.push(i);
    const p = run.predict(base.store, ids);
    const y = ids.map(label);
    auc += ids.length * rocAuc(y, p);
    loss += ids.length * logLoss(y, p);
    total += ids.length;
  }
  run.dispose();
  return { auc: auc / total, loss: loss / total };
}

function agreement(name: string, estimate: Float64Array, exactly: Float64Array): void {
  const n = estimate.length;
  const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / n;
  const [m, t] = [mean(estimate), mean(exactly)];
  let [xy, xx, yy, error] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    xy += (estimate[i] - m) * (exactly[i] - t);
    xx += (estimate[i] - m) ** 2;
    yy += (exactly[i] - t) ** 2;
    error += Math.abs(estimate[i] - exactly[i]) / exactly[i];
  }
  console.log(
    `  ${name.padEnd(18)} mean ${m.toFixed(4)} (true ${t.toFixed(4)}), correlation ${(xy / Math.sqrt(xx * yy)).toFixed(3)}, ` +
      `mean relative error ${((100 * error) / n).toFixed(2)} %`,
  );
}

for (const seed of values.seeds.split(',').map(Number)) {
  const engine = await Engine.create();
  const settings = resolveOptions(engine, log, checkConversionOptions({ pretrainUntil, until, step, seed }));
  const base = await Base.learn(engine, log, settings, ['esdfm', 'softLabel']);
  const e = settings.elapsed;
  console.log(`seed ${seed}, e ${e}: estimated on the history, over the ${to - from} rows of the stream`);
  const columns = Array.from({ length: 6 }, () => new Float64Array(to - from));
  for (let at = from; at < to; at += 256) {
    const ids = Array.from({ length: Math.min(256, to - at) }, (_, i) => at + i);
    const zeros = new Float32Array(256);
    base.nuisances.predict(['late', 'stays'], ids, zeros, zeros, zeros, ids.length);
    const { late, stays } = base.nuisances.values;
    ids.forEach((row, i) => {
      const true_ = exact(row, e);
      const k = row - from;
      [late[i], true_.late, stays[i], true_.stays].forEach((value, c) => {
        columns[c][k] = value;
      });
      columns[4][k] = (1 + late[i]) * stays[i];
      columns[5][k] = (1 + true_.late) * true_.stays;
    });
  }
  agreement('f_dp', columns[0], columns[1]);
  agreement('f_rn', columns[2], columns[3]);
  agreement(
    'w+ = 1 + f_dp',
    columns[0].map((x) => 1 + x),
    columns[1].map((x) => 1 + x),
  );
  agreement('w- of esdfm', columns[4], columns[5]);

  const [vanilla, oracle] = [judge(base, 'vanilla'), judge(base, 'oracle')];
  const estimated = judge(base, 'esdfm');
  base.nuisances.predict = (_needs, rows, _patterns, _stages, _elapsed, n) => {
    const { late, stays, staysSignals } = base.nuisances.values;
    for (let i = 0; i < n; i++) {
      const at = exact(rows[i], e);
      late[i] = at.late;
      stays[i] = staysSignals[i] = at.stays;
    }
  };
  const report = (name: string, { auc, loss }: { auc: number; loss: number }) => {
    const ri = (100 * (auc - vanilla.auc)) / (oracle.auc - vanilla.auc);
    const riLoss = (100 * (vanilla.loss - loss)) / (vanilla.loss - oracle.loss);
    console.log(
      `  ${name.padEnd(28)} AUC ${auc.toFixed(4)} log loss ${loss.toFixed(4)} RI ${ri.toFixed(1)}/${riLoss.toFixed(1)}`,
    );
  };
  report('esdfm, estimated weights', estimated);
  report('esdfm, true weights', judge(base, 'esdfm'));
  report('defuse, true weights', judge(base, 'defuse'));
  report('soft label, true posterior', judge(base, 'softLabel'));
  engine.dispose();
}
