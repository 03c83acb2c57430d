import { hitRate } from '../nn/metrics.ts';
import { type Comparison, compared, type Outcome, outcomeOf, tells } from './comparison.ts';
import type { Evaluation, Metrics } from './evaluate.ts';
import { directionLines, groupLines, mainLines } from './verdict-words.ts';

/** Test edges whose query (or target) has a train degree in `range`. */
export interface VerdictGroup {
  of: 'query' | 'target';
  range: string;
  edges: number;
  'hitRate@10': number;
  control?: Comparison;
  best?: Comparison;
}

export interface Verdict {
  /** In plain words. */
  sentence: string;
  /** The same by topic, one or more sentences each. */
  lines: string[];
  /** What is judged: the ranker, else the embedding; absent when neither was measured. */
  method?: string;
  /** Against the control, or the best baseline when there is no control; absent with too little to judge. */
  outcome?: Outcome;
  /** Nothing is won over counts: no clear gain over the control and over the best baseline; absent with too few pairs. */
  countsEnough?: boolean;
  /** The same ranker without learned vectors, and the best of all other methods measured. */
  control?: Comparison;
  best?: Comparison;
  groups: VerdictGroup[];
}

/** What may be judged, what ships first. */
const LEARNED = ['ranker', 'embedding'];

/** Fewer test edges say nothing, and with so few nodes the first ten are half of everything. */
const FEWEST_EDGES = 30;
const FEWEST_NODES = 21;

const QUERY_GROUPS: [low: number, high: number][] = [
  [0, 2],
  [3, 10],
  [11, Infinity],
];
const TARGET_GROUPS: [low: number, high: number][] = [
  [0, 5],
  [6, 20],
  [21, Infinity],
];

/** When counts are enough, what is won over the control and the best baseline, and for which degrees. */
export function verdict(evaluation: Evaluation): Verdict {
  if (!(evaluation?.methods && evaluation.nodes >= 0))
    throw new TypeError('evaluation must be one of evaluateModel or evaluateAll');
  const { methods, nodes } = evaluation;
  const method = LEARNED.find((name) => methods[name]);
  const told = (lines: string[], rest: Partial<Verdict> = {}): Verdict => ({
    sentence: lines.join(' '),
    lines,
    ...rest,
    groups: rest.groups ?? [],
  });
  if (method === undefined)
    return told(['Nothing to judge: neither the ranker nor the embedding was measured.']);
  const judged = methods[method];
  if (judged.edges < FEWEST_EDGES || nodes < FEWEST_NODES) {
    const pairs = `${judged.edges} hidden ${judged.edges === 1 ? 'pair' : 'pairs'}`;
    return told([`Too few to judge: ${pairs} among ${nodes} products.`], { method });
  }
  const rivals = Object.keys(methods).filter((name) => ![...LEARNED, 'control'].includes(name));
  const best = rivals.reduce<string | undefined>(
    (found, name) => (found && methods[found]['hitRate@10'] >= methods[name]['hitRate@10'] ? found : name),
    undefined,
  );
  const against = (name: string | undefined, chosen?: readonly number[]) =>
    name !== undefined && methods[name] ? compared(judged, name, methods[name], chosen) : undefined;
  const control = against('control');
  const overBest = against(best);
  const groups = grouped(evaluation, judged, (chosen) => ({
    control: against('control', chosen),
    best: against(best, chosen),
  }));
  const main = control ?? overBest;
  const outcome = main && outcomeOf(main);
  const won = (c: Comparison | undefined) => c === undefined || outcomeOf(c) === 'better';
  const open = main && outcome === 'no difference' && !tells(main);
  const countsEnough = main && !open ? !(won(control) && won(overBest)) : undefined;
  const lines = [
    ...mainLines({ method, control, best: overBest, rivals: rivals.length }),
    ...groupLines(groups),
    ...directionLines(method, evaluation),
  ];
  return told(lines, { method, outcome, countsEnough, control, best: overBest, groups });
}

function grouped(
  { degrees }: Evaluation,
  { ranks }: Metrics,
  compare: (chosen: number[]) => Pick<VerdictGroup, 'control' | 'best'>,
): VerdictGroup[] {
  if (!degrees || !ranks) return [];
  const of = (side: VerdictGroup['of'], degree: Uint32Array, ranges: [number, number][]) =>
    ranges.map(([low, high]) => {
      const chosen = Array.from(ranks.keys()).filter((i) => degree[i] >= low && degree[i] <= high);
      const mine = Float64Array.from(chosen, (i) => ranks[i]);
      const range = high === Infinity ? `>${low - 1}` : `${low}-${high}`;
      return { of: side, range, edges: chosen.length, 'hitRate@10': hitRate(mine, 10), ...compare(chosen) };
    });
  return [
    ...of('query', degrees.source, QUERY_GROUPS),
    ...of('target', degrees.target, TARGET_GROUPS),
  ].filter(({ edges }) => edges >= FEWEST_EDGES);
}
