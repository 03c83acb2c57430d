// Neighbourhood sampling without replacement on one direction of a graph, multi-hop fill, and relabelling.
//
// An adjacency is one u32 array [n + 1 + 2 m]: row pointers, the neighbour of each entry, and the position of each
// entry's edge among the `out` edges. A mask is a bitset over those positions: a set bit hides the edge. Every draw
// is a word of Philox with counter (node, step, draw / 4, use) and key (seed, stream), so neither the order of the
// frontier nor the division among threads changes a pick.

import { at4 } from '../engine/simd';
import { logF64 } from '../engine/math';
import { bounded, philoxBlock, rejected } from '../engine/random';

/** Fourth word of the counter: engine/random's streams use 0, so no use here shares bits with them. */
const PICK: u32 = 1;
const WALK: u32 = 2;
const NEGATIVE: u32 = 3;

// @ts-ignore: decorator
@inline
function at8(p: usize, i: u32): usize {
  return p + ((<usize>i) << 3);
}

/**
 * Unbiased number in [0, bound) from the next words of the stream. scratch holds the current block of four words and
 * the number of words used.
 */
function draw(scratch: usize, bound: u32, node: u32, use: u32, seed: u32, stream: u32, step: u32): u32 {
  let used = load<u32>(scratch, 16);
  let bits: u32;
  do {
    if ((used & 3) == 0) philoxBlock(scratch, node, step, used >> 2, use, seed, stream);
    bits = load<u32>(at4(scratch, used & 3));
    used++;
  } while (rejected(bits, bound));
  store<u32>(scratch, used, 16);
  return bounded(bits, bound);
}

/** Whether entry e is visible: not masked, and not later than `limit` (time 0: no times). */
// @ts-ignore: decorator
@inline
function visible(e: u32, position: usize, mask: usize, time: usize, limit: f64): bool {
  if (mask) {
    const edge = load<u32>(at4(position, e));
    if ((load<u32>(at4(mask, edge >> 5)) >> (edge & 31)) & 1) return false;
  }
  return time == 0 || load<f64>(at8(time, e)) <= limit;
}

// @ts-ignore: decorator
@inline
function testBit(bits: usize, i: u32): bool {
  return ((load<u64>(at8(bits, i >> 6)) >> (i & 63)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
function setBit(bits: usize, i: u32): void {
  const p = at8(bits, i >> 6);
  store<u64>(p, load<u64>(p) | ((<u64>1) << (i & 63)));
}

/** Writes the entries whose bits are set, in ascending order, and clears the bits. Returns the new count. */
function emit(node: usize, edge: usize, count: u32, bits: usize, begin: u32, d: u32, indices: usize, position: usize): u32 {
  const words = (d + 63) >> 6;
  for (let w: u32 = 0; w < words; w++) {
    let set = load<u64>(at8(bits, w));
    if (set == 0) continue;
    store<u64>(at8(bits, w), 0);
    for (; set != 0; set &= set - 1) {
      const e = begin + (w << 6) + <u32>ctz(set);
      store<u32>(at4(node, count), load<u32>(at4(indices, e)));
      store<u32>(at4(edge, count), load<u32>(at4(position, e)));
      count++;
    }
  }
  return count;
}

/** Writes every visible entry of a row. Returns the new count. */
function emitAll(
  node: usize, edge: usize, count: u32, begin: u32, end: u32, indices: usize, position: usize, mask: usize, time: usize, limit: f64,
): u32 {
  for (let e = begin; e < end; e++) {
    if (!visible(e, position, mask, time, limit)) continue;
    store<u32>(at4(node, count), load<u32>(at4(indices, e)));
    store<u32>(at4(edge, count), load<u32>(at4(position, e)));
    count++;
  }
  return count;
}

/**
 * For each frontier[rows] node up to budget[node] (budget 0: fanout) visible entries of its row, every subset equally
 * likely. Writes indptr u32[rows + 1], node and edge u32[entries], available u32[rows] (visible entries of the row);
 * returns the number of entries. mask u32[ceil(m / 32)] or 0 with degree u32[n] = unmasked entries of each row; time
 * f64[m] in entry order with limit f64[rows], or both 0. scratch u32[8 + 2 ceil(maxDegree / 64) + 3 maxDegree],
 * zero on entry and kept zero in its bitset. Whole rows need no random number; the rest takes Floyd's method, or,
 * when entries are hidden, draws with rejection (few hidden) or a partial shuffle of the visible ones.
 */
export function sampleUniform(
  indptr: usize, node: usize, edge: usize, available: usize, scratch: usize,
  frontier: usize, budget: usize, adjacency: usize, mask: usize, degree: usize, time: usize, limit: usize,
  n: i32, m: i32, rows: i32, fanout: u32, maxDegree: u32, seed: u32, stream: u32, step: u32,
): i32 {
  const indices = at4(adjacency, n + 1), position = at4(indices, m);
  const bits = scratch + 32, list = at8(bits, (maxDegree + 63) >> 6);
  const hidden = mask != 0 || limit != 0;
  const times: usize = limit ? time : 0;
  let count: u32 = 0;
  store<u32>(indptr, 0);
  for (let i = 0; i < rows; i++) {
    const u = load<u32>(at4(frontier, i));
    const begin = load<u32>(at4(adjacency, u)), end = load<u32>(at4(adjacency, u), 4), d = end - begin;
    const k = budget ? load<u32>(at4(budget, u)) : fanout;
    const last: f64 = limit ? load<f64>(at8(limit, i)) : Infinity;
    let free = d;
    if (limit) {
      free = 0;
      for (let e = begin; e < end; e++) free += visible(e, position, mask, times, last) ? 1 : 0;
    } else if (mask) free = load<u32>(at4(degree, u));
    store<u32>(at4(available, i), free);
    if (k >= free) {
      count = emitAll(node, edge, count, begin, end, indices, position, mask, times, last);
    } else if (k > 0) {
      store<u32>(scratch, 0, 16);
      if (!hidden) {
        // Floyd: at each j the new one is uniform in [0, j], or j itself when that is taken.
        for (let j = d - k; j < d; j++) {
          const r = draw(scratch, j + 1, u, PICK, seed, stream, step);
          setBit(bits, testBit(bits, r) ? j : r);
        }
      } else if (limit != 0 || d <= k << 2 || k > free >> 1 || free < d >> 1) {
        let size: u32 = 0;
        for (let e = begin; e < end; e++) {
          if (visible(e, position, mask, times, last)) store<u32>(at4(list, size++), e - begin);
        }
        for (let j: u32 = 0; j < k; j++) {
          const r = j + draw(scratch, size - j, u, PICK, seed, stream, step);
          setBit(bits, load<u32>(at4(list, r)));
          store<u32>(at4(list, r), load<u32>(at4(list, j)));
        }
      } else {
        // At least half of the row is visible and at most half of that is asked: under four draws a pick.
        for (let got: u32 = 0; got < k; ) {
          const r = draw(scratch, d, u, PICK, seed, stream, step);
          if (testBit(bits, r) || !visible(begin + r, position, mask, 0, 0)) continue;
          setBit(bits, r);
          got++;
        }
      }
      count = emit(node, edge, count, bits, begin, d, indices, position);
    }
    store<u32>(at4(indptr, i), count, 4);
  }
  return count;
}

/** Whether (key, local) a comes after b: larger key, then larger position. */
// @ts-ignore: decorator
@inline
function after(keyA: f64, localA: u32, keyB: f64, localB: u32): bool {
  return keyA > keyB || (keyA == keyB && localA > localB);
}

/** Restores the heap (largest at the root) of `size` entries below a root that was overwritten. */
function siftDown(keys: usize, locals: usize, size: u32): void {
  const key = load<f64>(keys), local = load<u32>(locals);
  let hole: u32 = 0;
  for (;;) {
    let child = (hole << 1) + 1;
    if (child >= size) break;
    if (
      child + 1 < size &&
      after(load<f64>(at8(keys, child + 1)), load<u32>(at4(locals, child + 1)), load<f64>(at8(keys, child)), load<u32>(at4(locals, child)))
    ) child++;
    const childKey = load<f64>(at8(keys, child)), childLocal = load<u32>(at4(locals, child));
    if (!after(childKey, childLocal, key, local)) break;
    store<f64>(at8(keys, hole), childKey);
    store<u32>(at4(locals, hole), childLocal);
    hole = child;
  }
  store<f64>(at8(keys, hole), key);
  store<u32>(at4(locals, hole), local);
}

/** Adds an entry to a heap of `size`. */
function siftUp(keys: usize, locals: usize, size: u32, key: f64, local: u32): void {
  let hole = size;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const parentKey = load<f64>(at8(keys, parent)), parentLocal = load<u32>(at4(locals, parent));
    if (!after(key, local, parentKey, parentLocal)) break;
    store<f64>(at8(keys, hole), parentKey);
    store<u32>(at4(locals, hole), parentLocal);
    hole = parent;
  }
  store<f64>(at8(keys, hole), key);
  store<u32>(at4(locals, hole), local);
}

/**
 * As sampleUniform, but one after the other with probability proportional to weight among those left (exponential
 * keys -ln(U) / w, the k smallest; Efraimidis and Spirakis 2006). weight f32[m] in entry order, or f32[n] of the
 * neighbour when perNode is 1; entries of weight 0 are never picked nor counted in available. U belongs to the
 * entry's place in its row, so hiding one edge changes no other's key. One pass over the row.
 */
export function sampleWeighted(
  indptr: usize, node: usize, edge: usize, available: usize, scratch: usize,
  frontier: usize, budget: usize, adjacency: usize, weight: usize, mask: usize, time: usize, limit: usize,
  n: i32, m: i32, rows: i32, fanout: u32, maxDegree: u32, perNode: i32, seed: u32, stream: u32, step: u32,
): i32 {
  const indices = at4(adjacency, n + 1), position = at4(indices, m);
  const bits = scratch + 32, keys = at8(bits, (maxDegree + 63) >> 6), locals = at8(keys, maxDegree);
  const times: usize = limit ? time : 0;
  let count: u32 = 0;
  store<u32>(indptr, 0);
  for (let i = 0; i < rows; i++) {
    const u = load<u32>(at4(frontier, i));
    const begin = load<u32>(at4(adjacency, u)), end = load<u32>(at4(adjacency, u), 4), d = end - begin;
    const k = budget ? load<u32>(at4(budget, u)) : fanout;
    const last: f64 = limit ? load<f64>(at8(limit, i)) : Infinity;
    let free: u32 = 0, size: u32 = 0, block: u32 = 0xffffffff;
    for (let e = begin; e < end; e++) {
      if (!visible(e, position, mask, times, last)) continue;
      const w = <f64>load<f32>(at4(weight, perNode ? load<u32>(at4(indices, e)) : e));
      if (!(w > 0)) continue;
      free++;
      const local = e - begin;
      if (k >= d) {
        setBit(bits, local);
        continue;
      }
      if (k == 0) continue;
      if (block != local >> 2) {
        block = local >> 2;
        philoxBlock(scratch, u, step, block, PICK, seed, stream);
      }
      const uniform = (<f64>load<u32>(at4(scratch, local & 3)) + 0.5) * 2.3283064365386963e-10;
      if (size < k) {
        siftUp(keys, locals, size++, -logF64(uniform) / w, local);
      } else {
        // -ln(U) >= 1 - U spares most of the logarithms.
        const worst = load<f64>(keys);
        if (1.0 - uniform > worst * w) continue;
        const key = -logF64(uniform) / w;
        if (!after(worst, load<u32>(locals), key, local)) continue;
        store<f64>(keys, key);
        store<u32>(locals, local);
        siftDown(keys, locals, size);
      }
    }
    store<u32>(at4(available, i), free);
    for (let j: u32 = 0; j < size; j++) setBit(bits, load<u32>(at4(locals, j)));
    count = emit(node, edge, count, bits, begin, d, indices, position);
    store<u32>(at4(indptr, i), count, 4);
  }
  return count;
}

/** One uniform visible neighbour of x, or -1. Eight tries, then a count of the row. */
function stepFrom(
  x: u32, adjacency: usize, n: i32, m: i32, mask: usize, time: usize, limit: f64,
  scratch: usize, root: u32, seed: u32, stream: u32, step: u32,
): i32 {
  const indices = at4(adjacency, n + 1), position = at4(indices, m);
  const begin = load<u32>(at4(adjacency, x)), end = load<u32>(at4(adjacency, x), 4);
  if (begin == end) return -1;
  for (let t = 0; t < 8; t++) {
    const e = begin + draw(scratch, end - begin, root, WALK, seed, stream, step);
    if (visible(e, position, mask, time, limit)) return load<u32>(at4(indices, e));
  }
  let free: u32 = 0;
  for (let e = begin; e < end; e++) free += visible(e, position, mask, time, limit) ? 1 : 0;
  if (free == 0) return -1;
  let r = draw(scratch, free, root, WALK, seed, stream, step);
  for (let e = begin; e < end; e++) {
    if (!visible(e, position, mask, time, limit)) continue;
    if (r-- == 0) return load<u32>(at4(indices, e));
  }
  return -1;
}

/**
 * Multi-hop fill: a row that was given fewer entries than its budget gets the missing number of nodes most often
 * reached by `walks` walks of `hops` steps from it, which go along `toward`, `back`, `toward`, ... (alternating) or,
 * with back = toward, straight on. Neither the node nor its taken neighbours count; ties by id; masked and later
 * edges are not walked. Writes indptr u32[rows + 1], node u32[entries] and share f32[entries] = visits / walks;
 * returns the number of entries. taken indptr u32[rows + 1] and node: the picks of sampleUniform or sampleWeighted.
 * scratch u32[8 + n + walks], zero on entry and kept zero. Times f64[m] of each direction with limit f64[rows], or 0.
 */
export function walkFill(
  indptr: usize, node: usize, share: usize, scratch: usize,
  frontier: usize, budget: usize, takenIndptr: usize, takenNode: usize, toward: usize, back: usize, mask: usize,
  timeToward: usize, timeBack: usize, limit: usize,
  n: i32, m: i32, rows: i32, fanout: u32, walks: i32, hops: i32, seed: u32, stream: u32, step: u32,
): i32 {
  const visits = scratch + 32, touched = at4(visits, n);
  const BARRED: u32 = 0x80000000;
  let count: u32 = 0;
  store<u32>(indptr, 0);
  for (let i = 0; i < rows; i++) {
    const u = load<u32>(at4(frontier, i));
    const k = budget ? load<u32>(at4(budget, u)) : fanout;
    const first = load<u32>(at4(takenIndptr, i)), end = load<u32>(at4(takenIndptr, i), 4);
    if (end - first < k && end > first) {
      const last: f64 = limit ? load<f64>(at8(limit, i)) : Infinity;
      const timeT: usize = limit ? timeToward : 0, timeB: usize = limit ? timeBack : 0;
      store<u32>(scratch, 0, 16);
      store<u32>(at4(visits, u), BARRED);
      for (let e = first; e < end; e++) store<u32>(at4(visits, load<u32>(at4(takenNode, e))), BARRED);
      let reached: u32 = 0;
      for (let w = 0; w < walks; w++) {
        let x: i32 = u;
        for (let h = 0; h < hops && x >= 0; h++) {
          const odd = (h & 1) != 0;
          x = stepFrom(x, odd ? back : toward, n, m, mask, odd ? timeB : timeT, last, scratch, u, seed, stream, step);
        }
        if (x < 0) continue;
        const seen = load<u32>(at4(visits, x));
        if (seen == BARRED) continue;
        if (seen == 0) store<u32>(at4(touched, reached++), x);
        store<u32>(at4(visits, x), seen + 1);
      }
      // The best of those left, as often as entries are missing.
      for (let missing = k - (end - first); missing > 0 && reached > 0; missing--) {
        let best: u32 = 0, bestId = load<u32>(touched), most = load<u32>(at4(visits, bestId));
        for (let t: u32 = 1; t < reached; t++) {
          const id = load<u32>(at4(touched, t)), seen = load<u32>(at4(visits, id));
          if (seen > most || (seen == most && id < bestId)) {
            best = t;
            bestId = id;
            most = seen;
          }
        }
        store<u32>(at4(node, count), bestId);
        store<f32>(at4(share, count), <f32>most / <f32>walks);
        count++;
        store<u32>(at4(visits, bestId), 0);
        store<u32>(at4(touched, best), load<u32>(at4(touched, --reached)));
      }
      for (let t: u32 = 0; t < reached; t++) store<u32>(at4(visits, load<u32>(at4(touched, t))), 0);
      for (let e = first; e < end; e++) store<u32>(at4(visits, load<u32>(at4(takenNode, e))), 0);
      store<u32>(at4(visits, u), 0);
    }
    store<u32>(at4(indptr, i), count, 4);
  }
  return count;
}

/**
 * local[count] = index of ids[count] in the list of nodes, new ones appended in order of appearance. table u32[n] holds
 * index + 1, 0 for absent; known = nodes listed before. Returns the nodes listed now. local may be ids.
 */
export function relabel(local: usize, nodes: usize, table: usize, ids: usize, count: i32, known: i32): i32 {
  for (let i = 0; i < count; i++) {
    const id = load<u32>(at4(ids, i));
    let at = load<u32>(at4(table, id));
    if (at == 0) {
      store<u32>(at4(nodes, known), id);
      store<u32>(at4(table, id), at = ++known);
    }
    store<u32>(at4(local, i), at - 1);
  }
  return known;
}

/** Empties the table of `relabel`: table[nodes[count]] = 0. */
export function relabelReset(table: usize, nodes: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<u32>(at4(table, load<u32>(at4(nodes, i))), 0);
}

/**
 * out[count] = nodes in [0, bound): uniform, or with threshold u32[bound] and alias u32[bound] those of an alias table
 * (stay with probability threshold / 2^32). With exclude u32[ceil(count / perRow)], item i is never
 * exclude[i / perRow], the others keeping their proportions; there must be another node of positive probability.
 */
export function drawNegatives(
  out: usize, threshold: usize, alias: usize, exclude: usize, scratch: usize,
  count: i32, perRow: i32, bound: u32, seed: u32, stream: u32, step: u32,
): void {
  for (let i = 0; i < count; i++) {
    const barred: u32 = exclude ? load<u32>(at4(exclude, i / perRow)) : 0xffffffff;
    store<u32>(scratch, 0, 16);
    let v: u32;
    do {
      v = draw(scratch, bound, i, NEGATIVE, seed, stream, step);
      if (threshold) {
        const used = load<u32>(scratch, 16);
        if ((used & 3) == 0) philoxBlock(scratch, i, step, used >> 2, NEGATIVE, seed, stream);
        if (load<u32>(at4(scratch, used & 3)) >= load<u32>(at4(threshold, v))) v = load<u32>(at4(alias, v));
        store<u32>(scratch, used + 1, 16);
      }
    } while (v == barred);
    store<u32>(at4(out, i), v);
  }
}
