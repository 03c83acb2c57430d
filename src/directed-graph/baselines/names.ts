/** Every baseline by name, in the order in which they are built. */
export const BASELINES = [
  'popularity',
  'twoHop',
  'walkMix',
  'walkMixFitted',
  'sourceKnn',
  'targetKnn',
  'ppr',
  'svd',
  'ease',
  'contentCosine',
  'blend',
  'control',
] as const;

export type BaselineName = (typeof BASELINES)[number];
