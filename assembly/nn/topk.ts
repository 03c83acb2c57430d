// Exact top-k by inner product: scores of a block of items at a time, then a scan that touches only what beats the
// k-th best so far. A score has the same bits whether its query comes alone or in a batch.

import { at4, sum4 } from '../engine/simd';

/** Items of a block: their scores stay in L1 for one query, in L2 for a batch. */
const ITEMS: i32 = 512;
/** Queries of a block. */
const QUERIES: i32 = 64;

/** Floats of scratch for `topK`: a block of scores. */
export function topKScratch(q: i32): i32 {
  return min(q, QUERIES) * ITEMS;
}

// Every product below adds dimensions l, l + 4, l + 8, ... in lane l, then the lanes as (0 + 1) + (2 + 3), then the
// d % 4 last dimensions one by one: one order, whatever the tile, hence the same bits.

/** The four sums of four vectors, each (0 + 1) + (2 + 3). */
function sums(a: v128, b: v128, c: v128, e: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  const ce = f32x4.add(v128.shuffle<f32>(c, e, 0, 2, 4, 6), v128.shuffle<f32>(c, e, 1, 3, 5, 7));
  return f32x4.add(v128.shuffle<f32>(ab, ce, 0, 2, 4, 6), v128.shuffle<f32>(ab, ce, 1, 3, 5, 7));
}

/** out += the products of dimensions d - d % 4 .. d of one item and one query. */
function rest(out: usize, item: usize, query: usize, d: i32): void {
  for (let j = d & ~3; j < d; j++) {
    store<f32>(out, load<f32>(out) + load<f32>(at4(item, j)) * load<f32>(at4(query, j)));
  }
}

// @ts-ignore: decorator
@inline
function add(s: v128, x: v128, item: usize): v128 {
  return f32x4.add(s, f32x4.mul(x, v128.load(item)));
}

/** out[n] = items[n x d] query[d]: eight items at a time. */
function dots(out: usize, items: usize, query: usize, n: i32, d: i32): void {
  const r1 = (<usize>d) << 2, r2 = r1 + r1, r3 = r2 + r1, r4 = r2 + r2;
  const end = at4(query, d & ~3);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    let p = at4(items, i * d);
    for (let q = query; q < end; q += 16) {
      const x = v128.load(q), h = p + r4;
      s0 = add(s0, x, p);
      s1 = add(s1, x, p + r1);
      s2 = add(s2, x, p + r2);
      s3 = add(s3, x, p + r3);
      s4 = add(s4, x, h);
      s5 = add(s5, x, h + r1);
      s6 = add(s6, x, h + r2);
      s7 = add(s7, x, h + r3);
      p += 16;
    }
    const o = at4(out, i);
    v128.store(o, sums(s0, s1, s2, s3));
    v128.store(o, sums(s4, s5, s6, s7), 16);
    if (d & 3) for (let j = 0; j < 8; j++) rest(at4(o, j), at4(items, (i + j) * d), query, d);
  }
  for (; i < n; i++) {
    let s = f32x4.splat(0);
    let p = at4(items, i * d);
    for (let q = query; q < end; q += 16) {
      s = add(s, v128.load(q), p);
      p += 16;
    }
    store<f32>(at4(out, i), sum4(s));
    rest(at4(out, i), at4(items, i * d), query, d);
  }
}

/** out[4 x n] with row stride ITEMS = queries[4 x d] items[n x d]^T: two items at a time. */
function dots4(out: usize, items: usize, queries: usize, n: i32, d: i32): void {
  const r1 = (<usize>d) << 2, r2 = r1 + r1, r3 = r2 + r1;
  const end = at4(queries, d & ~3);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    let p = at4(items, i * d);
    for (let q = queries; q < end; q += 16) {
      const x = v128.load(p), y = v128.load(p + r1);
      const q0 = v128.load(q);
      s00 = f32x4.add(s00, f32x4.mul(q0, x));
      s01 = f32x4.add(s01, f32x4.mul(q0, y));
      const q1 = v128.load(q + r1);
      s10 = f32x4.add(s10, f32x4.mul(q1, x));
      s11 = f32x4.add(s11, f32x4.mul(q1, y));
      const q2 = v128.load(q + r2);
      s20 = f32x4.add(s20, f32x4.mul(q2, x));
      s21 = f32x4.add(s21, f32x4.mul(q2, y));
      const q3 = v128.load(q + r3);
      s30 = f32x4.add(s30, f32x4.mul(q3, x));
      s31 = f32x4.add(s31, f32x4.mul(q3, y));
      p += 16;
    }
    const upper = sums(s00, s01, s10, s11), lower = sums(s20, s21, s30, s31);
    const o = at4(out, i);
    v128.store64_lane(o, upper, 0);
    v128.store64_lane(o, upper, 1, ITEMS * 4);
    v128.store64_lane(o, lower, 0, ITEMS * 8);
    v128.store64_lane(o, lower, 1, ITEMS * 12);
    if (d & 3) {
      for (let r = 0; r < 4; r++) {
        const query = at4(queries, r * d);
        rest(at4(o, r * ITEMS), at4(items, i * d), query, d);
        rest(at4(o, r * ITEMS + 1), at4(items, (i + 1) * d), query, d);
      }
    }
  }
  if (i < n) for (let r = 0; r < 4; r++) dots(at4(out, r * ITEMS + i), at4(items, i * d), at4(queries, r * d), 1, d);
}

/** Puts `score` behind everything in scores[k] that is at least as large; the last one falls out. */
function insert(scores: usize, ids: usize, k: i32, score: f32, id: i32): void {
  let low = 0, high = k - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f32>(at4(scores, middle)) >= score) low = middle + 1;
    else high = middle;
  }
  const bytes = (<usize>(k - 1 - low)) << 2;
  memory.copy(at4(scores, low + 1), at4(scores, low), bytes);
  memory.copy(at4(ids, low + 1), at4(ids, low), bytes);
  store<f32>(at4(scores, low), score);
  store<i32>(at4(ids, low), id);
}

/** Offers row[n], the scores of items first, first + 1, ..., to the sorted list scores[k], ids[k]. */
function scan(scores: usize, ids: usize, row: usize, bias: usize, exclude: usize, first: i32, n: i32, k: i32): void {
  const last = at4(scores, k - 1);
  let i = 0;
  while (i < n) {
    // Four at a time past everything that does not beat the k-th; NaN never does.
    const least = v128.load_splat<f32>(last);
    for (; i + 4 <= n; i += 4) {
      let v = v128.load(at4(row, i));
      if (bias) v = f32x4.add(v, v128.load(at4(bias, first + i)));
      if (v128.any_true(f32x4.gt(v, least))) break;
    }
    for (const end = min(i + 4, n); i < end; i++) {
      const id = first + i;
      const score: f32 = load<f32>(at4(row, i)) + (bias ? load<f32>(at4(bias, id)) : 0);
      if (!(score > load<f32>(last))) continue;
      if (exclude && ((load<u32>(at4(exclude, id >> 5)) >> (id & 31)) & 1)) continue;
      insert(scores, ids, k, score, id);
    }
  }
}

/** scores[n] = -infinity, ids[n] = 0xffffffff: a list with nothing in it. */
function clear(scores: usize, ids: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<f32>(at4(scores, i), -Infinity);
  memory.fill(ids, 255, (<usize>n) << 2);
}

/**
 * scores f32[q x k], ids u32[q x k] = for each row of queries[q x d] the k largest of items[n x d] query + bias[n],
 * largest first, equal ones by lower id. bias 0 is none. exclude is 0 or bitsets of u32[ceil(n / 32)] whose set bits
 * are passed over: one for all queries when `stride` is 0, else one every `stride` words. NaN and -infinity are never
 * chosen; what is missing at the end is -infinity and 0xffffffff. scratch f32[topKScratch(q)].
 */
export function topK(
  scores: usize, ids: usize, queries: usize, items: usize, bias: usize, exclude: usize, scratch: usize,
  q: i32, n: i32, d: i32, k: i32, stride: i32,
): void {
  clear(scores, ids, q * k);
  if (k == 0) return;
  for (let from = 0; from < q; from += QUERIES) {
    const count = min(QUERIES, q - from);
    for (let first = 0; first < n; first += ITEMS) {
      const block = min(ITEMS, n - first);
      const x = at4(items, first * d);
      let j = 0;
      for (; j + 4 <= count; j += 4) dots4(at4(scratch, j * ITEMS), x, at4(queries, (from + j) * d), block, d);
      for (; j < count; j++) dots(at4(scratch, j * ITEMS), x, at4(queries, (from + j) * d), block, d);
      for (j = 0; j < count; j++) {
        const at = from + j;
        const row = at4(scratch, j * ITEMS);
        scan(at4(scores, at * k), at4(ids, at * k), row, bias, exclude ? at4(exclude, at * stride) : 0, first, block, k);
      }
    }
  }
}

/** scores f32[k], ids u32[k] = the k largest of row[n] by the rules of `topK`. */
export function topKRow(scores: usize, ids: usize, row: usize, exclude: usize, n: i32, k: i32): void {
  clear(scores, ids, k);
  if (k > 0) scan(scores, ids, row, 0, exclude, 0, n, k);
}
