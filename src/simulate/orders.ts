import type { Engine } from '../engine/engine.ts';
import type { Catalogue, Models } from './catalogue.ts';
import type { Customers } from './customers.ts';
import { Draws, STREAM } from './draws.ts';
import { delayLimit, families } from './families.ts';

/** Order lines as parallel columns, sorted by time, then order, then item. */
export interface Orders {
  /** i32 codes of `Customers` */
  customer: Int32Array;
  /** i32 number of the order, from 0 by time; one order a customer and day */
  order: Int32Array;
  /** i32 codes of `Items` */
  item: Int32Array;
  /** f64 whole epoch seconds, one time an order */
  time: Float64Array;
}

export interface OrderSettings {
  days: number;
  seed: number;
  models: number;
  background: number;
  again: number;
  impulse: number;
  loyalty: number;
  together: number;
  season: number;
  drift: number;
}

/** 2025-01-01T00:00:00Z in epoch seconds. */
export const shopOpens = 1_735_689_600;
export const secondsPerDay = 86_400;
/** Orders come between 08:00 and 22:00 of the shop's clock, which is UTC. */
const OPEN = 8 * 3600;
const OPEN_FOR = 14 * 3600;
/** The season is a triangle around 17 December, 25 days to either side. */
const SEASON_PEAK = 350;
const SEASON_WIDTH = 25;

/**
 * Every customer buys models by taste and other things by popularity at the times of two Poisson processes; each
 * purchase then causes others by the catalogue's leads, and those theirs. A customer's orders depend on nobody else.
 */
export function simulateOrders(
  engine: Engine,
  catalogue: Catalogue,
  customers: Customers,
  settings: OrderSettings,
): Orders {
  return engine.scope((scope) => {
    const draws = new Draws(engine, scope, settings.seed);
    const one = new CustomerOrders(engine, draws, catalogue, customers, settings);
    // One number an order that sorts by time: seconds since opening x orders + order; below 2^53 by the limits.
    const starts: number[] = [];
    const owner: number[] = [];
    const seconds: number[] = [];
    const lines: number[] = [];
    for (let c = 0; c < customers.count; c++) {
      draws.seek(STREAM.orders, c);
      let before = -1;
      for (const key of one.purchases(c)) {
        const day = Math.floor(key / catalogue.isModel.length);
        if (day !== before) {
          starts.push(lines.length);
          owner.push(c);
          seconds.push(day * secondsPerDay + OPEN + Math.floor(draws.next() * OPEN_FOR));
        }
        before = day;
        lines.push(key % catalogue.isModel.length);
      }
    }
    const count = owner.length;
    starts.push(lines.length);
    const byTime = Float64Array.from(seconds, (s, i) => s * count + i).sort();
    const columns: Orders = {
      customer: new Int32Array(lines.length),
      order: new Int32Array(lines.length),
      item: new Int32Array(lines.length),
      time: new Float64Array(lines.length),
    };
    let row = 0;
    for (let order = 0; order < count; order++) {
      const made = byTime[order] % count;
      for (let i = starts[made]; i < starts[made + 1]; i++) {
        columns.customer[row] = owner[made];
        columns.order[row] = order;
        columns.item[row] = lines[i];
        columns.time[row++] = shopOpens + seconds[made];
      }
    }
    return columns;
  });
}

/** The purchases of one customer at a time. */
class CustomerOrders {
  readonly #draws: Draws;
  readonly #catalogue: Catalogue;
  readonly #customers: Customers;
  readonly #settings: OrderSettings;
  /** Of each lead's delay, how far its distribution function reaches before the limit. */
  readonly #reach = new Map<number, number>();
  /** Day and product of each purchase, in the order of making. */
  #days: number[] = [];
  #items: number[] = [];

  constructor(
    engine: Engine,
    draws: Draws,
    catalogue: Catalogue,
    customers: Customers,
    settings: OrderSettings,
  ) {
    this.#draws = draws;
    this.#catalogue = catalogue;
    this.#customers = customers;
    this.#settings = settings;
    for (const leads of catalogue.leads) {
      for (const { delay } of leads) {
        if (!this.#reach.has(delay)) this.#reach.set(delay, 1 - engine.kernels.expF64(-delayLimit / delay));
      }
    }
  }

  /** day x products + product of each purchase of customer c, sorted, each at most once. */
  purchases(c: number): number[] {
    const { models, background, impulse } = this.#settings;
    const products = this.#catalogue.isModel.length;
    this.#days = [];
    this.#items = [];
    const rate = this.#customers.activity[c] / 365;
    this.#process(rate * models, () => this.#model(c), 0);
    const followed = this.#followFrom(0);
    this.#process(rate * background, () => this.#draws.pick(this.#catalogue.background), impulse);
    this.#followFrom(followed);
    const keys = this.#items.map((item, i) => this.#days[i] * products + item).sort((a, b) => a - b);
    return keys.filter((key, i) => key !== keys[i - 1]);
  }

  /**
   * A Poisson process of `perDay` purchases a day; with a season, of the peak's rate, thinned. With probability
   * `joining` a purchase is moved to a day on which the customer buys something already.
   */
  #process(perDay: number, choose: () => number, joining: number): void {
    const { days, season } = this.#settings;
    const planned = this.#days.length;
    if (!(perDay > 0)) return;
    const mean = 1 / (perDay * (1 + season));
    for (let t = this.#draws.exponential(mean); t < days; t += this.#draws.exponential(mean)) {
      let day = Math.floor(t);
      if (season > 0 && this.#draws.next() * (1 + season) >= 1 + season * peak(day)) continue;
      if (planned > 0 && this.#draws.next() < joining)
        day = this.#days[Math.floor(this.#draws.next() * planned)];
      const item = choose();
      if (this.#catalogue.isModel[item] && (this.#items.includes(item) || day < this.#launchDay(item)))
        continue;
      this.#days.push(day);
      this.#items.push(item);
    }
  }

  #launchDay(item: number): number {
    const { days, drift } = this.#settings;
    const launch = this.#catalogue.launch[item];
    return launch < drift ? Math.floor((launch / drift) * 0.8 * days) : 0;
  }

  /** A model of a family by taste: of the favourite brand, or of any, by popularity. */
  #model(c: number): number {
    const { taste, favourite } = this.#customers;
    const width = families.length;
    const f = this.#draws.pick(taste, c * width, (c + 1) * width);
    const { item, brand, popularity }: Models = this.#catalogue.models[f];
    let m = this.#draws.pick(popularity);
    if (this.#draws.next() < this.#settings.loyalty) {
      const wanted = Math.floor(favourite[c] * families[f].brands.length);
      // Redrawing keeps the popularity among the brand's models; a brand without models in a small shop gives up.
      for (let tries = 0; tries < 16 && brand[m] !== wanted; tries++) m = this.#draws.pick(popularity);
    }
    return item[m];
  }

  /** Adds what the purchases from number `from` on cause, directly and indirectly; the number of purchases then. */
  #followFrom(from: number): number {
    let i = from;
    for (; i < this.#items.length; i++) this.#follow(this.#days[i], this.#items[i]);
    return i;
  }

  #follow(day: number, item: number): void {
    const { again, days, together } = this.#settings;
    /** The day of the first accessory: most of the others are bought on the same trip. */
    let trip = -1;
    for (const lead of this.#catalogue.leads[item]) {
      const strength = lead.kind === 'again' ? lead.strength * again : lead.strength;
      if (!(this.#draws.next() < strength)) continue;
      const target = lead.targets[this.#draws.pick(lead.shares)];
      const delay = this.#draws.exponential(lead.delay, this.#reach.get(lead.delay)!);
      let when = day + lead.after + Math.floor(delay);
      if (lead.kind === 'accessory' || lead.kind === 'generic') {
        if (trip < 0) trip = when;
        else if (this.#draws.next() < together) when = trip;
      }
      if (when >= days) continue;
      this.#days.push(when);
      this.#items.push(target);
    }
  }
}

/** 1 at the season's peak, falling to 0 on either side. */
function peak(day: number): number {
  return Math.max(0, 1 - Math.abs((day % 365) - SEASON_PEAK) / SEASON_WIDTH);
}
