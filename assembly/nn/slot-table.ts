// Linear scores over hashed features, and sparse optimiser steps. A table gives every slot one block of 4 d floats:
//   value[d] | a[d] | b[d] | gradient[d]     AdaGrad: a = squared gradients, b = centre    Adam: a = mean, b = square
// so that forward, gradient and step of a slot touch the same cache line (d = 1: 16 bytes). A gradient whose first
// word is -0 is untouched: a sum of numbers that are not -0 themselves is never -0, so no mark of its own is needed.

import { at4 } from '../engine/simd';

/** The bits of -0. */
export const UNTOUCHED: i32 = i32.MIN_VALUE;

// @ts-ignore: decorator
@inline
function rowOf(ids: usize, i: i32): i32 {
  return ids ? load<i32>(at4(ids, i)) : i;
}

/** Address of the block of a slot. */
// @ts-ignore: decorator
@inline
function block(table: usize, slot: u32, d: i32): usize {
  return table + (<usize>slot) * d * 16;
}

/**
 * out[rows x d] = bias + sum over fields of value[index[r, f]] + sum over numbers of x[r, j] weight[j], r = ids[i] or i
 * when ids is 0. index u32[.. x fields], x f32[.. x numbers]; `dense` is a table of 1 + numbers slots, the bias first.
 */
export function linearForward(out: usize, table: usize, dense: usize, index: usize, x: usize, ids: usize, rows: i32, fields: i32, numbers: i32, d: i32): void {
  for (let i = 0; i < rows; i++) {
    const r = rowOf(ids, i);
    const p = at4(index, r * fields);
    const end = at4(p, fields);
    const o = at4(out, i * d);
    if (d == 1) {
      let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0;
      let q = p;
      for (; q + 16 <= end; q += 16) {
        s0 += load<f32>(table + ((<usize>load<u32>(q)) << 4));
        s1 += load<f32>(table + ((<usize>load<u32>(q, 4)) << 4));
        s2 += load<f32>(table + ((<usize>load<u32>(q, 8)) << 4));
        s3 += load<f32>(table + ((<usize>load<u32>(q, 12)) << 4));
      }
      for (; q < end; q += 4) s0 += load<f32>(table + ((<usize>load<u32>(q)) << 4));
      store<f32>(o, load<f32>(dense) + (s0 + s1 + (s2 + s3)));
    } else if (d == 2) {
      // Lanes 2 and 3 carry the optimiser's numbers along and are not stored.
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
      let q = p;
      for (; q + 8 <= end; q += 8) {
        s0 = f32x4.add(s0, v128.load(table + ((<usize>load<u32>(q)) << 5)));
        s1 = f32x4.add(s1, v128.load(table + ((<usize>load<u32>(q, 4)) << 5)));
      }
      if (q < end) s0 = f32x4.add(s0, v128.load(table + ((<usize>load<u32>(q)) << 5)));
      v128.store64_lane(o, f32x4.add(v128.load(dense), f32x4.add(s0, s1)), 0);
    } else {
      for (let c = 0; c < d; c++) {
        let s: f32 = 0;
        for (let q = p; q < end; q += 4) s += load<f32>(at4(block(table, load<u32>(q), d), c));
        store<f32>(at4(o, c), load<f32>(at4(dense, c)) + s);
      }
    }
    for (let j = 0; j < numbers; j++) {
      const v = load<f32>(at4(x, r * numbers + j));
      const w = block(dense, j + 1, d);
      for (let c = 0; c < d; c++) store<f32>(at4(o, c), load<f32>(at4(o, c)) + v * load<f32>(at4(w, c)));
    }
  }
}

/** gradient[d] of a block += g[d]; 1 when it was untouched. Adding +0 turns a -0 of the caller into +0. */
// @ts-ignore: decorator
@inline
function addTo(gradient: usize, g: usize, d: i32): i32 {
  const fresh = load<i32>(gradient) == UNTOUCHED;
  for (let c = 0; c < d; c++) {
    store<f32>(at4(gradient, c), load<f32>(at4(gradient, c)) + (load<f32>(at4(g, c)) + <f32>0));
  }
  return <i32>fresh;
}

/**
 * Adds the gradients of `linearForward` from g[rows x d] to the blocks. touched u32[rows x fields] receives from place
 * `known` on the slots that were untouched before; returns how many it then holds. Rows add in their order.
 */
export function linearBackward(table: usize, dense: usize, touched: usize, known: i32, index: usize, x: usize, ids: usize, g: usize, rows: i32, fields: i32, numbers: i32, d: i32): i32 {
  let n = known;
  for (let i = 0; i < rows; i++) {
    const r = rowOf(ids, i);
    const gi = at4(g, i * d);
    let q = at4(index, r * fields);
    const end = at4(q, fields);
    if (d == 1) {
      const v = load<f32>(gi) + <f32>0;
      for (; q < end; q += 4) {
        const slot = load<u32>(q);
        const a = table + ((<usize>slot) << 4) + 12;
        const sum = load<f32>(a);
        // Written always, kept only when the count moves on: no branch to guess.
        store<u32>(at4(touched, n), slot);
        n += <i32>(reinterpret<i32>(sum) == UNTOUCHED);
        store<f32>(a, sum + v);
      }
    } else if (d == 2) {
      const v = f32x4.add(v128.load64_zero(gi), f32x4.splat(0));
      for (; q < end; q += 4) {
        const slot = load<u32>(q);
        const a = table + ((<usize>slot) << 5) + 24;
        const sum = v128.load64_zero(a);
        store<u32>(at4(touched, n), slot);
        n += <i32>(i32x4.extract_lane(sum, 0) == UNTOUCHED);
        v128.store64_lane(a, f32x4.add(sum, v), 0);
      }
    } else {
      for (; q < end; q += 4) {
        const slot = load<u32>(q);
        store<u32>(at4(touched, n), slot);
        n += addTo(at4(block(table, slot, d), 3 * d), gi, d);
      }
    }
    addTo(at4(dense, 3 * d), gi, d);
    for (let j = 0; j < numbers; j++) {
      const v = load<f32>(at4(x, r * numbers + j));
      const a = at4(block(dense, j + 1, d), 3 * d);
      for (let c = 0; c < d; c++) {
        store<f32>(at4(a, c), load<f32>(at4(a, c)) + (v * load<f32>(at4(gi, c)) + <f32>0));
      }
    }
  }
  return n;
}

// @ts-ignore: decorator
@inline
function adagrad1(p: usize, d: i32, rate: f32, pull: f32, scale: f32): void {
  const a = at4(p, d), e = at4(a, 2 * d);
  const w = load<f32>(p), sum = load<f32>(e);
  const g: f32 = sum == 0 ? 0 : scale * sum + pull * (w - load<f32>(at4(a, d)));
  const square = load<f32>(a) + g * g;
  store<f32>(a, square);
  store<f32>(p, w - rate * g / sqrt<f32>(square));
  store<i32>(e, UNTOUCHED);
}

/**
 * AdaGrad (Duchi, Hazan, Singer 2011) on the n slots `touched` (0 .. n-1 when it is 0): for each coordinate c
 *   g = scale gradient + pull[c] (value - centre),  a += g^2,  value -= rate[c] g / sqrt(a),
 * and the gradient is untouched again. A coordinate whose gradient is 0 stays as it is, so that a row of one head alone
 * does not pull at the others. rate, pull f32[d]; a must start above 0.
 */
export function slotAdagrad(table: usize, touched: usize, rate: usize, pull: usize, n: i32, d: i32, scale: f32): void {
  const s4 = f32x4.splat(scale), zero = i32x4.splat(UNTOUCHED);
  if (d == 1) {
    const r = load<f32>(rate), l = load<f32>(pull);
    for (let i = 0; i < n; i++) adagrad1(table + ((<usize>rowOf(touched, i)) << 4), 1, r, l, scale);
    return;
  }
  if (d == 2) {
    const r = v128.load64_zero(rate), l = v128.load64_zero(pull);
    for (let i = 0; i < n; i++) {
      const p = table + ((<usize>rowOf(touched, i)) << 5);
      const head = v128.load(p), tail = v128.load(p, 16);
      const a = v128.shuffle<f32>(head, head, 2, 3, 2, 3), e = v128.shuffle<f32>(tail, tail, 2, 3, 2, 3);
      const all = f32x4.add(f32x4.mul(s4, e), f32x4.mul(l, f32x4.sub(head, tail)));
      const g = v128.and(all, f32x4.ne(e, f32x4.splat(0)));
      const square = f32x4.add(a, f32x4.mul(g, g));
      const w = f32x4.sub(head, f32x4.div(f32x4.mul(r, g), f32x4.sqrt(square)));
      v128.store(p, v128.shuffle<f32>(w, square, 0, 1, 4, 5));
      v128.store(p, v128.shuffle<f32>(tail, zero, 0, 1, 4, 5), 16);
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    const p = block(table, rowOf(touched, i), d);
    let c = 0;
    if ((d & 3) == 0) {
      for (; c < d; c += 4) {
        const q = at4(p, c), a = at4(q, d), b = at4(a, d), e = at4(b, d);
        const w = v128.load(q), sum = v128.load(e);
        const all = f32x4.add(f32x4.mul(s4, sum), f32x4.mul(v128.load(at4(pull, c)), f32x4.sub(w, v128.load(b))));
        const g = v128.and(all, f32x4.ne(sum, f32x4.splat(0)));
        const square = f32x4.add(v128.load(a), f32x4.mul(g, g));
        v128.store(a, square);
        v128.store(q, f32x4.sub(w, f32x4.div(f32x4.mul(v128.load(at4(rate, c)), g), f32x4.sqrt(square))));
        v128.store(e, zero);
      }
    }
    for (; c < d; c++) adagrad1(at4(p, c), d, load<f32>(at4(rate, c)), load<f32>(at4(pull, c)), scale);
  }
}

/**
 * Lazy Adam on the n slots `touched` (0 .. n-1 when it is 0): g = scale gradient + pull[c] value, then the step of
 * `adam` with rate[c] and eps corrected by the caller; moments of other slots stay as they are.
 */
export function slotAdam(table: usize, touched: usize, rate: usize, pull: usize, n: i32, d: i32, scale: f32, b1: f32, b2: f32, eps: f32): void {
  const s4 = f32x4.splat(scale), zero = i32x4.splat(UNTOUCHED), e4 = f32x4.splat(eps);
  const m1 = f32x4.splat(b1), n1 = f32x4.splat(1 - b1), m2 = f32x4.splat(b2), n2 = f32x4.splat(1 - b2);
  for (let i = 0; i < n; i++) {
    const p = block(table, rowOf(touched, i), d);
    let c = 0;
    if ((d & 3) == 0) {
      for (; c < d; c += 4) {
        const q = at4(p, c), a = at4(q, d), b = at4(a, d), e = at4(b, d);
        const w = v128.load(q);
        const g = f32x4.add(f32x4.mul(s4, v128.load(e)), f32x4.mul(v128.load(at4(pull, c)), w));
        const mean = f32x4.add(f32x4.mul(m1, v128.load(a)), f32x4.mul(n1, g));
        const square = f32x4.add(f32x4.mul(m2, v128.load(b)), f32x4.mul(n2, f32x4.mul(g, g)));
        v128.store(a, mean);
        v128.store(b, square);
        v128.store(q, f32x4.sub(w, f32x4.div(f32x4.mul(v128.load(at4(rate, c)), mean), f32x4.add(f32x4.sqrt(square), e4))));
        v128.store(e, zero);
      }
    }
    for (; c < d; c++) {
      const q = at4(p, c), a = at4(q, d), b = at4(a, d), e = at4(b, d);
      const w = load<f32>(q);
      const g = scale * load<f32>(e) + load<f32>(at4(pull, c)) * w;
      const mean = b1 * load<f32>(a) + (1 - b1) * g;
      const square = b2 * load<f32>(b) + (1 - b2) * (g * g);
      store<f32>(a, mean);
      store<f32>(b, square);
      store<f32>(q, w - load<f32>(at4(rate, c)) * mean / (sqrt<f32>(square) + eps));
      store<i32>(e, UNTOUCHED);
    }
  }
}
