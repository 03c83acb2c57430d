import { transposeCsr } from '../csr.ts';
import type { NodeFeatures } from '../features.ts';
import type { FeatureRow } from './input-rows.ts';
import { unit } from './similar.ts';

export interface Like {
  readonly node: number;
  /** Of the idf-weighted features. */
  readonly cosine: number;
}

/** Finds the known items with the most similar features, over lists of the nodes that have each one. */
export class LikeItems {
  readonly #nodes: Uint32Array;
  readonly #values: Float32Array;
  readonly #indptr: Uint32Array;
  readonly #cosine: Float32Array;

  constructor(features: NodeFeatures) {
    const { csr } = transposeCsr(features.csr, features.columns);
    this.#indptr = csr.indptr;
    this.#nodes = csr.indices;
    this.#values = csr.weights!;
    this.#cosine = new Float32Array(features.rows);
  }

  /** The `count` most alike, best first; of equals the lower node. */
  of({ indices, values }: FeatureRow, count = 50): Like[] {
    const cosine = this.#cosine.fill(0);
    indices.forEach((f, i) => {
      for (let e = this.#indptr[f]; e < this.#indptr[f + 1]; e++) {
        cosine[this.#nodes[e]] += values[i] * this.#values[e];
      }
    });
    const best: Like[] = [];
    let worst = 0;
    for (let node = 0; node < cosine.length; node++) {
      if (!(cosine[node] > worst)) continue;
      let at = best.length < count ? best.push({ node, cosine: 0 }) - 1 : count - 1;
      for (; at > 0 && best[at - 1].cosine < cosine[node]; at--) best[at] = best[at - 1];
      best[at] = { node, cosine: cosine[node] };
      if (best.length === count) worst = best[count - 1].cosine;
    }
    return best;
  }
}

/** How many like items stand in for missing edges, and how much they count beside the item's own features. */
const STAND_INS = 10;
const WEIGHT = 2;

/**
 * A new item's vector on a side where it has no edges: its own direction plus twice the mean direction of the ten most
 * alike items that have edges there, weighted by the square of the cosine; the length of its own. Chosen on three real
 * sets (bench/rooms/cold.ts): features alone reach 79 % of the hits.
 */
export function blended(
  own: Float32Array,
  rows: Float32Array,
  like: readonly Like[],
  hasEdges: (node: number) => boolean,
): Float32Array {
  const d = own.length;
  const mean = new Float32Array(d);
  let length = 0;
  let taken = 0;
  for (const { node, cosine } of like) {
    if (taken === STAND_INS) break;
    if (!hasEdges(node)) continue;
    taken++;
    let square = 0;
    for (let c = 0; c < d; c++) {
      const x = rows[node * d + c];
      mean[c] += cosine * cosine * x;
      square += x * x;
    }
    length += Math.sqrt(square);
  }
  if (taken === 0) return own;
  const toward = unit(mean);
  const direction = unit(unit(own).map((x, c) => x + WEIGHT * toward[c]));
  return direction.map((x) => (x * length) / taken);
}
