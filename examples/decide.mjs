// All three rooms on one simulated shop. Related products are shown under what a customer buys; whether they are bought is
// known up to 30 days later; and a policy decides what is worth showing. Run with `npm run build && node examples/decide.mjs`.
import {
  ConversionLog,
  categoricalColumn,
  DelayedFeedbackClassifier,
  DirectedGraph,
  Engine,
  evaluatePolicy,
  fitBoundary,
  numericColumn,
  RelatedProducts,
  recallGain,
  surfaceCalibration,
} from 'fletching';
import { simulateShop } from 'fletching/simulate';

const [HISTORY, TODAY, END, WINDOW] = [270, 400, 500, 30];
const PRECISION = 0.25;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const engine = await Engine.create();

// 1. What leads to what, from the orders of the first 270 days.
const { orders, items } = simulateShop(engine, {
  seed: 1,
  products: 200,
  customers: 6000,
  days: END + WINDOW,
});
const day = Float64Array.from(orders.time, (t) => (t - orders.time[0]) / 86_400);
const known = day.findIndex((d) => d >= HISTORY);
const past = Object.fromEntries(Object.entries(orders).map(([name, x]) => [name, x.subarray(0, known)]));
const graph = DirectedGraph.fromOrders(past, { ids: items.id, minSupport: 3 });
const model = await RelatedProducts.fit(graph, { engine, seed: 1, training: { steps: 200 } });
model.attach(engine);

// A recommendation carries a score, and how unsure it is: little is known of a product that few customers went on from.
const evidence = Float64Array.from({ length: graph.nodeCount }, (_, u) => {
  const { indptr, weights } = graph.out;
  return weights.subarray(indptr[u], indptr[u + 1]).reduce((sum, w) => sum + w, 0);
});
const products = Uint32Array.from({ length: graph.nodeCount }, (_, u) => u);
const related = model.recommendBatch(products, { k: 3 }).map((answers, u) =>
  answers
    .filter(({ source }) => source === 'model')
    .map(({ node, score }) => ({
      node,
      score: Math.min(1, Math.exp(score)),
      uncertainty: 1 / Math.sqrt(1 + evidence[u]),
    })),
);

// 2. From then on every purchase shows them; a later purchase within 30 days is a conversion.
const next = new Map();
const shown = [];
for (let i = orders.item.length - 1; i >= known; i--) {
  const of = (item) => `${orders.customer[i]} ${item}`;
  for (const answer of day[i] < END ? related[orders.item[i]] : []) {
    const bought = next.get(of(answer.node)) ?? Infinity;
    const delay = bought - day[i];
    shown.push({
      ...answer,
      from: orders.item[i],
      day: day[i],
      customer: orders.customer[i],
      delay: delay <= WINDOW ? delay : NaN,
    });
  }
  next.set(of(orders.item[i]), day[i]);
}
shown.reverse();
const column = (rows, name) => Float64Array.from(rows, (row) => row[name]);

// Today the last 30 days are still open. A row that has not converted is no negative yet: the chance that it still will is
// learned from when conversions came before, and becomes its label.
const seen = shown.filter((row) => row.day < TODAY);
const now = seen.map(({ delay, ...row }) => ({ ...row, delay: row.day + delay < TODAY ? delay : NaN }));
const log = new ConversionLog(
  {
    id: now.map((_, i) => i),
    time: column(now, 'day'),
    conversionDelay: column(now, 'delay'),
    features: {
      rows: now.length,
      columns: [
        numericColumn('score', column(now, 'score')),
        numericColumn('uncertainty', column(now, 'uncertainty')),
        categoricalColumn(
          'after',
          now.map((row) => items.category[row.from]),
        ),
        categoricalColumn(
          'shown',
          now.map((row) => items.category[row.node]),
        ),
      ],
    },
  },
  { window: WINDOW, end: TODAY },
);
const classifier = await DelayedFeedbackClassifier.fit(engine, log, { seed: 1 });
const asItLooks = Float64Array.from(now, ({ delay }) => (Number.isNaN(delay) ? 0 : 1));
const label = asItLooks.slice();
const open = classifier.flipOpen();
for (const { id, probability } of open) label[id] = probability;
const inTheEnd = Float64Array.from(seen, ({ delay }) => (Number.isNaN(delay) ? 0 : 1));
const total = (labels) => open.reduce((sum, { id }) => sum + labels[id], 0);
console.log(
  `${seen.length} recommendations shown until today, ${open.length} of them still open. ` +
    `Of the open ones ${total(label).toFixed(0)} are expected to be bought, ${total(inTheEnd)} will be; as they look, none.`,
);

// 3. A calibrated probability, and a policy: of what is shown a quarter must be bought. The labels are fractions where the
// truth is not known yet, and rows of one customer count together.
const columns = (rows) => ({
  score: column(rows, 'score'),
  uncertainty: column(rows, 'uncertainty'),
  group: column(rows, 'customer'),
});
const holdout = { ...columns(now), label };
const calibration = await surfaceCalibration(engine, holdout);
const bound = { precision: PRECISION, confidence: 0.9, seed: 1 };
const { policy, certificate } = await fitBoundary(engine, holdout, bound);
// To compare with, one threshold that need not promise anything: certified, it would act on nothing here.
const single = await fitBoundary(engine, holdout, { precision: PRECISION, method: 'single' });
console.log(certificate.statement);

// The 100 days to come judge both.
const future = shown.filter((row) => row.day >= TODAY);
const test = {
  ...columns(future),
  label: Float64Array.from(future, ({ delay }) => (Number.isNaN(delay) ? 0 : 1)),
};
const result = await evaluatePolicy(engine, policy, test);
const plain = await evaluatePolicy(engine, single.policy, test);
const { gain, interval } = await recallGain(engine, policy, single.policy, test);
const mean = (x) => x.reduce((sum, v) => sum + v, 0) / x.length;
const promised = mean(calibration.probabilities(test.score, test.uncertainty));
const uncorrected = await surfaceCalibration(engine, { ...holdout, label: asItLooks });
const naive = mean(uncorrected.probabilities(test.score, test.uncertainty));
console.log(
  `Of the next ${future.length}, ${percent(mean(test.label))} are bought; calibrated on delay-corrected labels the scores say ` +
    `${percent(promised)}, on labels as they look ${percent(naive)}.`,
);
console.log(
  `Shown: ${percent(result.flagged / result.rows)} of them; ${percent(result.precision)} of these are bought, and they are ` +
    `${percent(result.recall)} of all that is bought. With one threshold on the score: ${percent(plain.precision)} and ` +
    `${percent(plain.recall)}. The uncertainty wins ${(100 * gain).toFixed(1)} points (95 %: ${(100 * interval[0]).toFixed(1)} to ${(100 * interval[1]).toFixed(1)}).`,
);

// A recommendation as a shop would show it.
const say = (u) => {
  console.log(`\nAfter "${items.name[u]}" (${evidence[u].toFixed(0)} customers went on from it):`);
  for (const { node, score, uncertainty } of related[u]) {
    const [probability] = calibration.probabilities([score], [uncertainty]);
    const answer = policy.decide(score, uncertainty) === 'positive' ? 'show' : 'show nothing';
    console.log(
      `  ${answer.padEnd(12)} ${items.name[node]}: ${percent(probability)}, score ${score.toFixed(2)}, unsure by ${uncertainty.toFixed(2)}`,
    );
  }
};
const answered = Array.from(products).filter((u) => related[u].length > 0);
const shows = (u) => related[u].filter((r) => policy.decide(r.score, r.uncertainty) === 'positive').length;
const best = answered.toSorted((a, b) => shows(b) - shows(a) || a - b)[0];
const unsure = answered
  .filter((u) => shows(u) === 0)
  .toSorted((a, b) => related[b][0].score - related[a][0].score)[0];
for (const u of [best, unsure]) if (u !== undefined) say(u);
engine.dispose();
