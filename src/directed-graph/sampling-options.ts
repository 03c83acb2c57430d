export interface SamplingOptions {
  /** Neighbours of a node in each direction, by layer, nearest the input first; the last is repeated. */
  fanout: number[];
  /** The same number for every node, or larger for low and smaller for high degree at equal total (power-law CCDF). */
  budget: 'fixed' | 'degree-adaptive';
  /** A neighbour's chance grows with its degree to this power: 0, .25, .5, .75 or 1. */
  degreePower: number;
  /** Nodes with fewer neighbours than their budget are filled from short walks. */
  fill: 'none' | 'alternating' | 'forward';
  /** Walks a node for the fill. */
  walks: number;
}

export const samplingDefaults: SamplingOptions = {
  fanout: [10, 10, 10],
  budget: 'fixed',
  degreePower: 0,
  fill: 'none',
  walks: 32,
};
