import { integer, options, real } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { type AlsoViewed, simulateViews } from './also-viewed.ts';
import { type Catalogue, type Items, makeCatalogue } from './catalogue.ts';
import { type Customers, makeCustomers } from './customers.ts';
import { type ItemFeatures, itemFeatures } from './features.ts';
import { fewestProducts } from './names.ts';
import { type Orders, simulateOrders } from './orders.ts';
import type { Truth } from './truth.ts';

export interface ShopOptions {
  /** Products of the catalogue, `fewestProducts` (46) to 20,000. */
  products?: number;
  /** 1 to 1,000,000; 10 a product when absent, which lets every model sell often enough to show its truth. */
  customers?: number;
  /** Days of trade from 2025-01-01, 2 to 3,650. */
  days?: number;
  /** Whole number from 0 to 2^32 - 1. */
  seed?: number;
  /** Models (phones, cameras ...) an average customer buys in a year, 0 to 1,000. */
  models?: number;
  /** Purchases without a reason an average customer makes in a year, 0 to 1,000. */
  background?: number;
  /** Probability that a purchase without a reason joins an order the customer makes anyway, 0 to 1. */
  impulse?: number;
  /** Buying the same consumable or accessory again, as a multiple of the catalogue's probability, 0 to 2. */
  again?: number;
  /** Probability of choosing among the favourite brand's models only, 0 to 1. */
  loyalty?: number;
  /** Probability that a further accessory of one purchase is bought on the day of the first, 0 to 1. */
  together?: number;
  /** December trade is 1 + season times the usual, 0 (off) to 10. */
  season?: number;
  /** Share of the models that come to the shop during the simulated time instead of before it, 0 (off) to 1. */
  drift?: number;
}

/** 4,000 customers, 29,000 orders with 36,000 lines. */
export const shopDefaults = {
  products: 400,
  customers: undefined,
  days: 365,
  seed: 1,
  models: 2.5,
  background: 2,
  impulse: 0.8,
  again: 1,
  loyalty: 0.3,
  together: 0.85,
  season: 0,
  drift: 0,
} as const satisfies ShopOptions;

/** A simulated shop. Codes of products and customers are whole numbers from 0. */
export interface Shop {
  /** The options, defaults included. */
  readonly options: Required<ShopOptions>;
  readonly items: Items;
  readonly orders: Orders;
  readonly truth: Truth;
  readonly features: ItemFeatures;
  readonly alsoViewed: AlsoViewed;
  /** What the orders were made from; for simulating more about the same customers. */
  readonly catalogue: Catalogue;
  readonly customers: Customers;
}

/**
 * A small electronics shop with a known relation "leads to": its orders, products and the truth behind them. The same
 * options give the same bits on every runtime. Orders show more than the truth, as real ones do: things bought because
 * of the same model follow each other, so a "bought U, then V" graph joins a case and a screen glass as well.
 * TypeError and RangeError name the option.
 */
export function simulateShop(engine: Engine, given?: ShopOptions): Shop {
  const o = checked(given);
  const catalogue = makeCatalogue(checkEngine(engine), o.products, o.seed);
  const customers = makeCustomers(engine, o.customers, o.seed);
  const orders = simulateOrders(engine, catalogue, customers, o);
  return {
    options: o,
    items: catalogue.items,
    orders,
    truth: catalogue.truth,
    features: itemFeatures(catalogue.items),
    alsoViewed: simulateViews(engine, catalogue, orders, o.seed),
    catalogue,
    customers,
  };
}

function checked(given: ShopOptions | undefined): Required<ShopOptions> {
  const { customers, ...rest } = options<ShopOptions>(given, shopDefaults, 'simulateShop');
  const o = { customers: customers ?? 0, ...rest } as Required<ShopOptions>;
  integer(o.products, 'products', fewestProducts, 20_000);
  o.customers = integer(customers ?? 10 * o.products, 'customers', 1, 1_000_000);
  integer(o.days, 'days', 2, 3650);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  real(o.models, 'models', 0, 1000);
  real(o.background, 'background', 0, 1000);
  real(o.impulse, 'impulse', 0, 1);
  real(o.again, 'again', 0, 2);
  real(o.loyalty, 'loyalty', 0, 1);
  real(o.together, 'together', 0, 1);
  real(o.season, 'season', 0, 10);
  real(o.drift, 'drift', 0, 1);
  return o;
}
