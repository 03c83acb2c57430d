// Losses over a matrix of logits, with their gradients in place of the logits.

import { at4, sum4 } from '../engine/simd';
import { exp1, exp4Inline, log1, sigmoid1, sigmoid4, softplus1, softplus4 } from '../engine/math';

/**
 * Sampled softmax with shared negatives: for each row i of logits[rows x negatives]
 *   loss_i = log(1 + S_i), S_i = sum over j of exp(logits[i, j] + offset[j] - positive[i]), the j with
 *   negativeId[j] = positiveId[i] left out; the exponent is held at 60.
 * On return logits[i, j] = scale d loss_i / d logits[i, j] = scale exp(..) / (1 + S_i), dPositive[i] = the same for
 * positive[i], -scale S_i / (1 + S_i). Returns the sum of loss_i, unscaled.
 */
export function sampledSoftmax(logits: usize, dPositive: usize, positive: usize, offset: usize, positiveId: usize, negativeId: usize, rows: i32, negatives: i32, scale: f32): f64 {
  const cap = f32x4.splat(60);
  let total: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const row = at4(logits, i * negatives);
    const p = load<f32>(at4(positive, i));
    const id = load<u32>(at4(positiveId, i));
    const p4 = f32x4.splat(p), id4 = i32x4.splat(id);
    let s4 = f32x4.splat(0);
    let j = 0;
    for (; j + 4 <= negatives; j += 4) {
      const x = f32x4.sub(f32x4.add(v128.load(at4(row, j)), v128.load(at4(offset, j))), p4);
      const e = v128.andnot(exp4Inline(f32x4.min(x, cap)), i32x4.eq(v128.load(at4(negativeId, j)), id4));
      v128.store(at4(row, j), e);
      s4 = f32x4.add(s4, e);
    }
    let s = sum4(s4);
    for (; j < negatives; j++) {
      const x = load<f32>(at4(row, j)) + load<f32>(at4(offset, j)) - p;
      const e: f32 = load<u32>(at4(negativeId, j)) == id ? 0 : exp1(min(x, <f32>60));
      store<f32>(at4(row, j), e);
      s += e;
    }
    total += <f64>log1(1 + s);
    const r: f32 = scale / (1 + s);
    store<f32>(at4(dPositive, i), -r * s);
    const r4 = f32x4.splat(r);
    j = 0;
    for (; j + 4 <= negatives; j += 4) v128.store(at4(row, j), f32x4.mul(r4, v128.load(at4(row, j))));
    for (; j < negatives; j++) store<f32>(at4(row, j), r * load<f32>(at4(row, j)));
  }
  return total;
}

/**
 * Logistic loss of n scores: loss = -sum weight[i] log sigmoid(sign score[i] + shift), and in place of score[i] its
 * gradient times `scale`. weight 0 means all ones. sign -1 with shift 1 is the published sigma(1 - x). Returns the
 * unscaled sum, added in f64 by blocks of 4,096.
 */
export function logisticLoss(score: usize, weight: usize, n: i32, sign: f32, shift: f32, scale: f32): f64 {
  const s4 = f32x4.splat(sign), h4 = f32x4.splat(shift), g4 = f32x4.splat(-sign * scale);
  let total: f64 = 0;
  for (let start = 0; start < n; start += 4096) {
    const end = min(start + 4096, n);
    let sum = f32x4.splat(0);
    let i = start;
    for (; i + 4 <= end; i += 4) {
      const z = f32x4.neg(f32x4.add(f32x4.mul(s4, v128.load(at4(score, i))), h4));
      const w = weight ? v128.load(at4(weight, i)) : f32x4.splat(1);
      sum = f32x4.add(sum, f32x4.mul(w, softplus4(z)));
      v128.store(at4(score, i), f32x4.mul(f32x4.mul(g4, w), sigmoid4(z)));
    }
    let block = sum4(sum);
    for (; i < end; i++) {
      const z = -(sign * load<f32>(at4(score, i)) + shift);
      const w: f32 = weight ? load<f32>(at4(weight, i)) : 1;
      block += w * softplus1(z);
      store<f32>(at4(score, i), -sign * scale * w * sigmoid1(z));
    }
    total += <f64>block;
  }
  return total;
}

/** The four numbers at these byte offsets. */
// @ts-ignore: decorator
@inline
function pick4(x: usize, e0: usize, e1: usize, e2: usize, e3: usize): v128 {
  const v = v128.load_lane<f32>(x + e1, v128.load32_zero(x + e0), 1);
  return v128.load_lane<f32>(x + e3, v128.load_lane<f32>(x + e2, v, 2), 3);
}

/** Place of element t of rows x heads among the elements of all rows. */
// @ts-ignore: decorator
@inline
function placeOf(ids: usize, t: i32, heads: i32): i32 {
  if (!ids) return t;
  if (heads == 1) return load<i32>(at4(ids, t));
  const i = t / heads;
  return load<i32>(at4(ids, i)) * heads + (t - i * heads);
}

/**
 * Logistic loss with labels in [0, 1] and a logit for each row and head: with e = ids[i] heads + h (i heads + h when ids
 * is 0), loss = weight[e] (softplus(z) - label[e] z), z = logits[i, h] + offset[e]; gradient[i, h] = weight[e]
 * (sigmoid(z) - label[e]). weight 0 means all ones, offset 0 none; gradient may be logits. Returns the sum, in f64.
 */
export function softLogistic(gradient: usize, logits: usize, label: usize, weight: usize, offset: usize, ids: usize, rows: i32, heads: i32): f64 {
  const n = rows * heads;
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  let total: f64 = 0;
  let t = 0;
  for (; t + 4 <= n; t += 4) {
    let y: v128, w = one, o = zero;
    if (ids) {
      const e0 = at4(0, placeOf(ids, t, heads)), e1 = at4(0, placeOf(ids, t + 1, heads));
      const e2 = at4(0, placeOf(ids, t + 2, heads)), e3 = at4(0, placeOf(ids, t + 3, heads));
      y = pick4(label, e0, e1, e2, e3);
      if (weight) w = pick4(weight, e0, e1, e2, e3);
      if (offset) o = pick4(offset, e0, e1, e2, e3);
    } else {
      y = v128.load(at4(label, t));
      if (weight) w = v128.load(at4(weight, t));
      if (offset) o = v128.load(at4(offset, t));
    }
    const z = f32x4.add(v128.load(at4(logits, t)), o);
    const loss = f32x4.mul(w, f32x4.sub(softplus4(z), f32x4.mul(y, z)));
    total += <f64>f32x4.extract_lane(loss, 0);
    total += <f64>f32x4.extract_lane(loss, 1);
    total += <f64>f32x4.extract_lane(loss, 2);
    total += <f64>f32x4.extract_lane(loss, 3);
    v128.store(at4(gradient, t), f32x4.mul(w, f32x4.sub(sigmoid4(z), y)));
  }
  for (; t < n; t++) {
    const e = at4(0, placeOf(ids, t, heads));
    const z: f32 = load<f32>(at4(logits, t)) + (offset ? load<f32>(offset + e) : 0);
    const w: f32 = weight ? load<f32>(weight + e) : 1;
    const y = load<f32>(label + e);
    total += <f64>(w * (softplus1(z) - y * z));
    store<f32>(at4(gradient, t), w * (sigmoid1(z) - y));
  }
  return total;
}

/** out[cols] += column sums of x[rows x cols], a cache line of columns at a time, in blocks of 4,096 rows. */
export function addColumnSums(out: usize, x: usize, rows: i32, cols: i32): void {
  for (let start = 0; start < rows; start += 4096) {
    const end = min(start + 4096, rows);
    let c = 0;
    for (; c + 16 <= cols; c += 16) {
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
      for (let i = start; i < end; i++) {
        const p = at4(x, i * cols + c);
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p, 16));
        s2 = f32x4.add(s2, v128.load(p, 32));
        s3 = f32x4.add(s3, v128.load(p, 48));
      }
      const o = at4(out, c);
      v128.store(o, f32x4.add(v128.load(o), s0));
      v128.store(o, f32x4.add(v128.load(o, 16), s1), 16);
      v128.store(o, f32x4.add(v128.load(o, 32), s2), 32);
      v128.store(o, f32x4.add(v128.load(o, 48), s3), 48);
    }
    for (; c + 4 <= cols; c += 4) {
      let s = f32x4.splat(0);
      for (let i = start; i < end; i++) s = f32x4.add(s, v128.load(at4(x, i * cols + c)));
      v128.store(at4(out, c), f32x4.add(v128.load(at4(out, c)), s));
    }
    for (; c < cols; c++) {
      let s: f32 = 0;
      for (let i = start; i < end; i++) s += load<f32>(at4(x, i * cols + c));
      store<f32>(at4(out, c), load<f32>(at4(out, c)) + s);
    }
  }
}
