import { notAborted } from '../check.ts';
import { symmetricAnswers, tailShare } from '../directed-graph/evaluate.ts';
import type { RelatedProducts } from '../index.ts';
import type { Survey } from '../report/related/content.ts';
import type { Context } from './command.ts';

/** Products asked at most: shares of that many answers are exact to half a per cent. */
const ASKED = 5000;
const ANSWERS = 10;
/** Queries between two looks at the signal. */
const BATCH = 256;

/** The model's own answers to all products, or to 5,000 evenly chosen ones: coverage, tail, symmetric pairs, sources. */
export async function surveyOf(
  { bar, signal }: Pick<Context, 'bar' | 'signal'>,
  model: RelatedProducts,
): Promise<Survey> {
  const { graph } = model;
  const n = graph.nodeCount;
  const asked = Math.min(n, ASKED);
  const nodes = Uint32Array.from({ length: asked }, (_, i) => Math.floor((i * n) / asked));
  const shown = new Uint32Array(n);
  const sources = new Map<string, number>();
  const lists = new Map<number, number[]>();
  for (let from = 0; from < asked; from += BATCH) {
    notAborted(signal);
    bar.update('asking', from, asked);
    const some = nodes.slice(from, from + BATCH);
    model.recommendBatch(some, { k: ANSWERS }).forEach((list, i) => {
      for (const { node, source } of list) {
        shown[node]++;
        sources.set(source, (sources.get(source) ?? 0) + 1);
      }
      lists.set(
        some[i],
        list.map(({ node }) => node),
      );
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
  const degree = Uint32Array.from({ length: n }, (_, v) => graph.inDegree(v));
  const order = Uint32Array.from(degree.keys()).sort((a, b) => degree[b] - degree[a] || a - b);
  const [answersByTenth, pairsByTenth] = [shown, degree].map((counts) => byTenth(counts, order));
  return {
    asked,
    nodes: n,
    answers: sum(shown),
    coverage: n > 0 ? shown.reduce((seen, times) => seen + (times > 0 ? 1 : 0), 0) / n : 0,
    tailShare: tailShare(shown, graph),
    tailOfPairs: tailShare(degree, graph),
    symmetric: symmetricAnswers(lists),
    answersByTenth,
    pairsByTenth,
    sources: Array.from(sources).sort(([, a], [, b]) => b - a),
  };
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);

/** Shares of the counts in ten equal groups of the products in this order. */
function byTenth(counts: Uint32Array, order: Uint32Array): Float64Array {
  const shares = new Float64Array(10);
  const all = sum(counts) || 1;
  order.forEach((v, i) => {
    shares[Math.floor((10 * i) / order.length)] += counts[v] / all;
  });
  return shares;
}
