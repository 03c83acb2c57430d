import { integer, options, real } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { Draws, STREAM } from './draws.ts';
import { ExposureTruth, FRACTIONS } from './exposure-truth.ts';
import { families } from './families.ts';
import { secondsPerDay, shopOpens } from './orders.ts';
import type { Shop } from './shop.ts';

export interface ExposureOptions {
  /** Days in which products are shown, from the shop's opening: 2 to 3,650; those of the shop when absent. */
  days?: number;
  /** Products an average customer is shown in a year, 0 to 10,000. */
  perYear?: number;
  /** Probability that an average exposure converts, before the window cuts: above 0 and below 1. */
  rate?: number;
  /** Shape and middle scale, in days, of the Weibull law of the delay: shape .2 to 5, delay above 0 to 365. */
  shape?: number;
  delay?: number;
  /** Days after an exposure in which a conversion counts, above 0 to 365. */
  window?: number;
  /** How far the taste for dear products turns round in a year, 0 (off) to 5. */
  drift?: number;
  /** Of each signal the probability that one who converts shows it, and one who does not, each 0 to 1. */
  cart?: readonly [number, number];
  revisit?: readonly [number, number];
  /** Whole number from 0 to 2^32 - 1; that of the shop when absent. */
  seed?: number;
}

export const exposureDefaults = {
  days: undefined,
  perYear: 15,
  rate: 0.15,
  shape: 0.6,
  delay: 3,
  window: 30,
  drift: 1,
  cart: [0.75, 0.1],
  revisit: [0.9, 0.3],
  seed: undefined,
} as const satisfies ExposureOptions;

export const signalNames = ['cart', 'revisit'] as const;

/** A customer was shown an item at a time, as parallel columns sorted by time. Ages are days since the exposure. */
export interface Exposures {
  readonly options: Required<ExposureOptions>;
  /** i32 codes of `Customers` and `Items` */
  readonly customer: Int32Array;
  readonly item: Int32Array;
  /** f64 whole epoch seconds */
  readonly time: Float64Array;
  /** f64 age at conversion, NaN without one inside the window */
  readonly delay: Float64Array;
  /** f64 age when each of `signalNames` was first seen, NaN for never; before the conversion, inside the window */
  readonly signals: readonly [cart: Float64Array, revisit: Float64Array];
  /** What was known at the exposure: f64 purchases relative to the average customer, interest in the family
   * relative to the average family, 1 where the brand is the customer's favourite. */
  readonly activity: Float64Array;
  readonly taste: Float64Array;
  readonly favourite: Float64Array;
  readonly truth: ExposureTruth;
}

/** Steps of the stream `products`; see `STREAM`. */
const APPEAL = 0;
const APPEAL_SPREAD = 0.5;
/** Share of the exposures that show what others buy without a reason instead of a model to the customer's taste. */
const AT_LARGE = 0.3;
const YEAR = 365;
/** What moves the log odds of a conversion: habit of buying, interest, brand; and the delay's scale: price, brand. */
const WEIGHT = { activity: 0.5, taste: 0.4, favourite: 0.8, price: 0.5, quick: 0.7 } as const;

/**
 * What a shop's customers were shown and what came of it, with the law behind it. An exposure depends on its customer,
 * the product and what the customer was shown before, on nothing else: more customers or more days add exposures and
 * leave those of fewer as they are. TypeError and RangeError name the option.
 */
export function simulateExposures(engine: Engine, shop: Shop, given?: ExposureOptions): Exposures {
  const o = checked(given, shop);
  return checkEngine(engine).scope((scope) => {
    const draws = new Draws(engine, scope, o.seed);
    const maker = new Maker(engine, shop, o, draws);
    for (let c = 0; c < shop.options.customers; c++) maker.show(c);
    return maker.finish();
  });
}

function checked(given: ExposureOptions | undefined, shop: Shop): Required<ExposureOptions> {
  const set = options<ExposureOptions>(given, exposureDefaults, 'simulateExposures');
  const o = {
    ...set,
    days: set.days ?? shop.options.days,
    seed: set.seed ?? shop.options.seed,
  } as Required<ExposureOptions>;
  integer(o.days, 'days', 2, 3650);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  real(o.perYear, 'perYear', 0, 10_000);
  real(o.rate, 'rate', 1e-6, 1 - 1e-6);
  real(o.shape, 'shape', 0.2, 5);
  real(o.delay, 'delay', 1e-6, 365);
  real(o.window, 'window', 1e-6, 365);
  real(o.drift, 'drift', 0, 5);
  for (const name of signalNames) {
    const pair = o[name];
    if (!(Array.isArray(pair) && pair.length === 2)) throw new TypeError(`${name} must be two probabilities`);
    for (const [k, p] of pair.entries()) real(p, `${name}[${k}]`, 0, 1);
  }
  return o;
}

class Maker {
  readonly #engine: Engine;
  readonly #shop: Shop;
  readonly #set: Required<ExposureOptions>;
  readonly #draws: Draws;
  /** Of each product: what it adds to the log odds, and ln(price / 50) / 2. */
  readonly #appeal: Float32Array;
  readonly #dear: Float64Array;
  readonly #family = new Map<string, number>();
  readonly #base: number;
  readonly #rows: number[][] = [];

  constructor(engine: Engine, shop: Shop, set: Required<ExposureOptions>, draws: Draws) {
    const { kernels } = engine;
    this.#engine = engine;
    this.#shop = shop;
    this.#set = set;
    this.#draws = draws;
    const { price } = shop.items;
    this.#appeal = engine.scope(({ alloc }) => {
      const normal = alloc('f32', price.length);
      kernels.randomNormal(normal.ptr, price.length, APPEAL_SPREAD, set.seed, STREAM.products, APPEAL);
      return normal.copy();
    });
    this.#dear = price.map((p) => kernels.logF64(p / 50) / 2);
    for (const [f, { category }] of families.entries()) this.#family.set(category, f);
    this.#base = kernels.logF64(set.rate / (1 - set.rate));
  }

  /** What customer c is shown: times of a Poisson process, and for each a product and what comes of it. */
  show(c: number): void {
    const { perYear, days } = this.#set;
    const rate = (perYear / YEAR) * this.#shop.customers.activity[c];
    if (!(rate > 0)) return;
    this.#draws.seek(STREAM.exposures, c);
    for (let t = this.#draws.exponential(1 / rate); t < days; t += this.#draws.exponential(1 / rate)) {
      this.#rows.push(this.#exposure(c, Math.floor(t * secondsPerDay)));
    }
  }

  #exposure(c: number, second: number): number[] {
    const { expF64, logF64 } = this.#engine.kernels;
    const { catalogue, customers, items } = this.#shop;
    const { drift, delay, shape, window, cart, revisit } = this.#set;
    const width = families.length;
    const interest = (f: number) =>
      customers.taste[c * width + f] - (f === 0 ? 0 : customers.taste[c * width + f - 1]);
    const f = this.#draws.pick(customers.taste, c * width, (c + 1) * width);
    const models = catalogue.models[f];
    const m = this.#draws.pick(models.popularity);
    const atLarge = this.#draws.pick(catalogue.background);
    const item = this.#draws.next() < AT_LARGE ? atLarge : models.item[m];

    const family = this.#family.get(items.category[item]);
    const all = customers.taste[(c + 1) * width - 1];
    const taste = family === undefined ? 1 : (interest(family) * width) / all;
    const brands = family === undefined ? [] : families[family].brands;
    const favourite =
      brands[Math.floor(customers.favourite[c] * brands.length)] === items.brand[item] ? 1 : 0;
    const activity = customers.activity[c];
    const dear = this.#dear[item];
    const turned = drift * ((2 * second) / (YEAR * secondsPerDay) - 1);
    const logit =
      this.#base +
      WEIGHT.activity * logF64(activity) +
      WEIGHT.taste * logF64(taste) +
      WEIGHT.favourite * favourite +
      turned * dear +
      this.#appeal[item];
    const raw = 1 / (1 + expF64(-logit));
    const scale = delay * expF64(WEIGHT.price * dear) * (favourite ? WEIGHT.quick : 1);

    const weibull = () => scale * expF64(logF64(this.#draws.exponential(1)) / shape);
    const converts = this.#draws.next() < raw;
    const after = weibull();
    const converted = converts && after <= window;
    const seen = [cart, revisit].map(([ifSo, ifNot]) => {
      // Drawn for all, so that another probability moves no later number.
      const shown = this.#draws.next() < (converts ? ifSo : ifNot);
      const fraction = FRACTIONS[Math.floor(this.#draws.next() * FRACTIONS.length)];
      const own = weibull();
      const age = fraction * (converts ? after : own);
      return shown && age < window ? age : Number.NaN;
    });
    return [second, c, item, converted ? after : Number.NaN, ...seen, raw, scale, activity, taste, favourite];
  }

  /** The columns, sorted by time; equal times keep the order of the customers. */
  finish(): Exposures {
    const rows = this.#rows.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const column = (k: number) => Float64Array.from(rows, (row) => row[k]);
    return {
      options: this.#set,
      customer: Int32Array.from(rows, (row) => row[1]),
      item: Int32Array.from(rows, (row) => row[2]),
      time: column(0).map((second) => shopOpens + second),
      delay: column(3),
      signals: [column(4), column(5)],
      activity: column(8),
      taste: column(9),
      favourite: column(10),
      truth: new ExposureTruth(this.#engine, this.#set, column(6), column(7)),
    };
  }
}
