import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FitOptions, FitState } from '../../src/directed-graph/fit.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { encodeModel } from '../../src/model-file.ts';
import { familyShop, randomGraph } from '../helpers/shop.ts';

const test = suite('threads: training');
const engines = await Promise.all([1, 2, 3, 4].map((threads) => Engine.create({ threads })));
const graph = randomGraph(2500, 9000, true);

/** The model's hash and the loss of every step, by one thread to four. */
async function runs(options: FitOptions): Promise<string[]> {
  const told: string[] = [];
  for (const engine of engines) {
    const losses: number[] = [];
    const onProgress = ({ phase, loss }: { phase: string; loss?: number }) => {
      if (phase === 'train') losses.push(loss!);
    };
    const model = await RelatedProducts.fit(graph, {
      ...options,
      engine,
      seed: 3,
      ranker: false,
      onProgress,
    });
    told.push(JSON.stringify([await model.modelHash(), losses]));
    assert.is(engine.stats().slices, 0);
  }
  return told;
}

const training = { steps: 4, evaluateEvery: 2, validationEdges: 100 };
const CASES: Record<string, FitOptions> = {
  'whole graph': { training: { ...training, mode: 'full' } },
  'sampled neighbourhoods': { training: { ...training, mode: 'sampled', batch: 512 } },
  'the published recipe, sampled': { preset: 'blade', training: { ...training, batch: 512 } },
  'the published recipe, whole graph': { preset: 'blade', training: { ...training, mode: 'full' } },
  'two tables, mean, tanh and a matrix, logistic loss with direction': {
    encoder: {
      ...{ tied: false, aggregation: 'mean', transform: true, activation: 'tanh', normalize: 'every' },
      ...{ loss: 'logistic', directionLoss: 0.3, edgeWeights: true, dim: 52 },
    },
    training: { ...training, mode: 'full', weightDecay: 0.01 },
  },
};

for (const [name, options] of Object.entries(CASES)) {
  test(`${name}: one model hash and the same losses on 1, 2, 3 and 4 threads`, async () => {
    const [alone, ...shared] = await runs(options);
    for (const [i, told] of shared.entries()) assert.is(told, alone, `${i + 2} threads`);
  });
}

test('a run begun on one thread and resumed on three is the run of one, and back', async () => {
  const options = { seed: 3, ranker: false, training: { ...training, mode: 'full' as const } };
  const whole = await RelatedProducts.fit(graph, { ...options, engine: engines[0] });
  for (const [first, second] of [
    [0, 2],
    [2, 0],
  ]) {
    let state: FitState | undefined;
    const save = (at: FitState) => {
      state ??= structuredClone(at);
    };
    await RelatedProducts.fit(graph, { ...options, engine: engines[first], checkpoint: { every: 2, save } });
    assert.is(state!.step, 2);
    const model = await RelatedProducts.fit(graph, {
      ...options,
      engine: engines[second],
      checkpoint: { resume: state },
    });
    assert.is(await model.modelHash(), await whole.modelHash());
  }
});

test('a model with its ranker: the same file and the same answers', async () => {
  const { graph: shop } = familyShop();
  const told: string[] = [];
  for (const engine of engines) {
    const model = await RelatedProducts.fit(shop, { engine, seed: 1, training: { steps: 20 } });
    const file = Buffer.from(encodeModel(model)).toString('base64');
    model.attach(engine);
    told.push(JSON.stringify([file, model.recommend(0, { k: 5 }), model.recommend([1, 14], { k: 5 })]));
    model.dispose();
  }
  for (const [i, other] of told.entries()) assert.ok(other === told[0], `${i + 1} threads`);
});

test.after(() => {
  for (const engine of engines) engine.dispose();
});
test.run();
