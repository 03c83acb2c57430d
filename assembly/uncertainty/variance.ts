// Mean and variance of many vectors seen one at a time.

import { at4 } from '../engine/simd';

/**
 * Welford's update with the vector x[n] as number `count` (from 1): mean[n] of the vectors so far, squares[n] the sums
 * of squared deviations from it; variance = squares / count. One vector's rounding never grows with the mean.
 */
export function welford(mean: usize, squares: usize, x: usize, n: i32, count: f32): void {
  const share = f32x4.splat(1 / count);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const value = v128.load(at4(x, i)), before = v128.load(at4(mean, i));
    const gap = f32x4.sub(value, before);
    const after = f32x4.add(before, f32x4.mul(gap, share));
    v128.store(at4(mean, i), after);
    v128.store(at4(squares, i), f32x4.add(v128.load(at4(squares, i)), f32x4.mul(gap, f32x4.sub(value, after))));
  }
  for (; i < n; i++) {
    const value = load<f32>(at4(x, i)), before = load<f32>(at4(mean, i));
    const gap = value - before;
    const after = before + gap * (1 / count);
    store<f32>(at4(mean, i), after);
    store<f32>(at4(squares, i), load<f32>(at4(squares, i)) + gap * (value - after));
  }
}
