import type { ModelCard } from '../index.ts';
import type { RelatedContent } from '../report/related/content.ts';
import { count } from './output.ts';

// A card comes from a file, and only its sizes were checked: what is not as expected is not told.

/** What the training kept of its reading, in words. */
export function readOf(data: Record<string, unknown>): [string, string][] {
  const told: [string, string][] = [];
  const tell = (name: string, value: unknown) => {
    if (isNumber(value)) told.push([name, count(value)]);
  };
  if (data.file) told.push(['Read from', text(data.file)]);
  tell(data.kind === 'orders' ? 'Order lines' : 'Rows', data.rows);
  tell('Rows left out as bad', data.badRows);
  const orders = record(data.orders);
  tell('Customers', orders.customers);
  tell('Orders (baskets)', orders.baskets);
  tell('Pairs of products seen', orders.pairsSeen);
  tell('Pairs often enough to count', orders.pairsKept);
  tell('Very large purchases left out', orders.capped);
  tell('Repeated rows merged', data.merged);
  tell('Rows from a product to itself, left out', data.selfLoops);
  tell('Features', record(data.features).columns);
  tell('Values of features', record(data.features).values);
  tell('Pairs looked at together', record(data.coview).edges);
  return told;
}

export function trainingOf(card: ModelCard): RelatedContent['training'] {
  const { validation } = card;
  const history = list(card.history).map((look) => ({
    step: look.step as number,
    loss: look.loss as number,
    hitRate: look['hitRate@10'] as number,
  }));
  return {
    steps: Number(card.steps) || 0,
    bestStep: Number(card.bestStep) || 0,
    history: history.filter((look) => Object.values(look).every(isNumber)),
    validation: validation && {
      edges: Number(validation.edges) || 0,
      hitRate: Number(validation['hitRate@10']) || 0,
      mrr: Number(validation['mrr@10']) || 0,
    },
    ranking: card.ranker === undefined ? undefined : rankingOf(record(card.ranker)),
  };
}

/** What each of `heldOut` is. */
const HELD_OUT: Readonly<Record<string, string>> = {
  ranker: 'the ranker',
  linear: 'its linear part',
  withoutEmbedding: 'its linear part without the learned vectors',
  embedding: 'learned vectors alone',
  counts: 'plain counts',
};

function rankingOf({ used, why, queries, heldOut, weights }: Record<string, unknown>) {
  const found = record(heldOut);
  const share = (value: unknown) => (isNumber(value) ? Math.min(1, Math.max(0, value)) : 0);
  return {
    used: used === true,
    why: text(why),
    queries: isNumber(queries) ? queries : 0,
    heldOut: Object.keys(HELD_OUT)
      .filter((name) => Object.hasOwn(found, name))
      .map((name) => {
        const quality = record(found[name]);
        return {
          method: HELD_OUT[name],
          hitRate: share(quality['hitRate@10']),
          mrr: share(quality['mrr@10']),
        };
      }),
    weights: Object.entries(record(weights)).filter((entry): entry is [string, number] => isNumber(entry[1])),
  };
}

export function addedOf({ added }: ModelCard): RelatedContent['data']['added'] {
  const { nodes, edges } = record(added);
  return isNumber(nodes) && isNumber(edges) ? { nodes, edges } : undefined;
}

export const rejectedOf = (data: Record<string, unknown>): RelatedContent['data']['rejected'] =>
  list(data.rejected).map((one) => ({
    file: text(one.file),
    column: text(one.column),
    rows: Number(one.rows) || 0,
    reason: text(one.reason),
  }));

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.slice(0, 1000).map(record) : [];

export const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.slice(0, 1000).filter((one) => typeof one === 'string') : [];
