import { notAborted } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import { Adam, adamDefaults } from '../../nn/optimizer.ts';
import type { CandidateLists } from './candidates.ts';
import { DRAW, drawDistinct } from './draw.ts';
import { type LinearWeights, linearScores, longest } from './linear-part.ts';
import { listwise } from './listwise.ts';
import { Mlp, type MlpWeights } from './mlp.ts';

export interface MlpOptions {
  hidden: number;
  /** Share of the first layer's units dropped. */
  dropout: number;
  learningRate: number;
  weightDecay: number;
  /** Steps, each over this many lists. */
  steps: number;
  lists: number;
  seed: number;
  signal?: AbortSignal;
  onStep?: (step: number, loss: number) => void;
}

export const mlpDefaults: MlpOptions = {
  hidden: 32,
  dropout: 0.1,
  learningRate: 3e-3,
  weightDecay: 1e-3,
  steps: 150,
  lists: 128,
  seed: 0,
  signal: undefined,
  onStep: undefined,
};

/**
 * Fits the network on top of a frozen linear part by the listwise loss on the lists `chosen`: AdamW, the learning rate
 * falling to 0 over the second half. The last layer starts at zero, so the first scores are the linear part's.
 */
export function fitMlp(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  linear: LinearWeights,
  set: MlpOptions,
): MlpWeights {
  const { x, indptr, positives, offset, width } = lists;
  const base = new Float32Array(indptr[indptr.length - 1]);
  linearScores(engine, lists, chosen, linear, base);
  const perStep = Math.min(set.lists, chosen.length);
  const capacity = perStep * longest(lists);
  const mlp = new Mlp(engine, { width, hidden: set.hidden }, capacity);
  try {
    mlp.initialize(set.seed);
    engine.scope(({ alloc }) => {
      const batch = alloc('f32', capacity * width);
      const z = alloc('f32', capacity);
      const adam = new Adam(engine, { ...adamDefaults, weightDecay: set.weightDecay });
      for (let step = 0; step < set.steps; step++) {
        notAborted(set.signal);
        const drawn = drawDistinct(engine, chosen.length, perStep, set.seed, DRAW.batch, step);
        const mine = Array.from(drawn, (at) => chosen[at]);
        let rows = 0;
        let edges = 0;
        const to = batch.array;
        const from = x.array;
        for (const i of mine) {
          to.set(from.subarray(indptr[i] * width, indptr[i + 1] * width), rows * width);
          rows += indptr[i + 1] - indptr[i];
          edges += positives[i];
        }
        const drop = set.dropout > 0 ? { rate: set.dropout, seed: set.seed, step } : undefined;
        mlp.forward(z, batch, rows, drop);
        const logit = z.array;
        let loss = 0;
        let at = 0;
        for (const i of mine) {
          const m = indptr[i + 1] - indptr[i];
          for (let r = 0; r < m; r++) logit[at + r] += base[indptr[i] + r];
          const offsets = offset.subarray(indptr[i], indptr[i + 1]);
          loss += listwise(engine, z.part(at, m), offsets, positives[i], 1 / Math.max(1, edges));
          at += m;
        }
        mlp.backward(z, batch, rows, drop);
        adam.options.learningRate = set.learningRate * Math.min(1, 2 * (1 - step / set.steps));
        adam.advance();
        adam.step(mlp.parameters.flat);
        set.onStep?.(step + 1, loss / Math.max(1, edges));
      }
    });
    return mlp.weights();
  } finally {
    mlp.dispose();
  }
}

/** Adds the network's output to the scores of every row of the lists `chosen`, at the rows' own places. */
export function addMlpScores(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  weights: MlpWeights,
  scores: Float32Array,
): void {
  const { x, indptr, width } = lists;
  const mlp = Mlp.from(engine, weights, longest(lists));
  try {
    engine.scope(({ alloc }) => {
      const z = alloc('f32', longest(lists));
      for (let c = 0; c < chosen.length; c++) {
        const first = indptr[chosen[c]];
        const m = indptr[chosen[c] + 1] - first;
        mlp.forward(z, x.part(first * width, m * width), m);
        const more = z.array;
        for (let r = 0; r < m; r++) scores[first + r] += more[r];
      }
    });
  } finally {
    mlp.dispose();
  }
}
