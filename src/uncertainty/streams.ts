/** Philox streams of the room: each use of random numbers has its own. With the seed they are the key. */
export const STREAM = {
  split: 1024,
  folds: 1025,
  redraw: 1026,
  monotone: 1027,
} as const;
