import { field } from './csv.ts';
import { customerId } from './customers.ts';
import type { Exposures } from './exposures.ts';
import { secondsPerDay } from './orders.ts';
import type { Shop } from './shop.ts';

const exposureId = (i: number): string => `e${String(i + 1).padStart(7, '0')}`;

/** What was seen: times are epoch seconds, those after the exposure to the millisecond; empty for never. */
export function* exposuresCsv({ items }: Pick<Shop, 'items'>, exposures: Exposures): Generator<string> {
  const { customer, item, time, delay, signals, activity, taste, favourite } = exposures;
  yield 'id,time,conversion,cart,revisit,customer,item,category,brand,price,activity,taste,favourite\n';
  for (let i = 0; i < time.length; i++) {
    const at = (age: number) => (Number.isNaN(age) ? '' : (time[i] + age * secondsPerDay).toFixed(3));
    const v = item[i];
    const words = [items.id[v], items.category[v], items.brand[v]].map(field).join(',');
    const known = [items.price[v], activity[i].toFixed(4), taste[i].toFixed(4), favourite[i]].join(',');
    const ages = [delay[i], signals[0][i], signals[1][i]].map(at).join(',');
    yield `${exposureId(i)},${time[i]},${ages},${customerId(customer[i])},${words},${known}\n`;
  }
}

/** What was behind it: P(converts inside the window), P(would convert, however late), scale of the delay in days. */
export function* exposureTruthCsv({ truth, time }: Exposures): Generator<string> {
  yield 'id,p_true,p_raw,delay_scale\n';
  for (let i = 0; i < time.length; i++) {
    yield `${exposureId(i)},${truth.probability(i)},${truth.raw[i]},${truth.scale[i]}\n`;
  }
}
