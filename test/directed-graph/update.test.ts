import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Progress } from '../../src/directed-graph/fit.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { LiveEncoder } from '../../src/directed-graph/serving/live.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { PHONES, phoneShop, randomGraph } from '../helpers/shop.ts';

const engine = await Engine.create();
const { graph: shop, features, catalogue } = phoneShop();
const fit = { engine, ranker: false, earlyStopping: false, seed: 5, dim: 12, training: { steps: 30 } };
const small = { encoder: { negatives: 16 } };

/** Largest difference of a model's vectors from a whole pass by its own encoder over its own graph. */
function distance({ graph, card, weights, embedding }: RelatedProducts): number {
  const whole = LiveEncoder.embedAll(engine, graph, card.encoder, weights!);
  let most = 0;
  for (const role of ['source', 'target'] as const) {
    whole[role].forEach((x, i) => {
      const difference = Math.abs(x - embedding[role][i]);
      most = difference <= most ? most : difference;
    });
  }
  return most;
}

const bytesOf = async (graph: DirectedGraph, options: object) =>
  encodeModel(await RelatedProducts.fit(graph, { ...fit, ...options }));
const opened = (bytes: Uint8Array) => decodeModel(bytes).attach(engine);

const VARIANTS = {
  'learned rows': small,
  'features alone, which get learned rows beside them': { ...small, features },
  'rows by role': { encoder: { negatives: 16, tied: false, input: 'structural' as const } },
  'sampled neighbourhoods': {
    ...small,
    training: { steps: 30, mode: 'sampled' as const, sampling: { fanout: [3] } },
  },
  'the published loss, means, tanh': {
    encoder: {
      loss: 'asymmetric' as const,
      aggregation: 'mean' as const,
      transform: true,
      activation: 'tanh' as const,
    },
  },
  'direction loss, no layers': { encoder: { negatives: 16, layers: 0, directionLoss: 0.5 } },
};
const edges = { source: ['phone 1', 'phone 5', 'charger'], target: ['case 16', 'case 4', 'lonely'] };

for (const [name, variant] of Object.entries(VARIANTS)) {
  test(`an update lowers the loss of its edges and is what the encoder makes of its rows: ${name}`, async () => {
    const bytes = await bytesOf(shop, variant);
    const model = opened(bytes);
    const old = model.embedding;
    const { loss, ...rest } = await model.update(edges, { steps: 40, learningRate: 0.02 });
    assert.is(rest.steps, 40);
    assert.is(rest.tuned, 6);
    assert.ok(rest.touched >= (variant === VARIANTS['direction loss, no layers'] ? 6 : 7));
    assert.ok(loss!.after < loss!.before, `${loss!.after} after ${loss!.before}`);
    assert.ok(distance(model) < 1e-5, `off by ${distance(model)}`);
    assert.is(model.card.updateSteps, 40);
    assert.equal(model.card.added, { nodes: 0, edges: 3 });
    assert.ok(model.embedding.source.some((x, i) => x !== old.source[i]));
    // The same seed gives the same bits, in a model read from its file too.
    const again = opened(bytes);
    await again.update(edges, { steps: 40, learningRate: 0.02 });
    assert.is(await again.modelHash(), await model.modelHash());
    const back = opened(encodeModel(model));
    assert.is(await back.modelHash(), await model.modelHash());
    assert.ok(distance(back) < 1e-5);
    await back.update({ source: [0], target: [9] }, { steps: 3 });
    assert.is(back.card.updateSteps, 43);
    for (const m of [model, again, back]) m.dispose();
  });
}

test('only the ends of the new edges are trained, and what is out of their reach keeps its bits', async () => {
  const n = 200;
  const along = Array.from({ length: n - 2 }, (_, i) => i);
  const chain = DirectedGraph.fromEdges(
    along,
    along.map((i) => i + 1),
    { nodeCount: n },
  );
  const model = opened(await bytesOf(chain, { training: { steps: 8 } }));
  const { embedding, weights } = model;
  const { touched, tuned } = await model.update({ source: [n - 2, 7], target: [n - 1, 7] });
  assert.is(tuned, 2, 'an edge to itself is none');
  assert.ok(touched > 2 && touched <= 8, `${touched} touched`);
  const d = embedding.dim;
  const differ = (a: Float32Array, b: Float32Array, width: number) =>
    Array.from({ length: n }, (_, u) => u).filter((u) =>
      a.subarray(u * width, (u + 1) * width).some((x, c) => x !== b[u * width + c]),
    );
  assert.equal(differ(weights!.tables[0], model.weights!.tables[0], d), [n - 2, n - 1]);
  assert.equal(differ(embedding.bias!, model.embedding.bias!, 1), [n - 1]);
  assert.ok(model.embedding.bias![n - 1] !== embedding.bias![n - 1]);
  for (const role of ['source', 'target'] as const) {
    const changed = differ(embedding[role], model.embedding[role], d);
    assert.ok(changed.length > 0 && changed.length <= touched && changed[0] >= n - 9, `${changed}`);
  }
  assert.equal(weights!.parameters, model.weights!.parameters);
  model.dispose();
});

test('an item that came later is answered its family, the case too that nobody told of', async () => {
  const options = { encoder: { negatives: 16, dropout: 0.2 }, training: { steps: 150 }, catalogue };
  const model = opened(await bytesOf(shop, options));
  model.addItems([{ id: 'phone new', category: 'phone' }]);
  const told = ['case 9', 'case 10', 'charger'];
  await model.update({ source: told.map(() => 'phone new'), target: told });
  const answers = model.recommend('phone new', { k: 4, rank: 'embedding' });
  assert.equal(answers.map(({ id }) => id).sort(), ['case 10', 'case 11', 'case 9', 'charger']);
  assert.equal(
    answers.filter(({ known }) => !known).map(({ id }) => id),
    ['case 11'],
  );
  model.dispose();
});

test('no steps, and no edges, are addEdges', async () => {
  const bytes = await bytesOf(shop, small);
  const [model, plain] = [opened(bytes), opened(bytes)];
  const numbers = { source: [0, 1], target: [PHONES + 4, PHONES + 9] };
  const { touched } = plain.addEdges(numbers);
  assert.equal(await model.update(numbers, { steps: 0 }), { touched, tuned: 0, steps: 0 });
  assert.is(await model.modelHash(), await plain.modelHash());
  assert.is(model.card.updateSteps, undefined);
  assert.equal(await model.update({ source: [], target: [] }), { touched: 0, tuned: 0, steps: 0 });
  assert.is(await model.modelHash(), await plain.modelHash());
  model.dispose();
  plain.dispose();
});

test('rows that are fixed stay, the popularity terms move', async () => {
  const model = opened(await bytesOf(shop, { encoder: { negatives: 16, input: 'fixed' as const } }));
  const bias = model.embedding.bias!.slice();
  const result = await model.update({ source: [0], target: ['lonely'] });
  assert.is(result.steps, 0);
  assert.is(result.loss, undefined);
  assert.ok(model.embedding.bias![shop.nodeCount - 1] !== bias[shop.nodeCount - 1]);
  assert.ok(distance(model) < 1e-5);
  model.dispose();
});

test('weights, times and repeated edges are taken as addEdges takes them', async () => {
  const graph = randomGraph(60, 200, true);
  const model = opened(await bytesOf(graph, { encoder: { negatives: 16, edgeWeights: true } }));
  const source = graph.out.indptr.findIndex((at) => at > 0) - 1;
  const target = graph.out.indices[0];
  const { loss, tuned } = await model.update({ source: [source, 59], target: [target, 3], weight: [4, 2] });
  assert.is(tuned, 4);
  assert.ok(loss!.after < loss!.before);
  assert.is(model.graph.out.weights![0], graph.out.weights![0] + 4);
  assert.ok(distance(model) < 1e-5);
  const one = { source: [0], target: [1] };
  await rejected(model.update({ ...one, weight: [Number.NaN] }), /RangeError: weight\[0\] must be/);
  await rejected(model.update({ ...one, weight: [0] }), /RangeError: weight\[0\] must be/);
  await rejected(model.update({ ...one, wieght: [1] } as never), /unknown option "wieght"/);
  await rejected(model.update({ ...one, timestamp: [1] }), /have no times/);
  await rejected(model.update(null as never), /TypeError: edges must be an object/);
  model.dispose();
  const timed = DirectedGraph.fromEdges([0, 1, 2], [1, 2, 0], { timestamp: [10, 20, 30] });
  const dated = opened(await bytesOf(timed, {}));
  await rejected(dated.update(one), /timestamp is needed/);
  await rejected(dated.update({ ...one, timestamp: [-1] }), /RangeError: timestamp\[0\] must be/);
  await dated.update({ source: [0, 0], target: [2, 1], timestamp: [50, 40] }, { steps: 2 });
  assert.equal(Array.from(dated.graph.out.timestamps!), [40, 50, 20, 30]);
  dated.dispose();
});

const rejected = async (work: Promise<unknown>, rule: RegExp) => {
  let message = 'nothing was thrown';
  await work.catch((error: Error) => {
    message = `${error.name}: ${error.message}`;
  });
  assert.match(message, rule);
};

test('an abort, a wrong option or a wrong edge leaves the model as it was', async () => {
  const model = opened(await bytesOf(shop, small));
  const hash = await model.modelHash();
  const controller = new AbortController();
  const steps: number[] = [];
  const onProgress = ({ phase, step, total, loss, etaMs }: Progress) => {
    assert.is(phase, 'update');
    assert.is(total, 60);
    assert.ok(Number.isFinite(loss) && Number.isFinite(etaMs));
    if (steps.push(step) === 5) controller.abort();
  };
  const numbers = { source: [0], target: [20] };
  await rejected(model.update(numbers, { signal: controller.signal, onProgress }), /AbortError/);
  assert.equal(steps, [1, 2, 3, 4, 5]);
  await rejected(model.update(numbers, { steps: Number.NaN }), /RangeError: steps/);
  await rejected(model.update(numbers, { steps: 1.5 }), /RangeError: steps/);
  await rejected(model.update(numbers, { learningRate: Number.NaN }), /RangeError: learningRate/);
  await rejected(model.update(numbers, { learningRate: Infinity }), /learningRate/);
  await rejected(model.update(numbers, { seed: -1 }), /RangeError: seed/);
  await rejected(model.update(numbers, { signal: {} as never }), /TypeError: signal/);
  await rejected(model.update(numbers, { onProgress: 1 as never }), /TypeError: onProgress/);
  await rejected(model.update(numbers, { epochs: 1 } as never), /unknown option "epochs"/);
  await rejected(model.update({ source: ['x'], target: [9] }), /no node has the id/);
  await rejected(model.update({ source: [0], target: [] }), /target must have 1 entries/);
  assert.is(await model.modelHash(), hash);
  assert.is(model.graph, model.graph);
  assert.is(model.graph.edgeCount, shop.edgeCount);
  // Changed by somebody else in the meantime, the model keeps that change.
  const update = model.update(numbers, {
    onProgress: ({ step }) => {
      if (step === 2) model.addEdges({ source: [2], target: [21] });
    },
  });
  await rejected(update, /was changed while it was being updated/);
  assert.ok(model.graph.hasEdge(2, 21) && !model.graph.hasEdge(0, 20));
  model.dispose();
});

test('nothing is left in the engine after dispose', () => {
  assert.is(engine.stats().slices, 0);
});

test.run();
