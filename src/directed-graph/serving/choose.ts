import type { Categories } from './catalogue.ts';

/** Candidates of one query, best first. */
export interface Pool {
  readonly ids: readonly number[];
  readonly scores: readonly number[];
}

export interface Choice {
  readonly k: number;
  readonly diversity: number;
  readonly perCategory: number;
  readonly categories: Categories | undefined;
  /** Rows by which two answers are alike: f32[nodes x d]. */
  readonly vectors: Float32Array;
  readonly d: number;
}

/** How many candidates MMR chooses among: enough to differ, few enough to stay relevant. */
export const poolSize = ({ k, diversity }: Pick<Choice, 'k' | 'diversity'>, free: number): number =>
  Math.min(free, diversity > 0 ? Math.max(50, 5 * k) : k);

/** How many of the candidates could be answered together under the cap. */
export function roomUnderCap(ids: readonly number[], { perCategory, categories }: Choice): number {
  if (!categories || perCategory === Infinity) return ids.length;
  const taken = new Map<number, number>();
  let room = 0;
  for (const id of ids) {
    const category = categories.of[id];
    const count = (taken.get(category) ?? 0) + 1;
    taken.set(category, count);
    if (category < 0 || count <= perCategory) room++;
  }
  return room;
}

/**
 * Places in the pool of at most k answers, in their order. Each is the best left by
 *   (1 - diversity) x score scaled to [0, 1] over the pool - diversity x largest cosine with an answer before it
 * (Carbonell and Goldstein 1998), whose category is not full; with diversity 0 the order of the pool.
 */
export function choose(pool: Pool, choice: Choice): number[] {
  const { k, diversity, perCategory, categories, vectors, d } = choice;
  const n = pool.ids.length;
  const taken = new Map<number, number>();
  const full = (id: number) => {
    const category = categories ? categories.of[id] : -1;
    return category >= 0 && (taken.get(category) ?? 0) >= perCategory;
  };
  const take = (id: number) => {
    const category = categories ? categories.of[id] : -1;
    if (category >= 0) taken.set(category, (taken.get(category) ?? 0) + 1);
  };
  const chosen: number[] = [];
  if (diversity === 0) {
    for (let i = 0; i < n && chosen.length < k; i++) {
      if (full(pool.ids[i])) continue;
      take(pool.ids[i]);
      chosen.push(i);
    }
    return chosen;
  }
  const units = unitRows(vectors, pool.ids, d);
  const low = pool.scores[n - 1];
  const span = pool.scores[0] - low || 1;
  const alike = new Float64Array(n).fill(-1);
  const left = Array.from({ length: n }, (_, i) => i);
  while (chosen.length < k && left.length > 0) {
    let best = -1;
    let bestValue = -Infinity;
    for (let at = 0; at < left.length; at++) {
      const i = left[at];
      if (full(pool.ids[i])) continue;
      const relevance = (pool.scores[i] - low) / span;
      const value = (1 - diversity) * relevance - (chosen.length > 0 ? diversity * alike[i] : 0);
      if (value > bestValue) [best, bestValue] = [at, value];
    }
    if (best < 0) break;
    const [i] = left.splice(best, 1);
    take(pool.ids[i]);
    chosen.push(i);
    for (const j of left) {
      let cosine = 0;
      for (let c = 0; c < d; c++) cosine += units[i * d + c] * units[j * d + c];
      if (cosine > alike[j]) alike[j] = cosine;
    }
  }
  return chosen;
}

/** Rows of `vectors` at unit length; a zero row stays zero. */
function unitRows(vectors: Float32Array, ids: readonly number[], d: number): Float64Array {
  const units = new Float64Array(ids.length * d);
  ids.forEach((id, i) => {
    let square = 0;
    for (let c = 0; c < d; c++) square += vectors[id * d + c] * vectors[id * d + c];
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let c = 0; c < d; c++) units[i * d + c] = vectors[id * d + c] * scale;
  });
  return units;
}
