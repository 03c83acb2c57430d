import type { Engine } from '../engine/engine.ts';
import type { Catalogue } from './catalogue.ts';
import { Draws, STREAM } from './draws.ts';
import type { Orders } from './orders.ts';

/** "Also viewed": products looked at by the same buyers, both directions of a pair with the same weight. */
export interface AlsoViewed {
  source: Int32Array;
  target: Int32Array;
  /** purchases of either product before which the other was looked at as well */
  weight: Float64Array;
}

/** Lines that share one stream of numbers; each line takes at most a few. */
const LINES_A_STEP = 4096;

/** The buyer of each order line has looked at each substitute with the truth's strength. */
export function simulateViews(
  engine: Engine,
  { truth, isModel }: Catalogue,
  orders: Orders,
  seed: number,
): AlsoViewed {
  const products = isModel.length;
  const rows: number[] = [];
  const first = new Int32Array(products + 1);
  truth.kind.forEach((kind, row) => {
    if (kind !== 'substitute') return;
    rows.push(row);
    first[truth.source[row] + 1]++;
  });
  for (let u = 0; u < products; u++) first[u + 1] += first[u];
  const seen = new Float64Array(rows.length);
  engine.scope((scope) => {
    const draws = new Draws(engine, scope, seed);
    orders.item.forEach((item, line) => {
      if (line % LINES_A_STEP === 0) draws.seek(STREAM.views, line / LINES_A_STEP);
      for (let i = first[item]; i < first[item + 1]; i++) {
        if (draws.next() < truth.strength[rows[i]]) seen[i]++;
      }
    });
  });
  // Rows of a source are sorted by target, so the reverse of (u, v) is met in order as v's rows are walked.
  const next = first.slice(0, products);
  const both = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const reverse = next[truth.target[row]]++;
    both[i] = seen[i] + seen[reverse];
  });
  const kept = rows.map((_, i) => i).filter((i) => both[i] > 0);
  return {
    source: Int32Array.from(kept, (i) => truth.source[rows[i]]),
    target: Int32Array.from(kept, (i) => truth.target[rows[i]]),
    weight: Float64Array.from(kept, (i) => both[i]),
  };
}
