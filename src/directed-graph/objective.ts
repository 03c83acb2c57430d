import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { gatherRows, scatterAddRows } from '../nn/embedding.ts';
import { gemm, gemmScratch } from '../nn/linear.ts';
import { addColumnSums, type LogisticLoss, logisticLoss, sampledSoftmax } from '../nn/loss.ts';
import type { Parameters } from '../nn/parameters.ts';
import { pairScores, pairScoresBackward } from './asymmetric-loss.ts';
import type { Roles } from './layer.ts';
import type { EncoderOptions } from './options.ts';

/** Rows of logits worked on at once: 512 x 512 floats stay in the second-level cache. */
const CHUNK = 512;

/** The examples of one step. `source`, `target`, `negative` index the encoder's output rows. */
export interface Batch {
  readonly positives: number;
  /** u32[positives] */
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Nodes behind the rows, for biases and for leaving a row's own target out of its negatives. */
  readonly sourceNode: Uint32Array;
  readonly targetNode: Uint32Array;
  /** Shared negatives (softmax, logistic) or `negativesPerPositive` for each positive (asymmetric). */
  readonly negative: Uint32Array;
  readonly negativeNode: Uint32Array;
  /** 1 where the reverse edge is absent from the training graph. */
  readonly oneWay: Uint8Array;
  /** Also-viewed pairs as output rows (asymmetric loss). */
  readonly viewSource?: Uint32Array;
  readonly viewTarget?: Uint32Array;
}

/** One end of listed pairs: output rows and the nodes behind them. */
interface End {
  readonly row: Uint32Array;
  readonly node: Uint32Array;
}

/** log(negatives q_v) for every node: what logQ subtracts. f32[nodes] */
export type LogSamplingRate = Slice<'f32'>;

/** Loss and gradients of a batch with respect to the encoder's output, its temperature and its biases. */
export class Objective {
  readonly #index: Record<'identity' | 'u' | 'v' | 'z' | 'a' | 'b' | 'vNode' | 'zNode', Slice<'u32'>>;
  readonly #float: Record<'positive' | 'grad' | 'offset' | 'dOffset' | 'x' | 'y' | 'weight', Slice<'f32'>>;
  readonly #rows: Record<'su' | 'tv' | 'dsu' | 'dtv' | 'tz' | 'dtz', Slice<'f32'>>;
  readonly #logits: Slice<'f32'>;
  readonly #scratch: Slice<'f32'>;

  constructor(
    readonly engine: Engine,
    readonly options: EncoderOptions,
    readonly parameters: Parameters,
    readonly logRate: LogSamplingRate,
    /** Most positives (and also-viewed pairs) in a batch. */
    capacity: number,
  ) {
    const { dim: d } = options;
    const shared = options.loss !== 'asymmetric';
    const negatives = shared ? options.negatives : capacity * options.negativesPerPositive;
    const long = Math.max(capacity, negatives);
    const u32 = (n: number) => engine.alloc('u32', n);
    const f32 = (n: number) => engine.alloc('f32', n);
    this.#index = {
      identity: u32(long),
      u: u32(capacity),
      v: u32(capacity),
      z: u32(negatives),
      a: u32(long),
      b: u32(long),
      vNode: u32(capacity),
      zNode: u32(negatives),
    };
    const identity = this.#index.identity.array;
    for (let i = 0; i < long; i++) identity[i] = i;
    this.#float = {
      positive: f32(capacity),
      grad: f32(capacity),
      offset: f32(negatives),
      dOffset: f32(negatives),
      x: f32(long),
      y: f32(long),
      weight: f32(long),
    };
    const wide = shared ? d : 0;
    this.#rows = {
      su: f32(capacity * wide),
      tv: f32(capacity * wide),
      dsu: f32(capacity * wide),
      dtv: f32(capacity * wide),
      tz: f32(negatives * wide),
      dtz: f32(negatives * wide),
    };
    const chunk = Math.min(CHUNK, capacity);
    this.#logits = f32(shared ? chunk * negatives : 0);
    const needs = [
      gemmScratch(engine, chunk, d, negatives),
      gemmScratch(engine, chunk, negatives, d),
      gemmScratch(engine, negatives, chunk, d),
    ];
    this.#scratch = f32(shared ? Math.max(...needs) : 0);
  }

  /** Bytes in the arena, near enough for an estimate. */
  static bytes(options: EncoderOptions, capacity: number): number {
    const shared = options.loss !== 'asymmetric';
    const negatives = shared ? options.negatives : capacity * options.negativesPerPositive;
    const wide = shared ? options.dim : 0;
    return (
      4 * (4 * capacity * wide + 2 * negatives * wide + 9 * capacity + 10 * negatives + CHUNK * negatives)
    );
  }

  /**
   * Mean loss of the batch; adds to `grad` (of the output rows) and to the parameters' gradients. `scale` is the
   * encoder's factor on s . t.
   */
  evaluate(batch: Batch, output: Roles, grad: Roles, scale: number): number {
    const { u, v, z, vNode, zNode } = this.#index;
    u.set(batch.source);
    v.set(batch.target);
    z.set(batch.negative);
    vNode.set(batch.targetNode);
    zNode.set(batch.negativeNode);
    if (this.options.loss === 'asymmetric') return this.#asymmetric(batch, output, grad);
    return this.#shared(batch, output, grad, scale) + this.#direction(batch, output, grad, scale);
  }

  /** Sampled softmax or logistic loss against negatives that all positives share: three matrix products. */
  #shared(batch: Batch, output: Roles, grad: Roles, scale: number): number {
    const { engine, options } = this;
    const { dim: d, negatives } = options;
    const { u, v, z, vNode, zNode, identity } = this.#index;
    const { positive, grad: gp, offset, dOffset } = this.#float;
    const { su, tv, dsu, dtv, tz, dtz } = this.#rows;
    const n = batch.positives;
    const { scale: times } = engine.kernels;
    gatherRows(engine, su, output.s, u, n, d);
    times(su.ptr, su.ptr, n * d, scale);
    gatherRows(engine, tv, output.t, v, n, d);
    gatherRows(engine, tz, output.t, z, negatives, d);
    pairScores(engine, positive, su, tv, identity, identity, n, d);

    const bias = options.bias ? this.parameters.get('bias') : undefined;
    const logRate = options.logQ && options.loss === 'softmax' ? this.logRate.array : undefined;
    const p = positive.array;
    const o = offset.array;
    for (let i = 0; i < n; i++)
      p[i] += (bias?.value.array[batch.targetNode[i]] ?? 0) - (logRate?.[batch.targetNode[i]] ?? 0);
    for (let j = 0; j < negatives; j++) {
      o[j] = (bias?.value.array[batch.negativeNode[j]] ?? 0) - (logRate?.[batch.negativeNode[j]] ?? 0);
    }
    dOffset.fill(0);
    dtz.fill(0);

    let total = 0;
    if (options.loss === 'logistic') {
      engine.kernels.scale(gp.ptr, positive.ptr, n, 1);
      // Scores start at a base rate of sigmoid(-3), 5 effective negatives for each positive.
      total += logisticLoss(engine, gp, n, { sign: 1, shift: -3, scale: 1 / n });
    }
    for (let start = 0; start < n; start += CHUNK) {
      const rows = Math.min(CHUNK, n - start);
      const part = (x: Slice<'f32'>) => x.part(start * d, rows * d);
      const logits = this.#logits;
      gemm(engine, 'NT', logits, part(su), tz, rows, d, negatives, 0, this.#scratch);
      if (options.loss === 'softmax') {
        total += sampledSoftmax(engine, {
          logits,
          dPositive: gp.part(start, rows),
          positive: positive.part(start, rows),
          offset,
          positiveId: vNode.part(start, rows),
          negativeId: zNode,
          rows,
          negatives,
          scale: 1 / n,
        });
      } else total += this.#logisticNegatives(logits, rows, n);
      gemm(engine, 'NN', part(dsu), logits, tz, rows, negatives, d, 0, this.#scratch);
      gemm(engine, 'TN', dtz, logits, part(su), negatives, rows, d, 1, this.#scratch);
      addColumnSums(engine, dOffset, logits, rows, negatives);
    }

    dtv.array.fill(0, 0, n * d);
    pairScoresBackward(engine, dsu, dtv, su, tv, identity, identity, gp, n, d);
    if (options.learnTemperature && options.normalize !== 'none') {
      this.parameters.get('logTemperature').grad.array[0] += engine.kernels.dot(su.ptr, dsu.ptr, n * d);
    }
    scatterAddRows(engine, grad.s, dsu, u, n, d, scale);
    scatterAddRows(engine, grad.t, dtv, v, n, d);
    scatterAddRows(engine, grad.t, dtz, z, negatives, d);
    if (bias) {
      scatterAddRows(engine, bias.grad, gp, vNode, n, 1);
      scatterAddRows(engine, bias.grad, dOffset, zNode, negatives, 1);
    }
    return total / n;
  }

  /** The logistic loss on a block of logits with the negatives' offsets; hits are not left out (they are rare). */
  #logisticNegatives(logits: Slice<'f32'>, rows: number, n: number): number {
    const { negatives } = this.options;
    const x = logits.array;
    const o = this.#float.offset.array;
    for (let i = 0; i < rows; i++) for (let j = 0; j < negatives; j++) x[i * negatives + j] += o[j];
    const each = 5 / negatives;
    return (
      each * logisticLoss(this.engine, logits, rows * negatives, { sign: -1, shift: 3, scale: each / n })
    );
  }

  /**
   * Over the batch's one-way edges u -> v, directionLoss x mean of
   *   softplus(score(v, u) - score(u, v)) + softplus(score(v, u) - score(v, z)),
   * z one of the shared negatives: the reverse must fall behind the edge, and behind a node drawn at random.
   */
  #direction(batch: Batch, output: Roles, grad: Roles, scale: number): number {
    if (this.options.directionLoss === 0) return 0;
    const which = Array.from({ length: batch.positives }, (_, i) => i).filter((i) => batch.oneWay[i]);
    if (which.length === 0) return 0;
    const pick = (list: Uint32Array) => Uint32Array.from(which, (i) => list[i]);
    const draw = (list: Uint32Array) => Uint32Array.from(which, (_, k) => list[k % list.length]);
    const u = { row: pick(batch.source), node: pick(batch.sourceNode) };
    const v = { row: pick(batch.target), node: pick(batch.targetNode) };
    const z = { row: draw(batch.negative), node: draw(batch.negativeNode) };
    return (
      this.#below([v, u], [u, v], output, grad, scale) + this.#below([v, u], [v, z], output, grad, scale)
    );
  }

  /** directionLoss x mean softplus(score(low) - score(high)) over listed pairs of (source, target). */
  #below(low: [End, End], high: [End, End], output: Roles, grad: Roles, scale: number): number {
    const { engine, options, parameters } = this;
    const { dim: d, directionLoss } = options;
    const { a, b } = this.#index;
    const { x, y } = this.#float;
    const n = low[0].row.length;
    const pairs = ([source, target]: [End, End], to: Slice<'f32'>, back?: boolean) => {
      a.set(source.row);
      b.set(target.row);
      if (back) pairScoresBackward(engine, grad.s, grad.t, output.s, output.t, a, b, to, n, d);
      else pairScores(engine, to, output.s, output.t, a, b, n, d);
    };
    pairs(low, x);
    pairs(high, y);
    const bias = options.bias ? parameters.get('bias') : undefined;
    const gap = x.array;
    const above = y.array;
    const raw = new Float32Array(n);
    for (let k = 0; k < n; k++) {
      raw[k] = scale * (gap[k] - above[k]);
      gap[k] = raw[k] + (bias ? bias.value.array[low[1].node[k]] - bias.value.array[high[1].node[k]] : 0);
    }
    const weight = directionLoss / n;
    const loss = logisticLoss(engine, x, n, { sign: -1, shift: 0, scale: weight });
    for (let k = 0; k < n; k++) {
      const g = gap[k];
      if (bias) {
        bias.grad.array[low[1].node[k]] += g;
        bias.grad.array[high[1].node[k]] -= g;
      }
      if (options.learnTemperature && options.normalize !== 'none') {
        parameters.get('logTemperature').grad.array[0] += g * raw[k];
      }
      gap[k] = scale * g;
      above[k] = -scale * g;
    }
    pairs(low, x, true);
    pairs(high, y, true);
    return weight * loss;
  }

  /**
   * DAEMON equation 2 on plain inner products: log sigmoid(x) for a positive (twice for a one-way edge),
   * log sigmoid(1 - x) for each of its negatives and for the reverse of a one-way edge; and the co-view terms.
   */
  #asymmetric(batch: Batch, output: Roles, grad: Roles): number {
    const { engine, options } = this;
    const { u, v, a, b } = this.#index;
    const { x, weight } = this.#float;
    const n = batch.positives;
    const term = (
      left: 's' | 't',
      right: 's' | 't',
      i: Slice<'u32'>,
      j: Slice<'u32'>,
      count: number,
      loss: LogisticLoss,
    ): number => {
      pairScores(engine, x, output[left], output[right], i, j, count, options.dim);
      const sum = logisticLoss(engine, x, count, loss);
      pairScoresBackward(
        engine,
        grad[left],
        grad[right],
        output[left],
        output[right],
        i,
        j,
        x,
        count,
        options.dim,
      );
      return sum * loss.scale;
    };
    const w = weight.array;
    for (let i = 0; i < n; i++) w[i] = 1 + batch.oneWay[i];
    let total = term('s', 't', u, v, n, { sign: 1, shift: 0, scale: 1 / n, weight });
    for (let i = 0; i < n; i++) w[i] = batch.oneWay[i];
    total += term('s', 't', v, u, n, { sign: -1, shift: 1, scale: 1 / n, weight });

    const each = options.negativesPerPositive;
    const ai = a.array;
    const bi = b.array;
    let count = 0;
    for (let k = 0; k < n * each; k++) {
      const i = Math.floor(k / each);
      // z = u asks a node to avoid itself, which recommends nothing; z = v would deny the example.
      if (batch.negativeNode[k] === batch.sourceNode[i] || batch.negativeNode[k] === batch.targetNode[i])
        continue;
      ai[count] = batch.source[i];
      bi[count++] = batch.negative[k];
    }
    total += term('s', 't', a, b, count, { sign: -1, shift: 1, scale: 1 / n });

    const views = batch.viewSource?.length ?? 0;
    if (views > 0 && options.coViewLoss > 0) {
      a.set(batch.viewSource!);
      b.set(batch.viewTarget!);
      const loss = { sign: 1 as const, shift: 0, scale: options.coViewLoss / views };
      total += term('s', 's', a, b, views, loss) + term('t', 't', a, b, views, loss);
    }
    return total;
  }
}
