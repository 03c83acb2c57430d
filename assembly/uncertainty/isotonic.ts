// Weighted isotonic regression by pooling adjacent violators, with a least weight for a block.

import { at4 } from '../engine/simd';
import { at8 } from './search';

/** f64 of scratch for `isotonic`: positives, weight and first row of every block. */
export function isotonicScratch(n: i32): i32 {
  return 3 * n;
}

/**
 * fit f64[n] = the non-decreasing values nearest to positives[i] / weight[i] (sums over a bin of rows, both f64[n], bins
 * in ascending order of score; a bin of weight 0 takes its block's value) in weighted squares. Bins are first joined,
 * from the highest down, into runs of weight >= `least`, so that no value rests on a few rows; what remains at the low
 * end joins the lowest run. Returns the number of blocks; 0 when all weights are 0, and fit is 0 then.
 */
export function isotonic(fit: usize, positives: usize, weight: usize, scratch: usize, n: i32, least: f64): i32 {
  const sums = scratch, weights = at8(sums, n), ends = at8(weights, n);
  let blocks = 0;
  // The run last closed waits, because what remains at the low end may still join it.
  let p: f64 = 0, w: f64 = 0, waitingP: f64 = 0, waitingW: f64 = 0;
  let from = n, waitingFrom = n;
  // Blocks stand from the highest bin down; block b reaches down to bin ends[b], and means fall along them.
  for (let i = n - 1; i >= -1; i--) {
    if (i >= 0) {
      p += load<f64>(at8(positives, i));
      w += load<f64>(at8(weight, i));
      from = i;
      if (!(w >= least && w > 0)) continue;
    } else if (from < waitingFrom) {
      waitingP += p;
      waitingW += w;
      waitingFrom = from;
    }
    if (waitingFrom < n) {
      while (blocks > 0 && load<f64>(at8(sums, blocks - 1)) * waitingW <= waitingP * load<f64>(at8(weights, blocks - 1))) {
        blocks--;
        waitingP += load<f64>(at8(sums, blocks));
        waitingW += load<f64>(at8(weights, blocks));
      }
      store<f64>(at8(sums, blocks), waitingP);
      store<f64>(at8(weights, blocks), waitingW);
      store<i32>(at4(ends, blocks), waitingFrom);
      blocks++;
    }
    waitingP = p;
    waitingW = w;
    waitingFrom = from;
    p = 0;
    w = 0;
  }
  let row = n - 1;
  for (let b = 0; b < blocks; b++) {
    const total = load<f64>(at8(weights, b));
    const mean = total > 0 ? load<f64>(at8(sums, b)) / total : 0;
    for (const end = load<i32>(at4(ends, b)); row >= end; row--) store<f64>(at8(fit, row), mean);
  }
  return blocks == 1 && !(load<f64>(weights) > 0) ? 0 : blocks;
}
