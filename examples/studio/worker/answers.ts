import { type Reason, type Recommendation, reasonText } from '../../../src/index.ts';
import type { Answer, Asked, Lead, Neighbour } from '../jobs.ts';
import { seldom } from './input.ts';
import type { Run } from './main.ts';
import { nameOf, type OpenShop, trainedShop } from './shop.ts';

const ANSWERS = 10;
const REASONS = 3;
/** A reason with a smaller share of the score, beside a larger one, tells nothing. */
const SLIGHT = 0.02;
/** Neighbours in the picture on each side, and how many of theirs. */
const AROUND = 6;
const BEYOND = 2;
/** Beyond this the answers of all products would take minutes: the reverse question is then answered by the data alone. */
const MOST_REVERSED = 20_000;

/** Asks for every product once and keeps who answers with whom. */
export async function reverse(_: undefined, { signal, tell }: Run): Promise<{ items: number }> {
  const shop = trainedShop();
  const { nodeCount } = shop.graph;
  if (nodeCount > MOST_REVERSED) return { items: 0 };
  const often = seldom(tell);
  const found = new Map<number, { node: number; place: number }[]>();
  const onProgress = ({ step, total }: { step: number; total: number }) =>
    often({ stage: 'Turning the question round', step, total });
  for await (const { node, recommendations } of shop.model.recommendAll({ k: ANSWERS, signal, onProgress })) {
    for (const [i, answer] of recommendations.entries()) {
      if (answer.source !== 'model') continue;
      const list = found.get(answer.node);
      if (list) list.push({ node, place: i + 1 });
      else found.set(answer.node, [{ node, place: i + 1 }]);
    }
  }
  shop.reverse = found;
  return { items: nodeCount };
}

/** What a product leads to and why, what leads to it, and the pairs around it. */
export function ask(node: number): Asked {
  const shop = trainedShop();
  const answers = shop.model.recommend(node, { k: ANSWERS, explain: 2 * REASONS });
  return {
    node,
    answers: answers.map((answer) => answerOf(shop, node, answer)),
    leads: leadsTo(shop, node),
    before: neighbours(shop, node, 'in'),
    after: neighbours(shop, node, 'out'),
  };
}

function answerOf(
  shop: OpenShop,
  query: number,
  { node, known, source, reason, explanation }: Recommendation,
): Answer {
  const name = (id: string) => nameOf(shop, shop.graph.indexOf(id));
  const good = ({ kind, contribution }: Reason) => kind !== 'rest' && kind !== 'others' && contribution > 0;
  const why =
    source === 'model' && explanation
      ? explanation
          .filter(good)
          .slice(0, REASONS)
          .filter(({ share }, i) => i === 0 || share >= SLIGHT)
          .map((one) => ({ text: reasonText(one, name), share: one.share }))
      : [{ text: reason }];
  return { node, known, weight: weightOf(shop, query, node), why };
}

function weightOf({ graph }: OpenShop, u: number, v: number): number {
  const { indptr, indices, weights } = graph.out;
  const at = indices.subarray(indptr[u], indptr[u + 1]).indexOf(v);
  return at < 0 ? 0 : (weights?.[indptr[u] + at] ?? 1);
}

/** Those with the product high among their answers first; without all answers, those that lead here in the data. */
function leadsTo(shop: OpenShop, node: number): Lead[] {
  const lead = (from: number, place: number): Lead => ({
    node: from,
    place,
    weight: weightOf(shop, from, node),
  });
  if (!shop.reverse)
    return pairs(shop, node, 'in')
      .slice(0, ANSWERS)
      .map(({ node: from }) => lead(from, 0));
  return (shop.reverse.get(node) ?? [])
    .map(({ node: from, place }) => lead(from, place))
    .sort((a, b) => a.place - b.place || b.weight - a.weight || a.node - b.node)
    .slice(0, ANSWERS);
}

/** Pairs of the data from (out) or to (in) a product, heaviest first. */
function pairs({ graph }: OpenShop, node: number, side: 'in' | 'out'): { node: number; weight: number }[] {
  const { indptr, indices, weights } = side === 'out' ? graph.out : graph.in;
  const list: { node: number; weight: number }[] = [];
  for (let e = indptr[node]; e < indptr[node + 1]; e++)
    list.push({ node: indices[e], weight: weights?.[e] ?? 1 });
  return list.sort((a, b) => b.weight - a.weight || a.node - b.node);
}

function neighbours(shop: OpenShop, node: number, side: 'in' | 'out'): Neighbour[] {
  const near = pairs(shop, node, side).slice(0, AROUND);
  const shown = new Set([node, ...near.map((one) => one.node)]);
  return near.map((one) => ({
    ...one,
    next: pairs(shop, one.node, side)
      .filter((two) => !shown.has(two.node))
      .slice(0, BEYOND),
  }));
}
