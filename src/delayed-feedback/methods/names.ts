export const METHODS = [
  'static',
  'oracle',
  'vanilla',
  'wait',
  'reinsert',
  'fnw',
  'fnc',
  'fsiw',
  'dfm',
  'esdfm',
  'defer',
  'defuse',
  'softLabel',
  'gdfm',
  'engagement',
  'telescoping',
] as const;
export type MethodName = (typeof METHODS)[number];

/** What each method does, in a sentence. */
export const methodText: Record<MethodName, string> = {
  static: 'learns from the history only and is never updated',
  oracle: 'knows every final label at once: the limit that no real method reaches',
  vanilla: 'takes every label as it looks at the end of the step, so that late conversions count as none',
  wait: 'uses each row once, after a fixed waiting time',
  reinsert: 'counts each row as a negative at once and again as a positive when it converts',
  fnw: 'the same rows, weighted by the own prediction (fake negatives weighted)',
  fnc: 'the same rows, unweighted, with the prediction corrected afterwards (fake negatives calibrated)',
  fsiw: 'uses each row once after a short time, weighted by how likely its label is to change',
  dfm: 'models the delay of conversions together with their probability',
  esdfm: 'waits a short time, adds late conversions, and weights both for what was missed',
  defer: 'waits a short time and uses each row a second time with its final label',
  defuse: 'as esdfm, with the unseen part of each negative counted as the positive it may become',
  softLabel:
    'uses each row once after a short time, with the probability that it still converts as its label',
  gdfm: 'uses each row at several ages, by what its signals say at each',
  engagement: 'as esdfm, with the weights conditioned on the signals before the conversion',
  telescoping: 'keeps a probability for each open row and learns from every change of it (recommended)',
};
