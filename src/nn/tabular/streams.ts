/** Philox streams of the tabular learner, apart from those of the rooms (below 256 and from 512 on). */
export const TABULAR_STREAM = {
  /** order of the rows, the epoch is the step */
  order: 256,
  /** start of the slot tables */
  table: 257,
  /** one for each hidden layer, up to 16 */
  layer: 272,
  dropout: 288,
  /** masks of sampled passes */
  sample: 304,
} as const;
