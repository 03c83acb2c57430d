/**
 * Quality and seconds of delayed-label training on the real sets, by the protocol of their READMEs:
 *   node --import tsx bench/rooms/conversions.ts [set ...] [--methods a,b] [--step .1] [--body logistic] [--seeds 1,2,3]
 *     [--published-ages] [--options JSON]
 * `--step` is the main learner's step length in the stream; of a list each method takes the one with its lowest log
 * loss. Prints one line a method; RI is the share of the way from vanilla to oracle.
 */
import { parseArgs } from 'node:util';
import { METHODS, type MethodName } from '../../src/delayed-feedback/methods/names.ts';
import {
  evaluateMethods,
  type MethodResult,
  type Prequential,
} from '../../src/delayed-feedback/prequential.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Body } from '../../src/nn/tabular/options.ts';
import { loadConversions, SETS } from './conversion-data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    methods: { type: 'string' },
    step: { type: 'string' },
    body: { type: 'string', default: 'logistic' },
    seeds: { type: 'string', default: '1' },
    options: { type: 'string', default: '{}' },
    'published-ages': { type: 'boolean', default: false },
  },
});
const methods = values.methods ? (values.methods.split(',') as MethodName[]) : METHODS;
const lengths = values.step === undefined ? [undefined] : values.step.split(',').map(Number);

/** Each method's result at the step length with its lowest log loss. */
function best(runs: readonly Prequential[]): Map<MethodName, { result: MethodResult; length: number }> {
  const found = new Map<MethodName, { result: MethodResult; length: number }>();
  for (const { methods, settings } of runs) {
    for (const [name, result] of Object.entries(methods) as [MethodName, MethodResult][]) {
      const known = found.get(name);
      if (known && known.result.logLoss <= result.logLoss) continue;
      found.set(name, { result, length: settings.learningRate });
    }
  }
  return found;
}

for (const set of positionals.length > 0 ? positionals : SETS) {
  const data = loadConversions(set);
  if (!data) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  const { log, pretrainUntil, until, step, ages } = data;
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    const runs: Prequential[] = [];
    for (const learningRate of lengths) {
      const options = {
        body: values.body as Body,
        learningRate,
        ages: values['published-ages'] ? ages : undefined,
      };
      const more = JSON.parse(values.options);
      runs.push(
        await evaluateMethods(engine, log, {
          methods,
          pretrainUntil,
          until,
          step,
          seed,
          ...options,
          ...more,
        }),
      );
    }
    const [{ rows, steps, open, settings }] = runs;
    console.log(
      `${set} seed ${seed}: ${rows} rows tested in ${steps.length} steps, ${open} open; e ${settings.elapsed}, ` +
        `wait ${settings.wait.toFixed(1)}, ages ${settings.ages.join(' ')}`,
    );
    const found = best(runs);
    const [vanilla, oracle] = [found.get('vanilla')?.result, found.get('oracle')?.result];
    for (const [name, { result: m, length }] of found) {
      const ri = (metric: 'auc' | 'logLoss') =>
        vanilla && oracle
          ? ((100 * (m[metric] - vanilla[metric])) / (oracle[metric] - vanilla[metric])).toFixed(1)
          : '-';
      // Paired intervals are those of runs with one step length.
      const ahead = lengths.length === 1 ? runs[0].methods.telescoping?.against[name]?.auc : undefined;
      console.log(
        `  ${name.padEnd(12)} AUC ${m.auc.toFixed(4)} PR ${m.prAuc.toFixed(4)} log loss ${m.logLoss.toFixed(4)} ` +
          `PCOC ${m.pcoc.toFixed(3)} ECE ${m.ece.toFixed(4)} RI ${ri('auc')}/${ri('logLoss')} ` +
          `step ${length} ESS ${(100 * m.health.effectiveShare).toFixed(0)} % ${m.seconds.toFixed(1)} s` +
          (ahead
            ? `  telescoping ahead by ${ahead.difference.toFixed(4)} [${ahead.low.toFixed(4)}, ${ahead.high.toFixed(4)}]`
            : ''),
      );
    }
    engine.dispose();
  }
}
