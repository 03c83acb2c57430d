/**
 * The uncertainty room's figures: `npm run bench:thresholds [-- planted|redraws|hotel|certificate|estimators|speed] [--draws 200]`.
 * planted: share of the gap between one threshold and Bayes at matched precision. redraws: how often a certified
 * boundary breaks its bound. hotel: recall and precision on real bookings by group and by time; certificate: failures
 * over splits of whole groups; estimators: likelihood gains. speed: beside the plain twins.
 */
import { parseArgs } from 'node:util';
import { Engine } from '../../src/engine/engine.ts';
import { certificateFailures, estimatorGains, hotelTable } from './thresholds-hotel.ts';
import { plantedGap, redraws } from './thresholds-planted.ts';
import { speed } from './thresholds-speed.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { draws: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const engine = await Engine.create();
const [draws, seed] = [Number(values.draws), Number(values.seed)];
const parts: Record<string, () => void | Promise<void>> = {
  planted: () => plantedGap(engine),
  redraws: () => redraws(engine, draws, seed),
  hotel: () => hotelTable(engine, seed),
  certificate: () => certificateFailures(engine, draws, seed),
  estimators: () => estimatorGains(engine, seed),
  speed: () => speed(engine),
};
for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
  if (!(name in parts)) throw new Error(`no part ${name}; there are ${Object.keys(parts).join(', ')}`);
  console.log(`\n${name}`);
  await parts[name]();
}
