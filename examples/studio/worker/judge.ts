import { evaluateHoldout, METHOD_WORDS } from '../../../src/index.ts';
import type { Judgement, ShopInput, TrainInput } from '../jobs.ts';
import { seldom } from './input.ts';
import type { Run } from './main.ts';
import { fitOptions, readShop } from './shop.ts';
import { trainingProgress } from './train.ts';

/** Ten per cent of the pairs choose, ten judge. */
const TRAINED = 0.8;

/**
 * Hides some of the pairs, trains on the rest as the model was trained, and measures who finds the hidden ones. It runs in
 * a worker of its own, which reads the data again, so that the trained model can be asked meanwhile.
 */
export async function judge(input: ShopInput & TrainInput, run: Run): Promise<Judgement> {
  const shop = await readShop(input, run);
  const { graph, engine } = shop;
  try {
    const tell = seldom(run.tell);
    const training = trainingProgress(tell, Math.ceil(TRAINED * graph.edgeCount));
    const found = await evaluateHoldout(graph, {
      ...fitOptions(shop, input),
      signal: run.signal,
      onProgress: (progress) => {
        const words = METHOD_WORDS[progress.phase];
        if (words === undefined) return training(progress);
        const { step, total } = progress;
        tell({ stage: 'Measuring the methods', detail: words.replace('CONTROL: ', ''), step, total });
      },
    });
    const { nodes, edges, split, filter, methods, direction, verdict } = found;
    return {
      lines: verdict.lines,
      hidden: split.test,
      methods: Object.entries(methods)
        .map(([name, m]) => ({
          name,
          words: METHOD_WORDS[name] ?? '',
          hitRate: m['hitRate@10'],
          error: m['hitRate@10Error'],
          mrr: m['mrr@10'],
          direction: m.directionPaired,
        }))
        .sort((a, b) => b.hitRate - a.hitRate),
      document: JSON.stringify({
        nodes,
        edges,
        split: { ...split, kind: 'random', seed: input.seed },
        filter,
        methods,
        direction,
        verdict,
        notes: [],
      }),
    };
  } finally {
    engine.dispose();
  }
}
