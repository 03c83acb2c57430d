import type { RankModel } from './fit.ts';
import { type PairFeatures, RARE_BUCKETS } from './pair-features.ts';
import type { Evidence, Side } from './source.ts';

/** One feature's part of the linear score of a pair. */
export interface Term {
  readonly name: string;
  readonly evidence: Evidence;
  readonly value: number;
}

/** The linear score of a pair as terms that add up to it. `x` gives the pair's value of each feature. */
export function linearTerms(
  features: PairFeatures,
  { linear, scale, rareBoost }: RankModel,
  u: number,
  v: number,
  x: (feature: number) => number,
): { terms: Term[]; sales: number; rare: number } {
  const { names, evidence, inDegree, outDegree, bucket } = features;
  const terms: Term[] = [];
  for (let f = 0; f < names.length; f++) {
    const weight = linear.w[f] + inDegree[v] * linear.a[f] + outDegree[u] * linear.b[f];
    const value = weight * scale[f] * x(f);
    if (value !== 0) terms.push({ name: names[f], evidence: evidence[f], value });
  }
  return { terms, sales: linear.k[bucket[v]], rare: bucket[v] < RARE_BUCKETS ? rareBoost : 0 };
}

/**
 * The items w between u and v that a term rests on, with the part of `value` that each gives: by its share of the sum
 * left[u, w] right[v, w] (where the feature is a logarithm of the sum, by the chord from 0). Empty where there is no sum.
 */
export function between(
  { left, right }: Evidence,
  u: number,
  v: number,
  value: number,
): { node: number; value: number }[] {
  if (!left || !right) return [];
  const found: { node: number; value: number }[] = [];
  let sum = 0;
  const entry = ({ weights }: Side, e: number) => (weights ? weights[e] : 1);
  let e = left.csr.indptr[u];
  let f = right.csr.indptr[v];
  const [endLeft, endRight] = [left.csr.indptr[u + 1], right.csr.indptr[v + 1]];
  while (e < endLeft && f < endRight) {
    const node = left.csr.indices[e];
    const other = right.csr.indices[f];
    if (node === other) {
      const product = entry(left, e++) * entry(right, f++);
      found.push({ node, value: product });
      sum += product;
    } else if (node < other) e++;
    else f++;
  }
  // A sum that cancels out has no shares.
  if (!(Math.abs(sum) > 1e-9)) return [];
  for (const part of found) part.value *= value / sum;
  return found;
}
