import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateModel } from '../../src/directed-graph/evaluate-model.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { evaluateHoldout, withoutHidden } from '../../src/directed-graph/holdout.ts';
import { METHODS } from '../../src/directed-graph/methods.ts';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { verdict } from '../../src/directed-graph/verdict.ts';
import { engine } from '../helpers/kernel.ts';

const FAMILIES = 12;

/** Phones of twelve families: each leads to 7 of the 10 accessories of its family and to 2 of another, never back. */
function families(): DirectedGraph {
  const source: number[] = [];
  const target: number[] = [];
  const phones = 10 * FAMILIES;
  for (let p = 0; p < phones; p++) {
    const family = p % FAMILIES;
    const accessory = (f: number, i: number) => phones + 10 * f + (i % 10);
    for (let i = 0; i < 7; i++) {
      source.push(p);
      target.push(accessory(family, 3 * i + Math.floor(p / FAMILIES)));
    }
    for (let i = 0; i < 2; i++) {
      source.push(p);
      target.push(accessory((family + 1 + i) % FAMILIES, p + i));
    }
  }
  return DirectedGraph.fromEdges(source, target, { nodeCount: 2 * phones });
}

const short = { dim: 8, training: { steps: 40 }, seed: 3 };

test('what is measured as ranker is what the model answers from, and everything stands beside it', async () => {
  const before = engine.stats().slices;
  const split = splitEdges(engine, families(), { seed: 3 });
  const model = await RelatedProducts.fit(split.train, { ...short, engine, validation: split.validation });
  assert.ok(model.card.ranker?.used, model.card.ranker?.why);
  const phases: string[] = [];
  const all = evaluateModel(engine, model, split, { onProgress: ({ phase }) => phases.push(phase) });
  const expected = METHODS.filter((name) => name !== 'contentCosine');
  assert.equal(Object.keys(all.methods), expected);
  assert.equal(phases, expected);
  model.attach(engine);
  const ranks = rankPairs(engine, model.scorer, split.train.nodeCount, split.test, split.train.out);
  assert.equal(all.methods.ranker.ranks, ranks);
  model.dispose();
  // Accessories lead nowhere, so every way to tell the direction is right.
  const { edges, ...areas } = all.direction!;
  assert.is(edges, split.test.source.length);
  for (const [name, area] of Object.entries(areas)) assert.ok(area > 0.9, `${name} ${area}`);
  assert.ok(all.methods.ranker['hitRate@10'] > 2 * all.methods.popularity['hitRate@10']);

  const few = evaluateModel(engine, undefined, split, { methods: ['ranker', 'embedding', 'twoHop'] });
  assert.equal(Object.keys(few.methods), ['twoHop'], 'without a model only rivals are measured');
  assert.throws(() => evaluateModel(engine, model, split, { methods: ['magic' as never] }), /got "magic"/);
  assert.is(engine.stats().slices, before);
});

test('a model without a ranker ships its vectors', async () => {
  const split = splitEdges(engine, families(), { seed: 3 });
  const model = await RelatedProducts.fit(split.train, {
    ...short,
    engine,
    ranker: false,
    validation: split.validation,
  });
  const { methods, direction } = evaluateModel(engine, model, split, { methods: ['ranker', 'embedding'] });
  assert.equal(methods.ranker, methods.embedding);
  assert.is(direction, undefined);
});

test('a holdout evaluation is a JSON document with a verdict, the same for the same seed', async () => {
  const methods = ['ranker', 'control', 'popularity'] as const;
  const graph = families();
  const phases = new Set<string>();
  const onProgress = ({ phase }: { phase: string }) => void phases.add(phase);
  const before = engine.stats().slices;
  const found = await evaluateHoldout(graph, { ...short, engine, methods, onProgress });
  assert.is(engine.stats().slices, before);
  assert.ok(phases.has('train') && phases.has('control'));
  const text = JSON.stringify(found);
  assert.not.match(text, /null|:\{"0":/, 'neither numbers that are none nor typed arrays');
  assert.is(
    JSON.stringify(await evaluateHoldout(graph, { ...short, methods })),
    text,
    'in an own engine too',
  );
  assert.is(found.verdict.method, 'ranker');
  assert.is(found.verdict.control?.method, 'control');
  assert.ok(found.verdict.control?.paired && found.verdict.groups.length > 0);
  assert.is(found.card.edges, found.split.train);
  assert.not.ok('degrees' in found || 'ranks' in found.methods.ranker);
  // The same as by hand.
  const split = splitEdges(engine, graph, { seed: short.seed });
  const model = await RelatedProducts.fit(split.train, { ...short, engine, validation: split.validation });
  assert.equal(verdict(evaluateModel(engine, model, split, { methods, seed: short.seed })), found.verdict);
});

test('hidden pairs are taken out of the second relation, either way round', () => {
  const graph = families();
  const split = splitEdges(engine, graph, { seed: 3 });
  const { source, target } = split.test;
  const hidden = DirectedGraph.fromEdges(
    [target[0], source[1], split.train.out.indices[0]],
    [source[0], target[1], 0],
    { nodeCount: graph.nodeCount },
  );
  const open = withoutHidden(hidden, split)!;
  assert.is(open.edgeCount, 1);
  assert.ok(open.hasEdge(split.train.out.indices[0], 0));
  const only = DirectedGraph.fromEdges([target[0]], [source[0]], { nodeCount: graph.nodeCount });
  assert.is(withoutHidden(only, split), undefined);
});

test('too few edges and unknown options are refused', async () => {
  const tiny = DirectedGraph.fromEdges([0, 1], [1, 2], { nodeCount: 3 });
  let refused: unknown;
  await evaluateHoldout(tiny, { engine }).catch((error) => (refused = error));
  assert.instance(refused, RangeError);
  assert.match(String(refused), /2 edges are too few/);
  await evaluateHoldout(families(), { engine, filters: 'all' } as never).catch((error) => (refused = error));
  assert.match(String(refused), /unknown option "filters"/);
});

test.run();
