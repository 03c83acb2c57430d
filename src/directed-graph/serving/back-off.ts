import type { Engine } from '../../engine/engine.ts';
import type { DirectedGraph } from '../graph.ts';

/**
 * The ranker is fitted on pairs that the graph does not have, and knows nothing of those that it has. So its
 * probabilities are what counts back off to (Witten and Bell 1991): an item u with T followers, c(v) the weight of each
 * (at least 1) and N their sum, has
 *   P(v | u) = (c(v) + T p(v)) / (N + T),  p(v) = exp z(v) / (exp z(v) + sum of exp z over the others that do not follow u).
 */
export interface BackOff {
  /** log T / (N + T), which every answer has; 0 for an item without followers. */
  readonly level: number;
  readonly followers: ReadonlyMap<number, Follower>;
}

/** What the answer v rests on where u is known to lead to it. */
export interface Follower {
  /** log(exp z(v) / sum of exp z over the non-followers): the ranker's log-odds. */
  readonly odds: number;
  /** T p(v) / (c(v) + T p(v)): how much of the probability is the ranker's. */
  readonly share: number;
  /** log c(v) / (N + T): what counts alone give. */
  readonly counted: number;
}

const NOBODY: BackOff = { level: 0, followers: new Map() };

/** Turns z - log sum exp z over the non-followers of u, in `logs` f32[nodes], into log P(. | u). */
export function backOff({ kernels }: Engine, graph: DirectedGraph, u: number, logs: Float32Array): BackOff {
  const { indptr, indices, weights } = graph.out;
  const [from, to] = [indptr[u], indptr[u + 1]];
  const size = to - from;
  if (size === 0) return NOBODY;
  const { expF64, logF64 } = kernels;
  const count = (e: number) => (weights ? Math.max(1, weights[e]) : 1);
  let total = size;
  for (let e = from; e < to; e++) total += count(e);
  const level = logF64(size / total);
  const followers = new Map<number, Follower>();
  const chances: number[] = [];
  for (let e = from; e < to; e++) {
    const odds = logs[indices[e]];
    const ranked = size / (1 + expF64(-odds));
    followers.set(indices[e], {
      odds,
      share: ranked / (count(e) + ranked),
      counted: logF64(count(e) / total),
    });
    chances.push(logF64((count(e) + ranked) / total));
  }
  for (let v = 0; v < logs.length; v++) logs[v] += level;
  for (let e = from; e < to; e++) logs[indices[e]] = chances[e - from];
  return { level, followers };
}
