/**
 * Philox streams of the room: each use of random numbers has its own, so that adding one never shifts another.
 * Together with the seed they are the key; the step (and the element) is the counter.
 */
export const STREAM = {
  projection: 1,
  mapS: 2,
  mapT: 3,
  /** and 5 for the second table */
  table: 4,
  /** one for each layer, up to 16 */
  weight: 16,
  /** and 33 for the second table */
  dropout: 32,
  mask: 34,
  positives: 35,
  negatives: 36,
  coView: 37,
  coViewNegatives: 38,
  validation: 39,
  /** one for each layer and direction, up to 32 */
  sampler: 64,
  split: 128,
  baselines: 160,
  evaluation: 192,
  /** and 225 .. 255, see ranker/draw.ts */
  ranker: 224,
  /** new edges, 257 old ones beside them, 258 negatives */
  update: 256,
} as const;
