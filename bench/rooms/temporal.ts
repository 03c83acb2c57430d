/**
 * What customers order next, in real time: online-retail, everything learned from orders before the cut.
 *   node --import tsx bench/rooms/temporal.ts [--cut 2011-08-01] [--to 2011-10-01] [--window day|order] [--seed 1]
 *       [--graph '{"mode":"next"}'] [--both] [--counts-only]
 * One query for each basket after the cut whose customer comes back with something new: the basket is the context, all
 * items the customer has not bought are ranked, the new items of the customer's next basket are right. recall@20 and
 * hit@20, each with its standard error over queries. --graph takes options of `fromOrders`; --both adds the co-purchase
 * edges to it. Choices are made with --cut 2011-06-01 --to 2011-08-01, and reported at the default cut.
 */
import { parseArgs } from 'node:util';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { edgesFromOrders, type OrderOptions } from '../../src/directed-graph/orders.ts';
import { Engine } from '../../src/engine/engine.ts';
import { trainedScores } from './all-scores.ts';
import { type CartRule, judgeCarts, logSums, maximum, mean, meanAndError, mixture } from './carts.ts';
import { loadGraph } from './data.ts';
import { basketsOf, linesBetween, type NextOrder, nextOrders, retailLines } from './next-orders.ts';
import { cosines, edgeCosines, orderCounts, popularity } from './order-counts.ts';

const { values } = parseArgs({
  options: {
    cut: { type: 'string', default: '2011-08-01' },
    to: { type: 'string', default: '2011-10-01' },
    window: { type: 'string', default: 'day' },
    graph: { type: 'string', default: '{}' },
    both: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    'counts-only': { type: 'boolean', default: false },
  },
});
const data = retailLines();
if (!data) {
  console.log('online-retail: skipped, not on this machine');
  process.exit(0);
}
const { lines, itemCount: n } = data;
const seconds = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;
const cut = seconds(values.cut);
const window = values.window === 'order' ? 'order' : 'day';
const queries = nextOrders(basketsOf(lines, window), cut, seconds(values.to));
const past = linesBetween(lines, 0, cut);
const before = [...basketsOf(past, window).values()];
const truths = queries.flatMap(({ truth }) => truth);
const sold = new Set(past.item);
console.log(
  `cut ${values.cut}: ${queries.length} queries of ${new Set(queries.map(({ customer }) => customer)).size} customers, ` +
    `${(truths.length / queries.length).toFixed(1)} new items each, ` +
    `${((100 * truths.filter((v) => !sold.has(v)).length) / truths.length).toFixed(0)} % of them never sold before the cut`,
);

const three = (x: number) => x.toFixed(3).replace(/^0/, '');
function report(name: string, scoresOf: (query: NextOrder) => ArrayLike<number>): void {
  const { recall, hit } = judgeCarts(queries, scoresOf);
  const [r, h] = [meanAndError(recall), meanAndError(hit)];
  console.log(
    `  ${name.padEnd(44)} recall@20 ${three(r.mean)} +- ${three(r.error)}  hit@20 ${three(h.mean)} +- ${three(h.error)}`,
  );
}

const recent = popularity(before, n, cut, 60);
const ever = popularity(before, n, cut);
report('popularity', () => ever);
report('popularity of the last 60 days', () => recent);
const none = new Float64Array(0);
const counts = orderCounts(before, n, cut);
report('last order, co-purchase counts', ({ context }) => mean(context, counts.together, none));
report('last order, next-order counts', ({ context }) => mean(context, counts.next, none));
const cosine = cosines(counts.together, counts.baskets);
const squared = cosines(counts.together, counts.baskets, 2);
report('co-purchase cosine', ({ context }) => mean(context, cosine, none));
report('co-purchase cosine, squared', ({ context }) => mean(context, squared, none));
const following = cosines(counts.next, counts.baskets);
report('next-order cosine', ({ context }) => mean(context, following, none));
for (const halfLife of [30, 60, 120]) {
  const late = orderCounts(before, n, cut, halfLife);
  const matrix = cosines(late.together, late.baskets, 2);
  report(`co-purchase cosine, squared, half-life ${halfLife} days`, ({ context }) =>
    mean(context, matrix, none),
  );
}
const options: OrderOptions = { nodeCount: n, ...JSON.parse(values.graph) };
const modes = values.both ? (['next', 'co-purchase'] as const) : [options.mode ?? 'next'];
const edges = modes.map((mode) => edgesFromOrders(past, { ...options, mode, window }));
const joined = (key: 'source' | 'target' | 'weight') =>
  Float64Array.from(edges.flatMap((e) => Array.from(e[key])));
const graph = DirectedGraph.fromEdges(joined('source'), joined('target'), {
  weight: joined('weight'),
  nodeCount: n,
});
const pairwise = modes.includes('co-purchase');
console.log(`  graph: ${modes.join(' + ')}, ${graph.edgeCount} edges`);
for (const power of [1, 2]) {
  const matrix = edgeCosines(graph, power);
  report(`its edges' cosine, power ${power}`, ({ context }) => mean(context, matrix, none));
}
if (values['counts-only']) process.exit(0);

const engine = await Engine.create();
const text = loadGraph('online-retail')?.text;
const rules: Record<string, CartRule> = { mean, mixture, maximum };
/** log(1 + cart's mean squared cosine / .01): what the cart was bought with, on the scale of log-probabilities. */
const evidence = (cart: readonly number[]) => mean(cart, squared, none).map((x) => Math.log(1 + x / 0.01));

for await (const [name, matrix] of trainedScores(engine, graph, {
  text,
  seed: Number(values.seed),
  pairwise,
})) {
  const logSum = logSums(matrix);
  for (const [rule, combine] of Object.entries(rules)) {
    report(`${name}, ${rule}`, ({ context }) => combine(context, matrix, logSum));
  }
  const season = recent.map((x) => Math.log(x + 0.5));
  for (const beta of [0.3, 0.6]) {
    report(`${name}, mean + ${beta} log recent popularity`, ({ context }) =>
      mean(context, matrix, logSum).map((z, v) => z + beta * season[v]),
    );
  }
  for (const gamma of [1, 3, 10]) {
    report(`${name}, mean + ${gamma} co-purchase evidence`, ({ context }) => {
      const more = evidence(context);
      return mean(context, matrix, logSum).map((z, v) => z + gamma * more[v]);
    });
  }
}
