import { RelatedProducts } from '../../../src/index.ts';
import type { Progress, Trained, TrainInput } from '../jobs.ts';
import { seldom } from './input.ts';
import type { Run } from './main.ts';
import { currentShop, fitOptions } from './shop.ts';

const STAGES: Readonly<Record<string, string>> = {
  train: 'Learning what follows what',
  counts: 'Counting walks and neighbours',
  candidates: 'Choosing what may be answered',
  ranking: 'Fitting the ranker',
};

/** Edges of a training step. */
const BATCH = 4096;

/** Progress of `fit` as the page shows it. */
export const trainingProgress =
  (tell: Run['tell'], edges: number) =>
  ({
    phase,
    step,
    total,
    loss,
    etaMs,
  }: {
    phase: string;
    step: number;
    total: number;
    loss?: number;
    etaMs?: number;
  }) => {
    const pass = Math.max(1, Math.ceil((step * Math.min(BATCH, edges)) / edges));
    const progress: Progress = { stage: STAGES[phase] ?? phase, step, total, etaMs };
    tell(
      phase === 'train' && loss !== undefined
        ? {
            ...progress,
            detail: `step ${step} of at most ${total}, pass ${pass} over the pairs`,
            losses: [[step, loss]],
          }
        : progress,
    );
  };

/** Trains the shop's model; an abort leaves the one before in place. */
export async function train(input: TrainInput, { signal, tell }: Run): Promise<Trained> {
  const shop = currentShop();
  const { graph, engine } = shop;
  const start = performance.now();
  // The tenth of the pairs that is set aside is no part of a pass.
  const onProgress = trainingProgress(seldom(tell), Math.ceil(0.9 * graph.edgeCount));
  const model = await RelatedProducts.fit(graph, { ...fitOptions(shop, input), signal, onProgress });
  model.card.data = shop.read;
  shop.model?.dispose();
  shop.model = model.attach(engine);
  shop.reverse = undefined;
  const { steps, bestStep, validation, ranker } = model.card;
  const heldOut = ranker?.used ? ranker.heldOut : undefined;
  return {
    steps,
    bestStep,
    seconds: (performance.now() - start) / 1000,
    hash: await model.modelHash(),
    hitRate: heldOut?.ranker['hitRate@10'] ?? validation?.['hitRate@10'],
    ranking: ranker?.used
      ? 'counts, walks, words and learned vectors, mixed as they fit the pairs set aside best'
      : `learned vectors or counts: ${ranker?.why ?? 'no ranker was fitted'}`,
  };
}
