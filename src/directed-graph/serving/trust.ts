import type { ModelCard } from '../fit.ts';
import { sumOf } from '../ranker/ship.ts';

/** Why counts should answer before the model, if they should. */
export function distrust({ validation, counts, ranker }: ModelCard): string | undefined {
  if (ranker?.used) return undefined;
  const tried = ranker?.heldOut;
  if (tried && sumOf(tried.counts) >= Math.max(sumOf(tried.ranker), sumOf(tried.embedding))) {
    return 'counts foretold the pairs set aside as well as the model';
  }
  if (!validation || !counts || sumOf(validation) > sumOf(counts)) return undefined;
  return 'too few edges to learn from, counts foretold the hidden ones as well';
}
