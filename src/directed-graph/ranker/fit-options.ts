import type { Step } from '../steps.ts';

export interface RankFitOptions {
  /** Validation sources to fit on at most, hard candidates of each feature and random candidates of each. */
  queries: number;
  hard: number;
  random: number;
  /** Degree interactions; without them a plain logit. */
  interactions: boolean;
  /** Ridge strengths to choose from by cross-validation over queries. */
  ridges: readonly number[];
  /** Below so many queries the ridge pulls to weights shared by several graphs (`prior.ts`), with these strengths. */
  priorQueries: number;
  priorRidges: readonly number[];
  iterations: number;
  /** The small network on top, from so many queries on; its steps are chosen from `steps` (`fewSteps` up to 1,500). */
  mlp: boolean;
  mlpQueries: number;
  steps: readonly number[];
  fewSteps: readonly number[];
  dropout: number;
  hidden: number;
  top: number;
  /**
   * A fixed boost for rare targets; when absent the largest of `rareBoosts` that costs at most `rareLoss` of hitRate@10
   * and finds more rare targets by over two standard errors, from 1,500 queries on, and 0 below.
   */
  rareBoost?: number;
  /** Above 1 the lists understate the cost: .0025 of hitRate@10 in them were .0115 among all products. */
  rareBoosts: readonly number[];
  rareLoss: number;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (step: Step) => void;
}

export const rankFitDefaults: RankFitOptions = {
  queries: 4000,
  hard: 30,
  random: 80,
  interactions: true,
  ridges: [1, 10],
  priorQueries: 100,
  priorRidges: [10, 100],
  iterations: 60,
  mlp: true,
  mlpQueries: 200,
  steps: [400],
  fewSteps: [150],
  dropout: 0.1,
  hidden: 32,
  top: 300,
  rareBoost: undefined,
  rareBoosts: [0, 0.3, 0.6, 1],
  rareLoss: 0.003,
  seed: 0,
  signal: undefined,
  onProgress: undefined,
};
