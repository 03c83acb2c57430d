import { fewestProducts } from '../simulate/names.ts';
import type { Args } from './args.ts';

/** The shop that `simulate shop` and `simulate events` are asked for: the same numbers make the same customers. */
export const shopOptions = (args: Args) => ({
  products: args.integer('products', fewestProducts, 20_000),
  customers: args.integer('customers', 1, 1_000_000),
  days: args.integer('days', 2, 3650),
  seed: args.integer('seed', 0, 2 ** 32 - 1),
});
