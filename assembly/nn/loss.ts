// Losses over a matrix of logits, with their gradients in place of the logits.

import { at4, sum4 } from '../engine/simd';
import { exp1, exp4, log1, sigmoid1, sigmoid4, softplus1, softplus4 } from '../engine/math';

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
      const e = v128.andnot(exp4(f32x4.min(x, cap)), i32x4.eq(v128.load(at4(negativeId, j)), id4));
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

/** x[ids[i]] .. x[ids[i + 3]], or x[i] .. x[i + 3] when ids is 0. */
// @ts-ignore: decorator
@inline
function pick4(x: usize, ids: usize, i: i32): v128 {
  if (!ids) return v128.load(at4(x, i));
  const v = v128.load32_zero(at4(x, load<i32>(at4(ids, i))));
  const v1 = v128.load_lane<f32>(at4(x, load<i32>(at4(ids, i + 1))), v, 1);
  const v2 = v128.load_lane<f32>(at4(x, load<i32>(at4(ids, i + 2))), v1, 2);
  return v128.load_lane<f32>(at4(x, load<i32>(at4(ids, i + 3))), v2, 3);
}

/**
 * Logistic loss with labels in [0, 1] and a logit for each row and head: with e = ids[i] heads + h (i heads + h when ids
 * is 0), loss = weight[e] (softplus(z) - label[e] z), z = logits[i, h] + offset[e]; gradient[i, h] = weight[e]
 * (sigmoid(z) - label[e]). weight 0 means all ones, offset 0 none; gradient may be logits. Returns the sum, in f64.
 */
export function softLogistic(gradient: usize, logits: usize, label: usize, weight: usize, offset: usize, ids: usize, rows: i32, heads: i32): f64 {
  let total: f64 = 0;
  let i = 0;
  if (heads == 1) {
    const one = f32x4.splat(1), none = f32x4.splat(0);
    for (; i + 4 <= rows; i += 4) {
      const z0 = v128.load(at4(logits, i));
      const z = offset ? f32x4.add(z0, pick4(offset, ids, i)) : f32x4.add(z0, none);
      const w = weight ? pick4(weight, ids, i) : one;
      const y = pick4(label, ids, i);
      const loss = f32x4.mul(w, f32x4.sub(softplus4(z), f32x4.mul(y, z)));
      total += <f64>f32x4.extract_lane(loss, 0);
      total += <f64>f32x4.extract_lane(loss, 1);
      total += <f64>f32x4.extract_lane(loss, 2);
      total += <f64>f32x4.extract_lane(loss, 3);
      v128.store(at4(gradient, i), f32x4.mul(w, f32x4.sub(sigmoid4(z), y)));
    }
  }
  for (; i < rows; i++) {
    const e = (ids ? load<i32>(at4(ids, i)) : i) * heads;
    for (let h = 0; h < heads; h++) {
      const at = at4(0, e + h), o = at4(0, i * heads + h);
      const z = load<f32>(logits + o) + (offset ? load<f32>(offset + at) : 0);
      const w: f32 = weight ? load<f32>(weight + at) : 1;
      const y = load<f32>(label + at);
      total += <f64>(w * (softplus1(z) - y * z));
      store<f32>(gradient + o, w * (sigmoid1(z) - y));
    }
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
