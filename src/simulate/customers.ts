import type { Engine } from '../engine/engine.ts';
import { STREAM } from './draws.ts';
import { families } from './families.ts';

/**
 * Who shops. A customer is a pure function of (seed, its number): the first hundred of a shop of a thousand are the
 * customers of a shop of a hundred.
 */
export interface Customers {
  readonly count: number;
  /** f64[count], purchases relative to the average customer: log-normal with mean 1. */
  readonly activity: Float64Array;
  /** f64[count x families], running totals of the interest in each family; the last of a row is its total. */
  readonly taste: Float64Array;
  /** f32[count] in [0, 1): position of the favourite brand in any family's list of brands. */
  readonly favourite: Float32Array;
}

/** Spread of the logarithm of activity and of the interest in a family. */
const ACTIVITY_SPREAD = 0.6;
const TASTE_SPREAD = 1;

/** Steps of the stream `customers`; a new property takes a new number and leaves the old ones as they are. */
const STEP = { activity: 0, taste: 1, favourite: 2 } as const;

export function makeCustomers(engine: Engine, count: number, seed: number): Customers {
  const { kernels } = engine;
  const width = families.length;
  return engine.scope((scope) => {
    const numbers = scope.alloc('f32', count * width);
    kernels.randomNormal(numbers.ptr, count, ACTIVITY_SPREAD, seed, STREAM.customers, STEP.activity);
    const mean = (ACTIVITY_SPREAD * ACTIVITY_SPREAD) / 2;
    const activity = new Float64Array(count);
    for (let c = 0; c < count; c++) activity[c] = kernels.expF64(numbers.array[c] - mean);

    kernels.randomNormal(numbers.ptr, count * width, TASTE_SPREAD, seed, STREAM.customers, STEP.taste);
    const normal = numbers.array;
    const taste = new Float64Array(count * width);
    for (let c = 0; c < count; c++) {
      let total = 0;
      for (let f = 0; f < width; f++) {
        total += families[f].demand * kernels.expF64(normal[c * width + f]);
        taste[c * width + f] = total;
      }
    }
    kernels.randomUniform(numbers.ptr, count, seed, STREAM.customers, STEP.favourite);
    return { count, activity, taste, favourite: numbers.array.slice(0, count) };
  });
}

/** The name of customer number c: 'c00001' is the first. */
export const customerId = (c: number): string => `c${String(c + 1).padStart(5, '0')}`;
