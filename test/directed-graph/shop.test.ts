import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from '../../src/directed-graph/evaluate.ts';
import { nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { Engine } from '../../src/engine/engine.ts';
import { simulateShop } from '../../src/simulate/index.ts';

/** The promise of the package on data with known truth, for three shops that differ in everything but their rules. */
for (const seed of [1, 2, 3]) {
  test(`shop ${seed}: phones lead to their cases, no case to its phone, and direction holds on unseen edges`, async () => {
    const engine = await Engine.create();
    const { orders, items, truth, features: words } = simulateShop(engine, { seed });
    const graph = DirectedGraph.fromOrders(orders, { ids: items.id, minSupport: 4 });
    const features = nodeFeatures(words.node, words.feature, words.value, graph.nodeCount);
    const fit = { engine, features, seed: 1, encoder: { directionLoss: 0.3 } };
    const model = (await RelatedProducts.fit(graph, fit)).attach(engine);

    const pairs = Array.from(truth.source, (u, i) => [u, truth.target[i]]).filter(
      ([u, v]) => items.category[u] === 'phone' && items.category[v] === 'phone case',
    );
    const top = (v: number) => model.recommend(v, { k: 10 }).map(({ node }) => node);
    const phones = [...new Set(pairs.map(([u]) => u))];
    const led = phones.filter((u) => {
      const answers = top(u);
      return pairs.some(([phone, own]) => phone === u && answers.includes(own));
    });
    assert.ok(led.length >= 0.95 * phones.length, `${led.length} of ${phones.length} phones`);
    const back = pairs.filter(([phone, own]) => top(own).includes(phone));
    assert.is(back.length, 0, 'cases that lead to their phone');

    const split = splitEdges(engine, graph, { kind: 'random', seed: 1 });
    const judged = await RelatedProducts.fit(split.train, { ...fit, validation: split.validation });
    const { directionAucMatched } = evaluate(engine, judged.attach(engine).scorer, split);
    assert.ok(directionAucMatched! >= 0.9, `in-degree-matched direction AUC ${directionAucMatched}`);
  });
}

test.run();
