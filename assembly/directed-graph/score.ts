// Reading a row of scores.

import { at4 } from '../engine/simd';

/**
 * For each of k targets, how many of row f32[n] are greater than and how many equal to row[target]: counts u32[2 k],
 * targets u32[k]. The target equals itself and is counted. Counts in lanes stay below n / 4, so nothing overflows.
 */
export function rankCounts(counts: usize, row: usize, targets: usize, n: i32, k: i32): void {
  for (let t = 0; t < k; t++) {
    const score = load<f32>(at4(row, load<i32>(at4(targets, t))));
    const s = f32x4.splat(score);
    // A true comparison is -1 in its lane: subtracting the masks counts.
    let g0 = i32x4.splat(0), g1 = g0, e0 = g0, e1 = g0;
    let i = 0;
    for (; i + 8 <= n; i += 8) {
      const a = v128.load(at4(row, i)), b = v128.load(at4(row, i), 16);
      g0 = i32x4.sub(g0, f32x4.gt(a, s));
      g1 = i32x4.sub(g1, f32x4.gt(b, s));
      e0 = i32x4.sub(e0, f32x4.eq(a, s));
      e1 = i32x4.sub(e1, f32x4.eq(b, s));
    }
    g0 = i32x4.add(g0, g1);
    e0 = i32x4.add(e0, e1);
    let greater = i32x4.extract_lane(g0, 0) + i32x4.extract_lane(g0, 1) + i32x4.extract_lane(g0, 2) + i32x4.extract_lane(g0, 3);
    let equal = i32x4.extract_lane(e0, 0) + i32x4.extract_lane(e0, 1) + i32x4.extract_lane(e0, 2) + i32x4.extract_lane(e0, 3);
    for (; i < n; i++) {
      const x = load<f32>(at4(row, i));
      greater += <i32>(x > score);
      equal += <i32>(x == score);
    }
    store<i32>(at4(counts, 2 * t), greater);
    store<i32>(at4(counts, 2 * t + 1), equal);
  }
}
