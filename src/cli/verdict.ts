import type { Metrics } from '../index.ts';
import { counted, FEWEST_PAIRS, type Output, percent } from './output.ts';

/** What each method does, for people. */
const WORDS: Record<string, string> = {
  embedding: 'learned vectors (trained without the hidden pairs)',
  control: 'CONTROL: fitted mix of counts',
  popularity: 'what sells most',
  twoHop: 'what the next ones lead to',
  walkMix: 'mix of short walks',
  walkMixFitted: 'mix of short walks, fitted',
  sourceKnn: 'products with similar lists',
  targetKnn: 'products that are led to alike',
  ppr: 'random walks (PageRank)',
  svd: 'matrix factors',
  ease: 'linear item model (EASE)',
  contentCosine: 'similar words and features',
};

/** The methods sorted by how often they hit, the verdict and the line about direction. */
export function tellMethods(
  out: Output,
  methods: Record<string, Metrics>,
  nodes: number,
  hits: ReadonlyMap<string, readonly boolean[]>,
): void {
  const sorted = Object.entries(methods).sort(([, a], [, b]) => b['hitRate@10'] - a['hitRate@10']);
  if (sorted.length === 0) return;
  out.line();
  out.line(
    `How often the hidden product is among the first ten (of ${counted(sorted[0][1].edges, 'hidden pair')}):`,
  );
  const share = (value: number | undefined) => (value === undefined ? '' : percent(value, 1));
  out.table(
    '<<>>>>',
    ['method', '', 'first 10', '+-', 'MRR@10', 'right way round'],
    sorted.map(([name, m]) => [
      name,
      WORDS[name] ?? '',
      share(m['hitRate@10']),
      share(m['hitRate@10Error']),
      m['mrr@10'].toFixed(3),
      share(m.directionPaired),
    ]),
  );
  out.line();
  for (const line of verdict(methods, nodes, hits)) out.line(line);
}

/** With so few products the first ten are half of everything. */
const FEWEST_PRODUCTS = 21;

/** Whether the embedding beats the best of the other methods measured, and whether it knows the direction. */
export function verdict(
  methods: Record<string, Metrics>,
  nodes: number,
  hits: ReadonlyMap<string, readonly boolean[]> = new Map(),
): string[] {
  const { embedding, ...others } = methods;
  const rivals = Object.entries(others).sort(([, a], [, b]) => b['hitRate@10'] - a['hitRate@10']);
  const [first, m] = embedding ? ['learned vectors', embedding] : (rivals[0] ?? []);
  if (!m) return [];
  if (m.edges < FEWEST_PAIRS || nodes < FEWEST_PRODUCTS) {
    return [`Too few to judge: ${counted(m.edges, 'hidden pair')} among ${counted(nodes, 'product')}.`];
  }
  const lines: string[] = [];
  if (embedding && rivals.length > 0) {
    const [name, best] = rivals[0];
    lines.push(comparison(embedding, name, best, pairedError(hits.get('embedding'), hits.get(name))));
  }
  if (m.directionPaired !== undefined) {
    const matched =
      m.directionPairedMatched === undefined
        ? ''
        : `; ${percent(m.directionPairedMatched)} where both sell about equally ` +
          `(${counted(m.directionMatchedEdges ?? 0, 'pair')})`;
    lines.push(
      `Direction: shown a one-way pair and its reverse, ${first} put the right way first in ` +
        `${percent(m.directionPaired)}${matched}. Guessing gives 50 %.`,
    );
  }
  return lines;
}

function comparison(embedding: Metrics, name: string, best: Metrics, paired: number | undefined): string {
  const gain = embedding['hitRate@10'] - best['hitRate@10'];
  const error = paired ?? Math.hypot(embedding['hitRate@10Error'], best['hitRate@10Error']);
  // Cut after one digit, so that 1.97 does not read as 2.
  const times = error > 0 ? Math.floor((10 * Math.abs(gain)) / error) / 10 : 0;
  const how =
    `${(100 * Math.abs(gain)).toFixed(1)} points, ${times.toFixed(1)} standard errors ` +
    `(${paired === undefined ? 'taken as independent' : 'paired'}`;
  const side = gain >= 0 ? 'better' : 'worse';
  if (times < 1) {
    return `Verdict: no real difference between the learned vectors and the best rival measured, ${name}: ${how}).`;
  }
  const than = `${side} than the best rival measured, ${name}`;
  return times >= 2
    ? `Verdict: the learned vectors are clearly ${than}: ${how}).`
    : `Verdict: the learned vectors are somewhat ${than}: ${how}; from 2 on it is clear).`;
}

/**
 * Standard error of the difference of two hit rates over the same pairs if the methods were equally good (McNemar):
 * only pairs that one finds and the other does not tell them apart.
 */
function pairedError(a: readonly boolean[] | undefined, b: readonly boolean[] | undefined) {
  if (!a || !b) return undefined;
  return Math.sqrt(a.filter((hit, i) => hit !== b[i]).length) / a.length;
}
