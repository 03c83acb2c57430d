/**
 * Quality and seconds of delayed-label training on the real sets, by the protocol of their READMEs:
 *   node --import tsx bench/rooms/conversions.ts [set ...] [--methods a,b] [--step .1] [--body logistic] [--seeds 1,2,3]
 *     [--options JSON]
 * `--step` is the main learner's step length in the stream. Prints one line a method; RI is the share of the way from
 * vanilla to oracle.
 */
import { parseArgs } from 'node:util';
import { METHODS, type MethodName } from '../../src/delayed-feedback/methods/names.ts';
import { evaluateMethods } from '../../src/delayed-feedback/prequential.ts';
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

for (const set of positionals.length > 0 ? positionals : SETS) {
  const data = loadConversions(set);
  if (!data) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    const { log, pretrainUntil, until, step } = data;
    const result = await evaluateMethods(engine, log, {
      methods,
      pretrainUntil,
      until,
      step,
      seed,
      body: values.body as Body,
      learningRate: values.step === undefined ? undefined : Number(values.step),
      ages: values['published-ages'] ? data.ages : undefined,
      ...JSON.parse(values.options),
    });
    const { elapsed, wait, ages, learningRate } = result.settings;
    console.log(
      `${set} seed ${seed}: ${result.rows} rows tested in ${result.steps.length} steps, ${result.open} open, ` +
        `${result.seconds.toFixed(0)} s; step length ${learningRate}, e ${elapsed}, wait ${wait.toFixed(1)}, ages ${ages.join(' ')}`,
    );
    const telescoping = result.methods.telescoping;
    for (const [name, m] of Object.entries(result.methods)) {
      const against = telescoping?.against[name as MethodName]?.auc;
      console.log(
        `  ${name.padEnd(12)} AUC ${m.auc.toFixed(4)} PR ${m.prAuc.toFixed(4)} log loss ${m.logLoss.toFixed(4)} ` +
          `PCOC ${m.pcoc.toFixed(3)} ECE ${m.ece.toFixed(4)} RI ${m.riAuc?.toFixed(1)}/${m.riLogLoss?.toFixed(1)} ` +
          `ESS ${(100 * m.health.effectiveShare).toFixed(0)} % ${m.seconds.toFixed(1)} s` +
          (against
            ? `  telescoping ahead by ${against.difference.toFixed(4)} [${against.low.toFixed(4)}, ${against.high.toFixed(4)}]`
            : ''),
      );
    }
    engine.dispose();
  }
}
