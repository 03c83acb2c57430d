import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { gemm } from '../../nn/linear.ts';
import { topKRow } from '../../nn/topk.ts';
import { rowsFromColumns } from '../baselines/adjacency.ts';
import type { RankModel } from './fit.ts';
import { Mlp } from './mlp.ts';
import { DEGREE_COLUMNS, type PairFeatures, RARE_BUCKETS } from './pair-features.ts';

/**
 * A fitted model over blocks of features: the linear part for every node, the network for the best `top` of each query.
 * Several may read one block.
 */
export class ModelScorer {
  readonly #weights: Slice<'f32'>;
  readonly #mlp: Mlp | undefined;
  readonly #constant: Float32Array;
  readonly #top: number;

  constructor(
    readonly engine: Engine,
    readonly features: PairFeatures,
    readonly model: RankModel,
  ) {
    const { linear, scale, mlp, rareBoost } = model;
    if (model.features.join() !== features.names.join()) {
      throw new RangeError(`the model is of the features ${model.features}, got ${features.names}`);
    }
    this.#weights = engine.from(
      'f32',
      [linear.w, linear.a, linear.b].flatMap((part) => Array.from(part, (w, f) => w * scale[f])),
    );
    this.#constant = Float32Array.from(
      features.bucket,
      (k) => linear.k[k] + (k < RARE_BUCKETS ? rareBoost : 0),
    );
    this.#top = Math.min(model.top, features.nodeCount);
    this.#mlp = mlp && Mlp.from(engine, mlp, this.#top * features.batch);
  }

  /** Fills scores f32[queries x nodes] from `block`, what `features.compute` gave for the same queries. */
  score(queries: Uint32Array, block: Slice<'f32'>, scores: Slice<'f32'>): void {
    const { engine, features } = this;
    const n = features.nodeCount;
    const d = queries.length;
    engine.scope(({ alloc }) => {
      const sums = alloc('f32', 3 * n * d);
      gemm(engine, 'NN', sums, this.#weights, block, 3, features.count, n * d);
      const z = sums.array;
      const { inDegree, outDegree } = features;
      const one = n * d;
      for (let v = 0; v < n; v++) {
        const lv = inDegree[v];
        const constant = this.#constant[v];
        for (let q = 0, at = v * d; q < d; q++, at++) {
          z[at] += constant + lv * z[one + at] + outDegree[queries[q]] * z[2 * one + at];
        }
      }
      rowsFromColumns(engine, scores, sums, n, d);
    });
    if (this.#mlp) this.#rescore(this.#mlp, queries, block, scores);
  }

  /** The network's scores for the best `top` of each row; the rest is moved below them, its order unchanged. */
  #rescore(mlp: Mlp, queries: Uint32Array, block: Slice<'f32'>, scores: Slice<'f32'>): void {
    const { engine, features, model } = this;
    const { count, nodeCount: n } = features;
    const d = queries.length;
    const top = this.#top;
    const width = count + DEGREE_COLUMNS;
    const best = Array.from(queries, (_, q) => topKRow(engine, scores.part(q * n, n), top));
    engine.scope(({ alloc }) => {
      const rows = alloc('f32', d * top * width);
      const more = alloc('f32', d * top);
      const x = rows.array;
      const values = block.array;
      best.forEach(({ ids }, q) => {
        for (let f = 0; f < count; f++) {
          const from = f * n * d + q;
          const scale = model.scale[f];
          for (let i = 0; i < top; i++) x[(q * top + i) * width + f] = values[from + ids[i] * d] * scale;
        }
        ids.forEach((v, i) => {
          const at = (q * top + i) * width + count;
          x[at] = features.inDegree[v];
          x[at + 1] = features.outDegree[queries[q]];
          x[at + 2] = features.outDegree[v];
        });
      });
      mlp.forward(more, rows, d * top);
      const added = more.array;
      const out = scores.array;
      best.forEach(({ ids, scores: linear }, q) => {
        const final = linear.map((z, i) => z + added[q * top + i]);
        const lowest = final.reduce((least, z) => Math.min(least, z), Infinity);
        const shift = Math.min(lowest - linear[top - 1], 0) - 1;
        for (let v = q * n; v < (q + 1) * n; v++) out[v] += shift;
        ids.forEach((v, i) => {
          out[q * n + v] = final[i];
        });
      });
    });
  }

  dispose(): void {
    this.engine.release(this.#weights);
    this.#mlp?.dispose();
  }
}
