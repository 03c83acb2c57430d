// One stage of the dynamic programme over uncertainty levels.

import { at4 } from '../engine/simd';
import { at8 } from './search';

/**
 * out f64[states] and choice f64[states] (a whole number): out[m] = max over c of before[m - offset[c]] + gain[c], for
 * c < choices with m - offset[c] in [0, beforeStates), and the first c that reaches it; -infinity and 0 where there is
 * none. offset u32[choices], gain f64[choices]. out is not before.
 */
export function maxPlus(
  out: usize, choice: usize, before: usize, offset: usize, gain: usize, states: i32, beforeStates: i32, choices: i32,
): void {
  for (let m = 0; m < states; m++) store<f64>(at8(out, m), -Infinity);
  memory.fill(choice, 0, (<usize>states) << 3);
  for (let c = 0; c < choices; c++) {
    const start = <i32>load<u32>(at4(offset, c));
    const value = load<f64>(at8(gain, c));
    const value2 = f64x2.splat(value), c2 = f64x2.splat(<f64>c);
    const end = min(states - start, beforeStates);
    const to = at8(out, start), by = at8(choice, start);
    let m = 0;
    for (; m + 2 <= end; m += 2) {
      const found = f64x2.add(v128.load(at8(before, m)), value2);
      const best = v128.load(at8(to, m));
      const better = f64x2.gt(found, best);
      v128.store(at8(to, m), v128.bitselect(found, best, better));
      v128.store(at8(by, m), v128.bitselect(c2, v128.load(at8(by, m)), better));
    }
    for (; m < end; m++) {
      const found = load<f64>(at8(before, m)) + value;
      if (found > load<f64>(at8(to, m))) {
        store<f64>(at8(to, m), found);
        store<f64>(at8(by, m), <f64>c);
      }
    }
  }
}
