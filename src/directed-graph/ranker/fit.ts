import { flag, integer, options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Pairs } from '../scorer.ts';
import { finished, type Step, type Steps } from '../steps.ts';
import { type CandidateLists, candidateLists } from './candidates.ts';
import { DRAW, integers } from './draw.ts';
import { type RankFitOptions, rankFitDefaults } from './fit-options.ts';
import { type Judgement, judge, rareGain } from './judge.ts';
import { fitLinear, type LinearWeights, linearScores } from './linear-part.ts';
import type { MlpWeights } from './mlp.ts';
import { addMlpScores, fitMlp, mlpDefaults } from './mlp-fit.ts';
import type { PairFeatures } from './pair-features.ts';
import { priorWeights } from './prior.ts';

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
  /** Whether log P(the arrow points from query to answer) is added, see `arrow.ts`. */
  readonly direction: boolean;
}

/** What was tried, on queries that the tried model had not seen. */
export interface RankReport {
  queries: number;
  rows: number;
  ridge: number;
  steps: number;
  linear: Judgement;
  mlp?: Judgement;
  /** With the rare boost that was chosen, and the direction if that is part of the model. */
  shipped: Judgement;
  /** Other scores on the same queries. */
  rivals: Readonly<Record<string, Judgement>>;
  rare: { boost: number; 'hitRate@10': number; rare: number }[];
}

export function rankFitOptions(given?: Partial<RankFitOptions>): RankFitOptions {
  const set = options(given, rankFitDefaults, 'ranker');
  for (const key of ['queries', 'random', 'iterations', 'hidden', 'top'] as const) {
    integer(set[key], key, 1);
  }
  integer(set.hard, 'hard', 0);
  integer(set.mlpQueries, 'mlpQueries', 0);
  integer(set.priorQueries, 'priorQueries', 0);
  integer(set.seed, 'seed', 0, 2 ** 32 - 1);
  flag(set.interactions, 'interactions');
  flag(set.mlp, 'mlp');
  real(set.dropout, 'dropout', 0, 0.9);
  if (set.rareBoost !== undefined) real(set.rareBoost, 'rareBoost');
  for (const key of ['ridges', 'priorRidges', 'steps', 'fewSteps', 'rareBoosts'] as const) {
    integer(set[key].length, `number of ${key}`, 1);
  }
  for (const ridge of [...set.ridges, ...set.priorRidges]) real(ridge, 'ridges', 0);
  for (const steps of [...set.steps, ...set.fewSteps]) integer(steps, 'steps', 1);
  return set;
}

/** A fitted model and how it was found. */
export interface Fitted {
  readonly model: RankModel;
  readonly report: RankReport;
}

/** Fits a ranker on validation edges; the features are of the train graph, which does not have them. */
export function fitRankModel(
  engine: Engine,
  features: PairFeatures,
  validation: Pairs,
  given?: Partial<RankFitOptions>,
): Fitted {
  const set = rankFitOptions(given);
  return finished(rankModelSteps(engine, features, validation, set), set.signal, set.onProgress);
}

/** `fitRankModel` a fold at a time; `rivals` are other scores of the lists' rows, judged on the same queries. */
export function* rankModelSteps(
  engine: Engine,
  features: PairFeatures,
  validation: Pairs,
  set: RankFitOptions,
  rivals?: (lists: CandidateLists) => Record<string, Float32Array>,
): Steps<Fitted> {
  integer(validation.source.length, 'number of validation edges', 1);
  const lists = yield* candidateLists(engine, features, validation, set);
  try {
    return yield* fitOnLists(engine, lists, features.names, set, rivals?.(lists));
  } finally {
    engine.release(lists.x);
  }
}

/** Queries up to which every fold is held out in turn; above, one fold is enough. */
const FEW = 1500;
const FOLDS = 5;

/** `rankModelSteps` on lists already made. `direction`, where it is part of the model, is its part of each row. */
export function* fitOnLists(
  engine: Engine,
  lists: CandidateLists,
  names: readonly string[],
  set: RankFitOptions,
  rivals: Record<string, Float32Array> = {},
  direction?: Float32Array,
): Steps<Fitted> {
  const count = lists.queries.length;
  const every = Array.from(lists.queries.keys());
  const fold = integers(engine, count, FOLDS, set.seed, DRAW.fold, 0);
  const few = count <= FEW;
  const held = (few ? [0, 1, 2, 3, 4] : [0])
    .map((f) => ({ seen: every.filter((i) => fold[i] !== f), unseen: every.filter((i) => fold[i] === f) }))
    .filter(({ seen, unseen }) => seen.length > 0 && unseen.length > 0);
  const unseen = held.flatMap((part) => part.unseen);
  const rows = lists.target.length;
  const choices = few ? set.fewSteps : set.steps;
  const centre = count < set.priorQueries ? priorWeights(names) : undefined;
  const ridges = centre ? set.priorRidges : set.ridges;
  const network = set.mlp && count >= set.mlpQueries;
  const total = held.length * (ridges.length + (network ? choices.length : 0)) + 1;
  let done = 0;
  const next = (): Step => ({ phase: 'ranking', step: done++, total });

  let ridge = ridges[0];
  let fits: LinearWeights[] = [];
  let scores = new Float32Array(rows);
  let best: Judgement | undefined;
  for (const tried of ridges) {
    const out = new Float32Array(rows);
    const found: LinearWeights[] = [];
    for (const part of held) {
      yield next();
      const weights = fitLinear(engine, lists, part.seen, { ...set, centre, ridge: tried });
      linearScores(engine, lists, part.unseen, weights, out);
      found.push(weights);
    }
    const judged = judge(engine, lists, unseen, out);
    if (best && judged.loss >= best.loss) continue;
    [best, ridge, fits, scores] = [judged, tried, found, out];
  }
  const linearJudged = best as Judgement;

  let steps = 0;
  if (network) {
    const linearOnly = scores;
    for (const tried of choices) {
      const out = linearOnly.slice();
      for (const [i, part] of held.entries()) {
        yield next();
        const weights = fitMlp(engine, lists, part.seen, fits[i], mlpSettings(set, tried));
        addMlpScores(engine, lists, part.unseen, weights, out);
      }
      const judged = judge(engine, lists, unseen, out);
      if (judged.loss >= (best as Judgement).loss) continue;
      [best, steps, scores] = [judged, tried, out];
    }
  }

  if (direction) scores = scores.map((score, r) => score + direction[r]);
  const tried = set.rareBoosts.map((boost) => {
    const { 'hitRate@10': hit, rare } = judge(engine, lists, unseen, scores, boost);
    return { boost, 'hitRate@10': hit, rare };
  });
  const floor = judge(engine, lists, unseen, scores)['hitRate@10'] - set.rareLoss;
  const affordable = tried
    .filter((t) => t['hitRate@10'] >= floor && rareGain(lists, unseen, scores, t.boost) > 2)
    .map(({ boost }) => boost);
  // Of so few queries the loss cannot be told from noise, which is .006 for 700.
  const rareBoost = set.rareBoost ?? (few ? 0 : Math.max(0, ...affordable));

  yield next();
  const linear = fitLinear(engine, lists, every, { ...set, centre, ridge });
  const mlp = steps > 0 ? fitMlp(engine, lists, every, linear, mlpSettings(set, steps)) : undefined;
  return {
    model: {
      features: names,
      scale: lists.scale,
      linear,
      mlp,
      top: set.top,
      rareBoost,
      direction: direction !== undefined,
    },
    report: {
      queries: count,
      rows,
      ridge,
      steps,
      linear: linearJudged,
      mlp: steps > 0 ? best : undefined,
      shipped: judge(engine, lists, unseen, scores, rareBoost),
      rivals: Object.fromEntries(
        Object.entries(rivals).map(([name, theirs]) => [name, judge(engine, lists, unseen, theirs)]),
      ),
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
