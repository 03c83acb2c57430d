// Models to try the worker with, from seeded simulations: `node models.js` writes models/related.safetensors and
// models/policy.json. Your own: `npx fletching related train orders.csv --no-ranker --out related.safetensors` and
// `npx fletching thresholds fit scored.csv --label bought --precision .7 --out policy.json`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  categoricalColumn,
  DirectedGraph,
  Engine,
  encodeModel,
  fitBoundary,
  nodeFeatures,
  numericColumn,
  RelatedProducts,
  UncertainScorer,
} from 'fletching';
import { simulateExposures, simulateShop } from 'fletching/simulate';

/** The bytes of a model for serving: what only new items, new edges and reasons need is left out. */
async function served({ graph, embedding, card, catalogue }) {
  return encodeModel(await RelatedProducts.from(graph, embedding, card, { catalogue }));
}

/** A shop's model that answers by its vectors alone: a quarter of a millisecond an answer, where the ranker takes nine. */
export async function shopModel(engine, shop) {
  const { orders, items, features } = shop;
  const graph = DirectedGraph.fromOrders(orders, { ids: items.id, minSupport: 4 });
  const words = nodeFeatures(features.node, features.feature, features.value, graph.nodeCount);
  const model = await RelatedProducts.fit(graph, {
    engine,
    features: words,
    seed: 1,
    encoder: { directionLoss: 0.3 },
    ranker: false,
    catalogue: { category: items.category },
  });
  return served(model);
}

/** Whether to show an offer: a scorer learned from half of the simulated customers, the policy from the others. */
export async function offerPolicy(engine, shop) {
  const shown = simulateExposures(engine, shop);
  const label = Float32Array.from(shown.delay, (days) => Number(!Number.isNaN(days)));
  const half = (odd) => {
    const rows = Array.from(label.keys()).filter((i) => shown.customer[i] % 2 === odd);
    const column = (values) => Float64Array.from(rows, (i) => values[i]);
    const columns = ['activity', 'taste', 'favourite'].map((name) =>
      numericColumn(name, column(shown[name])),
    );
    const category = rows.map((i) => shop.items.category[shown.item[i]]);
    return {
      table: { rows: rows.length, columns: [...columns, categoricalColumn('category', category)] },
      label: Float32Array.from(column(label)),
      group: column(shown.customer),
    };
  };
  const [first, second] = [half(0), half(1)];
  const scorer = await UncertainScorer.fit(engine, first.table, first.label, { seed: 1 });
  const { score, uncertainty } = scorer.predict(second.table);
  const holdout = { score, uncertainty, label: second.label, group: second.group };
  const { policy } = await fitBoundary(engine, holdout, { precision: 0.35, confidence: 0.9, seed: 1 });
  return policy;
}

/** n items x 64 with 18 edges an item, trained for three steps: an answer's time does not depend on its quality. */
export async function randomModel(n) {
  const engine = await Engine.create();
  const at = (i) => (Math.imul(i + 1, 2654435761) >>> 8) % n;
  const source = Uint32Array.from({ length: 18 * n }, (_, i) => at(i));
  const target = source.map((u, i) => at(7 * i + u));
  const ids = Array.from({ length: n }, (_, v) => `item ${v}`);
  const graph = DirectedGraph.fromEdges(source, target, { ids });
  const training = { steps: 3 };
  return served(
    await RelatedProducts.fit(graph, { engine, seed: 1, earlyStopping: false, training, ranker: false }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const engine = await Engine.create();
  const shop = simulateShop(engine, { seed: 1 });
  mkdirSync('models', { recursive: true });
  const policy = await offerPolicy(engine, shop);
  writeFileSync('models/policy.json', `${JSON.stringify(policy)}\n`);
  console.log(`models/policy.json: ${policy.card.statement ?? policy.card.method}`);
  const bytes = await shopModel(engine, shop);
  writeFileSync('models/related.safetensors', bytes);
  console.log(`models/related.safetensors: ${(bytes.length / 1e6).toFixed(1)} MB`);
}
