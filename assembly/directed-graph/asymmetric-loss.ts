// Scores of listed (source, target) pairs, and their backward. With nn/loss logisticLoss between the two this is the
// asymmetric loss of DAEMON equation 2 without gathering rows into a batch first.

import { at4, sum4 } from '../engine/simd';

// @ts-ignore: decorator
@inline
function row(table: usize, index: usize, i: i32, d: i32): usize {
  return table + ((<usize>load<u32>(at4(index, i))) * d << 2);
}

/** score[n] = <a[ai[n]], b[bi[n]]>, rows of d. */
export function pairScores(score: usize, a: usize, b: usize, ai: usize, bi: usize, n: i32, d: i32): void {
  for (let i = 0; i < n; i++) {
    const p = row(a, ai, i, d), q = row(b, bi, i, d);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
    let c = 0;
    for (; c + 8 <= d; c += 8) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(at4(p, c)), v128.load(at4(q, c))));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(at4(p, c), 16), v128.load(at4(q, c), 16)));
    }
    let s = sum4(f32x4.add(s0, s1));
    for (; c < d; c++) s += load<f32>(at4(p, c)) * load<f32>(at4(q, c));
    store<f32>(at4(score, i), s);
  }
}

/** da[ai[i]] += g[i] b[bi[i]] and db[bi[i]] += g[i] a[ai[i]], in the order of i. */
export function pairScoresBackward(da: usize, db: usize, a: usize, b: usize, ai: usize, bi: usize, g: usize, n: i32, d: i32): void {
  for (let i = 0; i < n; i++) {
    const p = row(a, ai, i, d), q = row(b, bi, i, d), dp = row(da, ai, i, d), dq = row(db, bi, i, d);
    const s = load<f32>(at4(g, i));
    const s4 = f32x4.splat(s);
    let c = 0;
    for (; c + 4 <= d; c += 4) {
      const x = v128.load(at4(p, c)), y = v128.load(at4(q, c));
      v128.store(at4(dp, c), f32x4.add(v128.load(at4(dp, c)), f32x4.mul(s4, y)));
      v128.store(at4(dq, c), f32x4.add(v128.load(at4(dq, c)), f32x4.mul(s4, x)));
    }
    for (; c < d; c++) {
      const x = load<f32>(at4(p, c)), y = load<f32>(at4(q, c));
      store<f32>(at4(dp, c), load<f32>(at4(dp, c)) + s * y);
      store<f32>(at4(dq, c), load<f32>(at4(dq, c)) + s * x);
    }
  }
}
