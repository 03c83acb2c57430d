import type { ModelCard } from '../fit.ts';
import { sumOf } from '../ranker/quality.ts';

/** From so many edges on the vectors are trusted without a judgement. */
const FEW_EDGES = 2000;

/** Why counts should answer before the model, if they should. */
export function distrust({ validation, counts, ranker, edges }: ModelCard): string | undefined {
  if (ranker?.used) return undefined;
  // Held-out pairs of fewer queries than a ranker needs say as little about the vectors.
  if (ranker && !ranker.heldOut && edges < FEW_EDGES) return 'too few edges to learn from';
  const tried = ranker?.heldOut;
  if (tried && sumOf(tried.counts) >= Math.max(sumOf(tried.ranker), sumOf(tried.embedding))) {
    return 'counts foretold the pairs set aside as well as the model';
  }
  if (!validation || !counts || sumOf(validation) > sumOf(counts)) return undefined;
  return 'too few edges to learn from, counts foretold the hidden ones as well';
}
