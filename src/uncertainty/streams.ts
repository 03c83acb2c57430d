/** Philox streams of the room: each use of random numbers has its own. With the seed they are the key. */
export const STREAM = {
  split: 256,
  folds: 257,
  redraw: 258,
  monotone: 259,
} as const;
