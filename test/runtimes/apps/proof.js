// What every runtime is asked to do: train a small model of each room, and answer from a file.
import {
  ConversionLog,
  categoricalColumn,
  DelayedFeedbackClassifier,
  DirectedGraph,
  decodeModel,
  Engine,
  encodeConversions,
  encodeModel,
  encodeThresholds,
  fitBoundary,
  nodeFeatures,
  numericColumn,
  RelatedProducts,
  UncertainScorer,
} from 'fletching';
import { simulateExposures, simulateShop } from 'fletching/simulate';

const DAY = 86_400;

/** The SHA-256 of each model's file, the file of the first, its answers, and the memory that all of it took. */
export async function train(threads = 1) {
  const engine = await Engine.create({ threads });
  if (engine.threads !== threads) throw new Error(engine.threadsReason);
  const shop = simulateShop(engine, { seed: 1, products: 160, customers: 2500 });
  const { orders, items, features } = shop;
  const graph = DirectedGraph.fromOrders(orders, { ids: items.id, minSupport: 3 });
  const words = nodeFeatures(features.node, features.feature, features.value, graph.nodeCount);
  const model = await RelatedProducts.fit(graph, { engine, features: words, seed: 1 });
  const file = await encodeModel(model);
  const sampled = await RelatedProducts.fit(graph, {
    engine,
    seed: 1,
    preset: 'blade',
    encoder: { directionLoss: 0.3 },
    training: { steps: 20 },
    ranker: false,
  });

  const { time, item, delay, activity, taste, options } = simulateExposures(engine, shop);
  const days = Float64Array.from(time, (t) => (t - time[0]) / DAY);
  const table = {
    rows: time.length,
    columns: [
      numericColumn('activity', activity),
      numericColumn('taste', taste),
      categoricalColumn('category', Array.from(item, (code) => items.category[code])),
    ],
  };
  const { window } = options;
  const columns = { time: days, conversionDelay: delay, features: table };
  const log = new ConversionLog(columns, { window, end: days.at(-1) + window });
  const conversions = await DelayedFeedbackClassifier.fit(engine, log, { seed: 1, bits: 10, epochs: 1 });

  const label = Float32Array.from(delay, (d) => Number(!Number.isNaN(d)));
  const scorer = await UncertainScorer.fit(engine, table, label, { seed: 1, epochs: 1, bits: 10 });
  const { score, uncertainty } = scorer.predict(table);
  const rows = { score, uncertainty, label };
  const bound = { precision: 0.2, seed: 1 };
  const thresholds = {
    scorer,
    policy: (await fitBoundary(engine, rows, bound)).policy,
    base: (await fitBoundary(engine, rows, { ...bound, method: 'single' })).policy,
    features: { numeric: ['activity', 'taste'], categorical: ['category'] },
    calibration: rows,
    test: rows,
    card: {},
  };
  const hashes = {
    related: await sha256(file),
    sampled: await sha256(await encodeModel(sampled)),
    conversions: await sha256(await encodeConversions(conversions)),
    thresholds: await sha256(await encodeThresholds(thresholds)),
  };
  return { hashes, file, answers: answers(model.attach(engine)), memoryBytes: engine.stats().memoryBytes };
}

/** The answers of a saved model. */
export async function serve(file) {
  const model = await decodeModel(new Uint8Array(file));
  return answers(model.attach(await Engine.create()));
}

const answers = (model) =>
  model.recommend('orbit-x1-phone', { k: 5 }).map(({ id, score }) => `${id} ${score}`);

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
