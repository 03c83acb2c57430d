/** Plain twins of assembly/nn/topk.ts. */

const excluded = (mask: Uint32Array | null, at: number, id: number) =>
  mask !== null && ((mask[at + (id >> 5)] >>> (id & 31)) & 1) === 1;

/** Keeps scores[at .. at + k) and ids sorted, largest first. */
function offer(
  scores: Float32Array,
  ids: Uint32Array,
  at: number,
  k: number,
  score: number,
  id: number,
): void {
  if (!(score > scores[at + k - 1])) return;
  let i = at + k - 1;
  for (; i > at && score > scores[i - 1]; i--) {
    scores[i] = scores[i - 1];
    ids[i] = ids[i - 1];
  }
  scores[i] = score;
  ids[i] = id;
}

export function topK(
  scores: Float32Array,
  ids: Uint32Array,
  queries: Float32Array,
  items: Float32Array,
  bias: Float32Array | null,
  exclude: Uint32Array | null,
  _scratch: unknown,
  q: number,
  n: number,
  d: number,
  k: number,
  stride: number,
): void {
  scores.fill(Number.NEGATIVE_INFINITY);
  ids.fill(0xffffffff);
  if (k === 0) return;
  for (let j = 0; j < q; j++) {
    for (let i = 0; i < n; i++) {
      if (excluded(exclude, j * stride, i)) continue;
      let sum = 0;
      for (let c = 0; c < d; c++) sum += queries[j * d + c] * items[i * d + c];
      offer(scores, ids, j * k, k, Math.fround(Math.fround(sum) + (bias === null ? 0 : bias[i])), i);
    }
  }
}

export function topKRow(
  scores: Float32Array,
  ids: Uint32Array,
  row: Float32Array,
  exclude: Uint32Array | null,
  n: number,
  k: number,
): void {
  scores.fill(Number.NEGATIVE_INFINITY);
  ids.fill(0xffffffff);
  if (k === 0) return;
  for (let i = 0; i < n; i++) if (!excluded(exclude, 0, i)) offer(scores, ids, 0, k, row[i], i);
}
