// Positivity as a logistic surface over (score, uncertainty): seven terms of z, the standardised logit of the score, and
// r, the rank of the uncertainty in [-1, 1]: 1, z, max(z - 1, 0), r, max(r, 0), z r, z max(r, 0).

import { expF64, logF64 } from '../engine/math';
import { at4 } from '../engine/simd';
import { at8, upperBound, upperBound4 } from './search';

const TERMS: i32 = 7;

/** z f64[n] = (logit(score f32[n]) held within 7 of 0 - center) / scale; scores 0 and 1 are the ends. */
export function surfaceLogits(z: usize, score: usize, n: i32, center: f64, scale: f64): void {
  for (let i = 0; i < n; i++) {
    const s = <f64>load<f32>(at4(score, i));
    const logit = min(max(logF64(s) - logF64(1 - s), -7.0), 7.0);
    store<f64>(at8(z, i), (logit - center) / scale);
  }
}

/** r f64[n] = the share of the ascending edges f32[count], count > 0, at or below uncertainty f32[n], scaled to [-1, 1]. */
export function surfaceRanks(r: usize, uncertainty: usize, edges: usize, n: i32, count: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const below = upperBound4(edges, i32x4.splat(0), count, v128.load(at4(uncertainty, i)));
    store<f64>(at8(r, i), (2.0 * <f64>i32x4.extract_lane(below, 0)) / <f64>count - 1.0);
    store<f64>(at8(r, i + 1), (2.0 * <f64>i32x4.extract_lane(below, 1)) / <f64>count - 1.0);
    store<f64>(at8(r, i + 2), (2.0 * <f64>i32x4.extract_lane(below, 2)) / <f64>count - 1.0);
    store<f64>(at8(r, i + 3), (2.0 * <f64>i32x4.extract_lane(below, 3)) / <f64>count - 1.0);
  }
  for (; i < n; i++) {
    const below = upperBound(edges, count, load<f32>(at4(uncertainty, i)));
    store<f64>(at8(r, i), (2.0 * <f64>below) / <f64>count - 1.0);
  }
}

/** f64 of scratch for `surfaceStep`: one row's terms. */
export function surfaceStepScratch(): i32 {
  return 8;
}

/**
 * Sums for one step of Newton's method at beta f64[7]: out f64[72] = gradient of the log-likelihood (7), log-likelihood
 * (1), then its negated second derivatives as rows of 8 (lower triangle used). z, r f64[n]; label f32[n] in [0, 1];
 * weight f32[n] or null. A row's curvature is at least 1e-6, so that certain rows keep the system solvable. scratch
 * f64[surfaceStepScratch()].
 */
export function surfaceStep(
  out: usize, scratch: usize, z: usize, r: usize, label: usize, weight: usize, beta: usize, n: i32,
): void {
  memory.fill(out, 0, 72 << 3);
  store<f64>(at8(scratch, 0), 1);
  store<f64>(at8(scratch, 7), 0);
  for (let i = 0; i < n; i++) {
    const x = load<f64>(at8(z, i)), u = load<f64>(at8(r, i)), up = max(u, 0);
    store<f64>(at8(scratch, 1), x);
    store<f64>(at8(scratch, 2), max(x - 1, 0));
    store<f64>(at8(scratch, 3), u);
    store<f64>(at8(scratch, 4), up);
    store<f64>(at8(scratch, 5), x * u);
    store<f64>(at8(scratch, 6), x * up);
    let eta: f64 = 0;
    for (let t = 0; t < TERMS; t++) eta += load<f64>(at8(beta, t)) * load<f64>(at8(scratch, t));
    const e = expF64(-abs(eta));
    const p = eta > 0 ? 1 / (1 + e) : e / (1 + e);
    const y = <f64>load<f32>(at4(label, i));
    const w: f64 = weight ? <f64>load<f32>(at4(weight, i)) : 1;
    const h = max(p * (1 - p), 1e-6) * w, g = w * (y - p);
    store<f64>(at8(out, 7), load<f64>(at8(out, 7)) + w * (y * eta - max(eta, 0) - logF64(1 + e)));
    const a = v128.load(scratch), b = v128.load(at8(scratch, 2)), c = v128.load(at8(scratch, 4));
    const d = v128.load(at8(scratch, 6));
    for (let t = 0; t < TERMS; t++) {
      const term = load<f64>(at8(scratch, t));
      store<f64>(at8(out, t), load<f64>(at8(out, t)) + g * term);
      const f = f64x2.splat(h * term);
      const row = at8(out, 8 + 8 * t);
      v128.store(row, f64x2.add(v128.load(row), f64x2.mul(f, a)));
      if (t > 1) v128.store(at8(row, 2), f64x2.add(v128.load(at8(row, 2)), f64x2.mul(f, b)));
      if (t > 3) v128.store(at8(row, 4), f64x2.add(v128.load(at8(row, 4)), f64x2.mul(f, c)));
      if (t > 5) v128.store(at8(row, 6), f64x2.add(v128.load(at8(row, 6)), f64x2.mul(f, d)));
    }
  }
}

/** The surface before the logistic function at (x, u). */
// @ts-ignore: decorator
@inline
function height(beta: usize, x: f64, u: f64, up: f64): f64 {
  const slope = load<f64>(at8(beta, 1)) + load<f64>(at8(beta, 5)) * u + load<f64>(at8(beta, 6)) * up;
  const level = load<f64>(at8(beta, 0)) + load<f64>(at8(beta, 3)) * u + load<f64>(at8(beta, 4)) * up;
  return level + slope * x + load<f64>(at8(beta, 2)) * max(x - 1, 0);
}

/** Which of `count` equal pieces of [-1, 1] holds r. */
// @ts-ignore: decorator
@inline
function piece(r: f64, count: i32): i32 {
  return max(0, min(count - 1, <i32>(0.5 * (r + 1) * <f64>count)));
}

/**
 * out f64[n] = the surface's log-odds at (z, r f64[n]), made never to fall as z rises at the same r: up to tops
 * f64[count], the highest z seen in r's piece of the ranks, the least value from z to there; beyond it, where the surface
 * has seen nothing, the largest from there to z. It is linear in z on both sides of 1, so three points tell.
 */
export function surfaceValues(out: usize, z: usize, r: usize, beta: usize, tops: usize, n: i32, count: i32): void {
  for (let i = 0; i < n; i++) {
    const u = load<f64>(at8(r, i)), up = max(u, 0);
    const x = load<f64>(at8(z, i)), top = load<f64>(at8(tops, piece(u, count)));
    const here = height(beta, x, u, up), there = height(beta, top, u, up);
    const corner = (x < 1) == (top < 1) ? here : height(beta, 1, u, up);
    store<f64>(at8(out, i), x > top ? max(max(here, there), corner) : min(min(here, there), corner));
  }
}

/** tops f64[count] = the larger of what it holds and the z f64[n] of the rows in each piece of the ranks r f64[n]. */
export function surfaceTops(tops: usize, z: usize, r: usize, n: i32, count: i32): void {
  for (let i = 0; i < n; i++) {
    const at = at8(tops, piece(load<f64>(at8(r, i)), count));
    store<f64>(at, max(load<f64>(at), load<f64>(at8(z, i))));
  }
}
