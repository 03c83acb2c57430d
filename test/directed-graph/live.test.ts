import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { LiveEncoder } from '../../src/directed-graph/serving/live.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { refused } from '../helpers/refused.ts';
import { phoneShop, randomGraph } from '../helpers/shop.ts';

const engine = await Engine.create();
const shop = phoneShop();
const fit = { engine, ranker: false, earlyStopping: false, seed: 5, dim: 12, training: { steps: 8 } };

/** Largest difference of a model's vectors from a whole pass over its graph. */
function distance(model: RelatedProducts): number {
  const { graph, card, weights, embedding } = model;
  const whole = LiveEncoder.embedAll(engine, graph, card.encoder, weights!);
  let most = 0;
  for (const role of ['source', 'target'] as const) {
    assert.is(embedding[role].length, whole[role].length);
    whole[role].forEach((x, i) => {
      const difference = Math.abs(x - embedding[role][i]);
      most = difference <= most ? most : difference;
    });
  }
  return most;
}

const VARIANTS = {
  'the default': {},
  'no layers': { encoder: { layers: 0 } },
  mean: { encoder: { aggregation: 'mean' as const, edgeWeights: true } },
  sum: { encoder: { aggregation: 'sum' as const, layers: 1, crossRole: false } },
  'symmetric weights, no last unit length': { encoder: { edgeWeights: true, normalize: 'none' as const } },
  blade: { preset: 'blade' as const },
  'tanh and W': { encoder: { activation: 'tanh' as const, transform: true } },
  untied: { encoder: { tied: false, input: 'structural' as const } },
};

for (const [name, variant] of Object.entries(VARIANTS)) {
  test(`edges added are a whole pass over the new graph to 1e-5, scores explained by their parts: ${name}`, async () => {
    const graph = randomGraph(60, 90, true);
    const trained = await RelatedProducts.fit(graph, { ...fit, ...variant });
    const bytes = encodeModel(trained);
    const edges = fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(edges, { minLength: 1, maxLength: 3 }), (rounds) => {
        const model = decodeModel(bytes).attach(engine);
        assert.ok(distance(model) < 1e-5, 'before any edge');
        for (const list of rounds) {
          const { touched } = model.addEdges({
            source: list.map(([u]) => u),
            target: list.map(([, v]) => v),
            weight: list.map((_, i) => 1 + i),
          });
          assert.ok(touched <= 60);
          assert.ok(distance(model) < 1e-5, `off by ${distance(model)}`);
        }
        for (const { score, explanation, source } of model.recommend([0, 7], { explain: 1000 })) {
          const sum = explanation!.reduce((total, { contribution }) => total + contribution, 0);
          assert.ok(
            source !== 'model' || Math.abs(sum - score) < 1e-4 * (1 + Math.abs(score)),
            `${sum}, ${score}`,
          );
        }
        model.dispose();
      }),
      { numRuns: 12 },
    );
  });
}

test('only the neighbourhood is embedded again: an edge at the end of a long chain leaves the start alone', async () => {
  const n = 200;
  const chain = DirectedGraph.fromEdges(
    Array.from({ length: n - 2 }, (_, i) => i),
    Array.from({ length: n - 2 }, (_, i) => i + 1),
    { nodeCount: n },
  );
  const model = (await RelatedProducts.fit(chain, fit)).attach(engine);
  const before = model.embedding.source.slice(0, 100 * 12);
  const { touched } = model.addEdges({ source: [n - 2], target: [n - 1] });
  assert.ok(touched > 1 && touched <= 8, `${touched} touched`);
  assert.equal(model.embedding.source.slice(0, 100 * 12), before);
  assert.equal(model.card.added, { nodes: 0, edges: 1 });
  assert.is(model.recommend(n - 2, { k: 1, fallback: false })[0].known !== undefined, true);
  model.dispose();
});

const text = { encoder: { negatives: 16, directionLoss: 0.5 }, dim: 16, training: { steps: 60 } };

test('a new phone is answered its family’s cases: by features, by edges, within 5 ms', async () => {
  const { graph, features, catalogue } = shop;
  const model = (await RelatedProducts.fit(graph, { ...fit, ...text, features, catalogue })).attach(engine);
  const own = ['case 6', 'case 7', 'case 8'];
  const cold = model.embedNew({ features: { feature: [2] } });
  assert.equal(
    cold.like
      .map(({ node }) => node)
      .slice(0, 4)
      .sort((a, b) => a - b),
    [2, 14, 15, 16],
  );
  const answers = model.recommend(cold, { k: 4, explain: true });
  for (const id of own)
    assert.ok(
      answers.some((a) => a.id === id),
      `${answers.map((a) => a.id)}`,
    );
  for (const { explanation, score } of answers) {
    assert.ok(Math.abs(explanation!.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6);
    const sum = explanation!.reduce((total, { contribution }) => total + contribution, 0);
    assert.ok(Math.abs(sum - score) < 1e-4 * (1 + Math.abs(score)), `${sum}, ${score}`);
  }
  const linked = model.embedNew({ out: ['case 6', 'case 7'] });
  const by = model.recommend(linked, { k: 4 });
  assert.ok(
    by.some(({ id }) => id === 'case 8'),
    `${by.map(({ id }) => id)}`,
  );
  assert.ok(by.find(({ id }) => id === 'case 6')?.known);
  assert.not.ok(model.recommend(linked, { k: 40, excludeKnown: true }).some(({ known }) => known));
  const scores = model.scoreNew('phone 2', [
    model.embedNew({ features: { feature: [2] } }),
    model.embedNew({ features: { feature: [5] } }),
  ]);
  assert.ok(scores[0] > scores[1], `${scores}`);
  for (const nothing of [{}, undefined, { out: [], in: [] }]) {
    refused(() => model.embedNew(nothing as never), TypeError, /embedNew must be given features, out or in/);
  }
  assert.throws(() => model.embedNew({ features: { feature: [-1] } }), /features.feature\[0\]/);
  assert.throws(
    () => model.embedNew({ features: { feature: [0], value: [Number.NaN] } }),
    /must be a finite number/,
  );
  for (const features of [null, 3, { columns: [1] }, { feature: 'ab' }, { feature: [0], value: null }]) {
    refused(
      () => model.embedNew({ features } as never),
      TypeError,
      /^features(\.feature|\.value)?(:| must be) /,
    );
  }
  assert.throws(() => model.embedNew({ out: ['nowhere'] }), /no node has the id/);
  assert.throws(() => model.embedNew({ from: [] } as never), /unknown option "from"/);
  model.dispose();
});

test('items added are answered, take edges, and are kept in the file', async () => {
  const { graph, features, catalogue } = shop;
  const model = (await RelatedProducts.fit(graph, { ...fit, ...text, features, catalogue })).attach(engine);
  model.addItems([
    { id: 'case new', features: { feature: [4] }, category: 'case' },
    { id: 'bare', category: 'phone' },
  ]);
  const n = graph.nodeCount + 2;
  assert.is(model.graph.nodeCount, n);
  assert.is(model.catalogue!.category.length, n);
  const place = (id: string) => model.recommend(id, { k: n }).findIndex((a) => a.id === 'case new');
  assert.ok(place('phone 4') < place('phone 1'), `${place('phone 4')} and ${place('phone 1')}`);
  model.addEdges({ source: ['phone 4', 'bare', 'bare'], target: ['case new', 'case new', 'case 12'] });
  assert.equal(model.card.added, { nodes: 2, edges: 3 });
  assert.ok(distance(model) < 1e-5, `off by ${distance(model)}`);
  const back = decodeModel(encodeModel(model)).attach(engine);
  assert.equal(
    back.recommend('bare', { k: 5, explain: true }),
    model.recommend('bare', { k: 5, explain: true }),
  );
  assert.is(await back.modelHash(), await model.modelHash());
  assert.throws(() => model.addItems([{ id: 'bare' }]), /distinct/);
  assert.throws(() => model.addEdges({ source: [0], target: ['x'] }), /no node has the id/);
  assert.throws(() => model.addEdges({ source: [0], target: [] }), /target must have 1 entries/);
  assert.throws(() => model.addEdges({ source: [0], target: [1], weight: [2] }), /have no weights/);
  for (const name of ['weight', 'timestamp']) {
    const edges = { source: [0], target: [1], [name]: null };
    assert.throws(() => model.addEdges(edges as never), new RegExp(`${name} must be an array, got null`));
    assert.throws(
      () => DirectedGraph.fromEdges([0], [1], { [name]: null } as never),
      new RegExp(`${name} must be`),
    );
  }
  assert.is(model.graph.nodeCount, n, 'a refused call changes nothing');
  back.dispose();
  model.dispose();
});

test('a model of a second relation says that it holds no encoder, and still answers and explains', async () => {
  const coView = DirectedGraph.fromEdges([0, 1], [1, 2], { nodeCount: shop.graph.nodeCount });
  const model = (await RelatedProducts.fit(shop.graph, { ...fit, preset: 'blade', coView })).attach(engine);
  assert.is(model.weights, undefined);
  assert.throws(() => model.addEdges({ source: [0], target: [1] }), /holds no encoder/);
  const [{ explanation }] = model.recommend(0, { k: 1, explain: true });
  assert.is(explanation!.at(0)!.kind, 'match');
  model.dispose();
});

test('nothing is left in the engine after dispose', () => {
  assert.is(engine.stats().slices, 0);
});

test.run();
