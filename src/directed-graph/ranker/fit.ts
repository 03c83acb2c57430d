import { flag, integer, notAborted, options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Pairs } from '../scorer.ts';
import { type CandidateLists, candidateLists } from './candidates.ts';
import { DRAW, integers } from './draw.ts';
import { type Judgement, judge } from './judge.ts';
import { fitLinear, type LinearWeights, linearScores } from './linear-part.ts';
import type { MlpWeights } from './mlp.ts';
import { addMlpScores, fitMlp, mlpDefaults } from './mlp-fit.ts';
import type { PairFeatures } from './pair-features.ts';

/** A fitted ranker as plain numbers. */
export interface RankModel {
  readonly features: readonly string[];
  /** 1 / standard deviation of each feature over the candidates. */
  readonly scale: Float32Array;
  readonly linear: LinearWeights;
  readonly mlp?: MlpWeights;
  /** The network is applied to this many best nodes of the linear part. */
  readonly top: number;
  /** Added to the score of targets with train in-degree <= 5. */
  readonly rareBoost: number;
}

export interface RankFitOptions {
  /** Validation sources to fit on at most, hard candidates of each feature and random candidates of each. */
  queries: number;
  hard: number;
  random: number;
  /** Degree interactions; without them a plain logit. */
  interactions: boolean;
  /** Ridge strengths to choose from by cross-validation over queries. */
  ridges: readonly number[];
  iterations: number;
  /** The small network on top; its steps are chosen from `steps` (or `fewSteps` up to 1,500 queries). */
  mlp: boolean;
  steps: readonly number[];
  fewSteps: readonly number[];
  dropout: number;
  hidden: number;
  top: number;
  /** A fixed boost for rare targets, or the largest of `rareBoosts` that costs at most `rareLoss` of hitRate@10. */
  rareBoost?: number;
  rareBoosts: readonly number[];
  rareLoss: number;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (progress: { phase: string; step: number; total: number }) => void;
}

export const rankFitDefaults: RankFitOptions = {
  queries: 4000,
  hard: 30,
  random: 80,
  interactions: true,
  ridges: [1, 10],
  iterations: 60,
  mlp: true,
  steps: [400],
  fewSteps: [150],
  dropout: 0.1,
  hidden: 32,
  top: 300,
  rareBoost: undefined,
  rareBoosts: [0, 0.3, 0.6, 1, 1.5],
  rareLoss: 0.003,
  seed: 0,
  signal: undefined,
  onProgress: undefined,
};

/** What was tried, on queries that the tried model had not seen. */
export interface RankReport {
  queries: number;
  rows: number;
  ridge: number;
  steps: number;
  linear: Judgement;
  mlp?: Judgement;
  rare: { boost: number; 'hitRate@10': number; rare: number }[];
}

export function rankFitOptions(given?: Partial<RankFitOptions>): RankFitOptions {
  const set = options(given, rankFitDefaults, 'ranker');
  for (const key of ['queries', 'random', 'iterations', 'hidden', 'top'] as const) {
    integer(set[key], key, 1);
  }
  integer(set.hard, 'hard', 0);
  integer(set.seed, 'seed', 0, 2 ** 32 - 1);
  flag(set.interactions, 'interactions');
  flag(set.mlp, 'mlp');
  real(set.dropout, 'dropout', 0, 0.9);
  if (set.rareBoost !== undefined) real(set.rareBoost, 'rareBoost');
  for (const key of ['ridges', 'steps', 'fewSteps', 'rareBoosts'] as const) {
    integer(set[key].length, `number of ${key}`, 1);
  }
  for (const ridge of set.ridges) real(ridge, 'ridges', 0);
  for (const steps of [...set.steps, ...set.fewSteps]) integer(steps, 'steps', 1);
  return set;
}

/** Fits a ranker on validation edges; the features are of the train graph, which does not have them. */
export function fitRankModel(
  engine: Engine,
  features: PairFeatures,
  validation: Pairs,
  given?: Partial<RankFitOptions>,
): { model: RankModel; report: RankReport } {
  const set = rankFitOptions(given);
  integer(validation.source.length, 'number of validation edges', 1);
  const lists = candidateLists(engine, features, validation, {
    queries: set.queries,
    hard: set.hard,
    random: set.random,
    seed: set.seed,
    signal: set.signal,
    onBatch: (step, total) => set.onProgress?.({ phase: 'lists', step, total }),
  });
  try {
    return fitOnLists(engine, lists, features.names, set);
  } finally {
    engine.release(lists.x);
  }
}

/** Queries up to which every fold is held out in turn; above, one fold is enough. */
const FEW = 1500;
const FOLDS = 5;

/** `fitRankModel` on lists already made. */
export function fitOnLists(
  engine: Engine,
  lists: CandidateLists,
  names: readonly string[],
  set: RankFitOptions,
): { model: RankModel; report: RankReport } {
  const count = lists.queries.length;
  const every = Array.from(lists.queries.keys());
  const fold = integers(engine, count, FOLDS, set.seed, DRAW.fold, 0);
  const few = count <= FEW;
  const held = (few ? [0, 1, 2, 3, 4] : [0])
    .map((f) => ({ seen: every.filter((i) => fold[i] !== f), unseen: every.filter((i) => fold[i] === f) }))
    .filter(({ seen, unseen }) => seen.length > 0 && unseen.length > 0);
  const unseen = held.flatMap((part) => part.unseen);
  const rows = lists.target.length;
  const progress = (phase: string, step: number, total: number) => {
    notAborted(set.signal);
    set.onProgress?.({ phase, step, total });
  };

  let ridge = set.ridges[0];
  let fits: LinearWeights[] = [];
  let scores = new Float32Array(rows);
  let best: Judgement | undefined;
  set.ridges.forEach((tried, step) => {
    progress('linear', step, set.ridges.length);
    const out = new Float32Array(rows);
    const found = held.map((part) => {
      const weights = fitLinear(engine, lists, part.seen, { ...set, ridge: tried });
      linearScores(engine, lists, part.unseen, weights, out);
      return weights;
    });
    const judged = judge(engine, lists, unseen, out);
    if (best && judged.loss >= best.loss) return;
    [best, ridge, fits, scores] = [judged, tried, found, out];
  });
  const linearJudged = best as Judgement;

  let steps = 0;
  if (set.mlp) {
    const choices = few ? set.fewSteps : set.steps;
    const linearOnly = scores;
    choices.forEach((tried, step) => {
      progress('mlp', step, choices.length);
      const out = linearOnly.slice();
      held.forEach((part, i) => {
        const weights = fitMlp(engine, lists, part.seen, fits[i], mlpSettings(set, tried));
        addMlpScores(engine, lists, part.unseen, weights, out);
      });
      const judged = judge(engine, lists, unseen, out);
      if (judged.loss >= (best as Judgement).loss) return;
      [best, steps, scores] = [judged, tried, out];
    });
  }

  const tried = set.rareBoosts.map((boost) => {
    const { 'hitRate@10': hit, rare } = judge(engine, lists, unseen, scores, boost);
    return { boost, 'hitRate@10': hit, rare };
  });
  const floor = judge(engine, lists, unseen, scores)['hitRate@10'] - set.rareLoss;
  const affordable = tried.filter((t) => t['hitRate@10'] >= floor).map(({ boost }) => boost);
  const rareBoost = set.rareBoost ?? Math.max(0, ...affordable);

  progress('final', 0, 1);
  const linear = fitLinear(engine, lists, every, { ...set, ridge });
  const mlp = steps > 0 ? fitMlp(engine, lists, every, linear, mlpSettings(set, steps)) : undefined;
  return {
    model: { features: names, scale: lists.scale, linear, mlp, top: set.top, rareBoost },
    report: {
      queries: count,
      rows,
      ridge,
      steps,
      linear: linearJudged,
      mlp: steps > 0 ? best : undefined,
      rare: tried,
    },
  };
}

const mlpSettings = ({ hidden, dropout, seed, signal }: RankFitOptions, steps: number) => ({
  ...mlpDefaults,
  hidden,
  dropout,
  seed,
  signal,
  steps,
});
