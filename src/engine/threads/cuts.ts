import type { Kernels } from '../kernels.ts';

/**
 * How one kernel's call is cut into calls that write different outputs, each number in the order of the whole. Arguments
 * go by their place in the signature.
 */
export interface Cut {
  /** The argument that counts the units (rows, elements, columns, queries): a piece gets its own number of them. */
  readonly count: number;
  /** Pointers that move on with the units, each with the argument that says how many numbers a unit is, or ONE. */
  readonly move: readonly (readonly [pointer: number, width: number])[];
  /** Work of a unit in simple operations, roughly: `times` the product of the arguments `per`. */
  readonly per: readonly number[];
  readonly times: number;
  /** The kernel returns a sum that it adds up by so many units: the results of such calls are added in their order. */
  readonly sum?: number;
  /** An argument that says where among the units a piece begins. */
  readonly first?: number;
  /** Least units a piece, a multiple of 16; 16 when left out. */
  readonly grain?: number;
  /** Scratch: each thread has its own at argument `at`, of as many numbers as `size` says of the arguments `of`. */
  readonly scratch?: { readonly at: number; readonly size: keyof Kernels; readonly of: readonly number[] };
}

const ONE = -1;

const cut = (
  count: number,
  move: Readonly<Record<number, number>>,
  per: Cut['per'],
  times: number,
  more?: Partial<Cut>,
): Cut => ({
  count,
  move: Object.entries(move).map(([pointer, width]) => [Number(pointer), width]),
  per,
  times,
  ...more,
});

/** Element by element: so many pointers, then the count. */
const flat = (pointers: number, times = 1, more?: Partial<Cut>): Cut =>
  cut(pointers, Object.fromEntries(Array.from({ length: pointers }, (_, i) => [i, ONE])), [], times, more);

/** The kernels that are cut; all others run on the calling thread alone. */
export const CUTS: Partial<Record<keyof Kernels, Cut>> = {
  axpy: flat(2),
  scale: flat(2),
  dot: flat(2, 1, { sum: 4096 }),
  exp: flat(2, 4),
  log: flat(2, 4),
  sigmoid: flat(2, 4),
  softplus: flat(2, 8),
  relu: flat(2),
  reluBackward: flat(3),
  tanh: flat(2, 4),
  tanhBackward: flat(3),
  dropout: flat(2, 8, { first: 7 }),
  scaleColumns: cut(3, { 0: 4, 1: 4 }, [4], 1),
  rowNormalize: cut(3, { 0: 4, 1: ONE, 2: 4 }, [4], 2),
  rowNormalizeBackward: cut(4, { 0: 5, 1: 5, 2: 5, 3: ONE }, [5], 2),
  gatherRows: cut(3, { 0: 4, 2: ONE }, [4], 1),
  adam: flat(4, 4),
  adamRows: cut(5, { 1: 6, 4: ONE }, [6], 4),
  adagrad: flat(3, 4),
  sampledSoftmax: cut(6, { 0: 7, 1: ONE, 2: ONE, 4: ONE }, [7], 8, { sum: 1 }),
  logisticLoss: cut(2, { 0: ONE, 1: ONE }, [], 16, { sum: 4096 }),
  topK: cut(7, { 0: 10, 1: 10, 2: 9, 5: 11 }, [8, 9], 1, {
    scratch: { at: 6, size: 'topKScratch', of: [7] },
  }),
  spdUpdate: cut(5, {}, [3, 4], 0.25, {
    ...{ first: 6, grain: 256, scratch: { at: 2, size: 'gemmScratch', of: [3, 4, 5] } },
  }),
  mix: flat(5, 2),
  gather: cut(5, { 0: 6, 2: ONE }, [6], 4),
  scatter: cut(6, { 0: ONE, 1: ONE }, [5], 4, { grain: 32 }),
  pairScores: cut(5, { 0: ONE, 3: ONE, 4: ONE }, [6], 2),
  maskedDegrees: cut(5, { 0: ONE, 1: ONE }, [], 16),
  edgeWeights: cut(8, { 1: ONE, 6: ONE }, [], 16),
};

/** The strided product behind the three forms of gemm, cut by rows of its output or by columns. */
export const PRODUCT: keyof Kernels = 'product';
// Four multiplications and additions a simple operation.
const packed = { grain: 32, scratch: { at: 3, size: 'gemmScratch', of: [4, 5, 6] } } as const;
export const productRows = cut(4, { 0: 7, 1: 8 }, [5, 6], 0.25, packed);
export const productColumns = cut(6, { 0: ONE, 2: 11 }, [4, 5], 0.25, packed);

/** Simple operations below which a call is not cut: about 20 microseconds, where handing out costs 2 to 4. */
const LEAST = 1 << 17;
/** Room for results that are added, by which a sum is cut or not. */
export const RESULTS = 8192;

/** Whether a call is large enough to be shared, and not too large for its results. */
export function isShared({ count, per, times, sum = Infinity }: Cut, args: readonly number[]): boolean {
  let work = args[count] * times;
  for (const i of per) work *= args[i];
  return work >= LEAST && args[count] <= sum * RESULTS;
}

/** Numbers that a pointer moves on a unit. */
export const widthOf = (width: number, args: readonly number[]): number => (width === ONE ? 1 : args[width]);
