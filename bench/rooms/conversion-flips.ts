/**
 * Which open examples still convert, by age:
 *   node --import tsx bench/rooms/conversion-flips.ts [--seeds 1,2,3]
 * bpi2012_loans (section 2.8: applications before day 60 teach, later ones judge), and completejourney_coupons as a worked
 * example of redemption. That set has 792 redemptions: look at the standard errors before believing a difference.
 */
import { parseArgs } from 'node:util';
import { delayCurve } from '../../src/delayed-feedback/delay-curve.ts';
import { evaluateFlips, type FlipMetrics } from '../../src/delayed-feedback/flips.ts';
import type { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { Engine } from '../../src/engine/engine.ts';
import { loadCoupons, loadLoans } from './conversion-data.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1,2,3' } } });

const text = ({ auc, aucError, logLoss }: FlipMetrics) =>
  `AUC ${auc.toFixed(3)} +- ${aucError.toFixed(3)}, log loss ${logLoss.toFixed(3)}`;

async function flips(
  name: string,
  log: ConversionLog,
  elapsed: number[],
  pretrainUntil: number,
): Promise<void> {
  const { counts } = log;
  console.log(
    `${name}: ${counts.rows} rows, ${counts.positives} converted, ${counts.censored} censored and left out`,
  );
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    for (const at of await evaluateFlips(engine, log, { elapsed, pretrainUntil, seed })) {
      const { rows, rate } = at.featuresOnly;
      const signals = log.signals.length > 0 ? `; with signals ${text(at.withSignals)}` : '';
      console.log(
        `  seed ${seed}, age ${String(at.elapsed).padStart(2)}: ${rows} open, ${(100 * rate).toFixed(1)} % convert later; ` +
          `features ${text(at.featuresOnly)}${signals}`,
      );
    }
    engine.dispose();
  }
}

const loans = loadLoans();
if (loans) await flips('bpi2012_loans', loans, [3, 7, 14], 60);
else console.log('bpi2012_loans: skipped, not on this machine');

const coupons = loadCoupons();
if (coupons) {
  const { age, converted, low, high } = delayCurve(coupons, { ages: [2, 6, 13, 23, 32, 60] });
  const shares = age.map((a, k) => {
    const percent = (share: number) => (100 * share).toFixed(1);
    return `day ${a} ${percent(converted[k])} % [${percent(low[k])}, ${percent(high[k])}]`;
  });
  await flips('completejourney_coupons', coupons, [3, 7, 14], 200);
  console.log(`  redeemed by ${shares.join(', ')}`);
} else console.log('completejourney_coupons: skipped, not on this machine');
