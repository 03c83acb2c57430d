import { integer, real } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { Adam, adamDefaults } from '../nn/optimizer.ts';
import { embed } from './embed.ts';
import { type Embedding, EmbeddingScorer } from './embedding-scorer.ts';
import { DualEncoder } from './encoder.ts';
import { type Examples, sampledBatch, wholeBatch } from './examples.ts';
import type { DirectedGraph } from './graph.ts';
import { MessageGraph } from './message.ts';
import { NegativeSampler } from './negatives.ts';
import { Objective } from './objective.ts';
import type { EncoderOptions } from './options.ts';
import { type Messages, SampledPropagation } from './propagation.ts';
import { rankPairs } from './ranking.ts';
import type { Pairs, Scorer } from './scorer.ts';
import { Fallback } from './serving/fallback.ts';
import type { EncoderWeights } from './serving/weights.ts';
import { STREAM } from './streams.ts';
import type { ResolvedTraining, TrainingData } from './training-options.ts';
import { chooseMode, seedNodes } from './training-size.ts';

/** What a look at the validation edges said. */
export interface Look {
  step: number;
  loss: number;
  'hitRate@10': number;
  'mrr@10': number;
}

/** Everything a resumed run needs, as plain arrays. */
export interface TrainerState {
  readonly tensors: Record<string, Float32Array>;
  readonly step: number;
  readonly best: number;
  readonly bad: number;
  readonly history: readonly Look[];
}

/**
 * Takes optimiser steps on one graph. Every draw is keyed by (seed, step), so a step depends on nothing before it but the
 * parameters. Its slices end with its engine, which is a fork for the purpose.
 */
export class Trainer {
  readonly encoder: DualEncoder;
  readonly mode: 'full' | 'sampled';
  /** Optimiser steps at most, after `epochs` is resolved. */
  readonly steps: number;
  history: Look[] = [];
  step = 0;
  readonly #messages: Messages;
  readonly #objective: Objective;
  readonly #negatives: NegativeSampler;
  readonly #drawn: Slice<'u32'>;
  readonly #adam: Adam;
  readonly #sampled: SampledPropagation | undefined;
  readonly #logRate: Slice<'f32'>;
  readonly #bits: Slice<'u32'>;
  readonly #look: Pairs;
  readonly #place: Int32Array;
  #bestScore = -1;
  #bad = 0;
  #best: Float32Array[] | undefined;

  constructor(
    readonly engine: Engine,
    readonly data: TrainingData,
    readonly options: EncoderOptions,
    readonly training: ResolvedTraining,
    readonly seed: number,
  ) {
    const { graph, coView } = data;
    const n = graph.nodeCount;
    this.mode = chooseMode(data, options, training);
    this.#messages = {
      main: new MessageGraph(engine, graph, options),
      coView: coView && new MessageGraph(engine, coView, options),
    };
    this.#messages.coView?.unmask();
    const batch = Math.min(training.batch, graph.edgeCount);
    if (this.mode === 'sampled') {
      const seeds = seedNodes(n, batch, options);
      this.#sampled = new SampledPropagation(
        engine,
        this.#messages.main,
        options,
        training.sampling,
        seeds,
        seed,
      );
    }
    const shape = {
      nodeCount: n,
      capacity: this.#sampled?.capacity ?? Array.from({ length: options.layers + 1 }, () => n),
      features: data.features,
      coView: coView !== undefined,
    };
    this.encoder = new DualEncoder(engine, options, shape);
    this.#negatives = new NegativeSampler(engine, graph, {
      kind: options.loss === 'asymmetric' ? 'uniform' : 'popularity',
      seed,
    });
    const asymmetric = options.loss === 'asymmetric';
    this.#drawn = engine.alloc('u32', asymmetric ? batch * options.negativesPerPositive : options.negatives);
    const logCount = engine.kernels.logF64(options.negatives);
    this.#logRate = engine.from(
      'f32',
      this.#negatives.logQ.array.map((logQ) => logQ + logCount),
    );
    this.#objective = new Objective(engine, options, this.encoder.parameters, this.#logRate, batch);
    this.#bits = engine.alloc('u32', batch);
    this.#adam = new Adam(engine, {
      ...adamDefaults,
      learningRate: training.learningRate,
      weightDecay: training.weightDecay,
    });
    const predicted = Math.max(
      1,
      Math.min(batch, options.mask > 0 ? graph.edgeCount * options.mask : Infinity),
    );
    this.steps =
      training.epochs === undefined
        ? training.steps
        : Math.max(1, Math.ceil((training.epochs * graph.edgeCount) / predicted));
    this.#look = someOf(engine, data.validation, training.validationEdges, seed);
    this.#place = new Int32Array(this.mode === 'sampled' ? n : 0).fill(-1);
  }

  /** Whether training should go on. */
  get unfinished(): boolean {
    return this.step < this.steps && this.#bad < this.training.patience;
  }

  /** One optimiser step; returns the mean loss of its batch. At the end of a stretch, looks at validation. */
  next(): number {
    const step = ++this.step;
    const { encoder, seed } = this;
    const rate = this.options.dropout as number;
    const training = { seed, step, rate };
    const examples = this.#examples(step);
    const { batch, reach } = this.#sampled
      ? sampledBatch(examples, this.#sampled, step, this.#place)
      : wholeBatch(examples, this.#messages, this.options.layers);
    const rows = reach.nodes?.length ?? this.data.graph.nodeCount;
    encoder.parameters.zeroGrad();
    const output = encoder.forward(reach.at, training);
    const loss = this.#objective.evaluate(batch, output, encoder.outputGradient(rows), encoder.scale);
    if (!Number.isFinite(loss)) {
      throw new Error(
        `the loss at step ${step} is ${loss}: lower learningRate (${this.training.learningRate})`,
      );
    }
    encoder.backward(reach.at, training);
    this.#adam.advance();
    encoder.step(this.#adam, reach.at);
    if (step % this.training.evaluateEvery === 0 || step === this.steps) this.#validate(loss);
    return loss;
  }

  /** Puts the best parameters seen back, and releases nothing. */
  restoreBest(): void {
    if (this.#best) this.#values().forEach((slice, i) => void slice.set(this.#best![i]));
  }

  /** Dual vectors by the current parameters over every neighbour of `graph` (the training graph by default). */
  embedding(graph?: DirectedGraph): Embedding {
    if (!graph) return embed(this.encoder, this.#messages);
    const main = new MessageGraph(this.engine, graph, this.options);
    const result = embed(this.encoder, { main, coView: this.#messages.coView });
    main.dispose();
    return result;
  }

  /** What re-embedding a node needs: every parameter but the bias, which the embedding holds, and the tables. */
  weights(): Pick<EncoderWeights, 'parameters' | 'tables'> {
    const parameters: Record<string, Float32Array> = {};
    for (const { name, value } of this.encoder.parameters.all) {
      if (name !== 'bias') parameters[name] = value.copy();
    }
    return { parameters, tables: this.encoder.input.tables.map(({ value }) => value.copy()) };
  }

  /** The run as it stands after a step. */
  state(): TrainerState {
    const tensors: Record<string, Float32Array> = {};
    this.#all().forEach((slice, i) => {
      tensors[`state${i}`] = slice.copy();
    });
    this.#best?.forEach((value, i) => {
      tensors[`best${i}`] = value;
    });
    return { tensors, step: this.step, best: this.#bestScore, bad: this.#bad, history: [...this.history] };
  }

  /** Goes on from `state`. RangeError when it is of another model, or is not what a run leaves behind. */
  resume({ tensors, step, best, bad, history }: TrainerState): void {
    const rule = 'the checkpoint is of another graph or other options';
    const take = (prefix: string, slices: Slice<'f32'>[]) =>
      slices.map((slice, i) => {
        const value = tensors[`${prefix}${i}`];
        if (
          !(value instanceof Float32Array && value.length === slice.length && value.every(Number.isFinite))
        ) {
          throw new RangeError(`${rule}, or damaged: ${prefix}${i}`);
        }
        return value;
      });
    integer(step, 'step of the checkpoint', 0, this.steps);
    integer(bad, 'bad of the checkpoint', 0, this.training.patience);
    real(best, 'best of the checkpoint', -1, 2);
    const all = this.#all();
    const state = take('state', all);
    const kept = 'best0' in tensors ? take('best', this.#values()) : undefined;
    if (best >= 0 !== (kept !== undefined)) throw new RangeError(`${rule}, or damaged: best`);
    all.forEach((slice, i) => void slice.set(state[i]));
    this.#best = kept;
    this.#adam.advance(step - this.#adam.t);
    this.step = step;
    this.#bestScore = best;
    this.#bad = bad;
    this.history = [...history];
  }

  /** The step's held-out edges (at most a batch of them), its negatives and its also-viewed pairs, as nodes. */
  #examples(step: number): Examples {
    const { main, coView } = this.#messages;
    const { graph } = this.data;
    const { options, seed } = this;
    let count = main.mask(options.mask, options.maskReverse, { seed, stream: STREAM.mask, step });
    const held = main.held.array;
    if (options.mask === 0) {
      count = graph.edgeCount;
      for (let e = 0; e < count; e++) held[e] = e;
    }
    const positives = Math.min(this.#bits.length, count);
    this.engine.kernels.randomBits(this.#bits.ptr, positives, seed, STREAM.positives, step);
    const bits = this.#bits.array;
    for (let i = 0; i < positives; i++) {
      const j = i + Math.floor((bits[i] / 2 ** 32) * (count - i));
      const edge = held[j];
      held[j] = held[i];
      held[i] = edge;
    }
    const edges = held.slice(0, positives);
    const { edgeSource, reverseEdge } = main;
    const { indices } = graph.out;
    // map, because from goes through an iterator: six times as long.
    const source = edges.map((e) => edgeSource[e]);
    const target = edges.map((e) => indices[e]);
    const oneWay = new Uint8Array(edges.map((e) => (reverseEdge[e] < 0 ? 1 : 0)));
    const draws =
      options.loss === 'asymmetric' ? positives * options.negativesPerPositive : options.negatives;
    const negative = this.#negatives
      .draw(this.#drawn.part(0, draws), { stream: STREAM.negatives, step })
      .array.slice();
    let viewSource: Uint32Array | undefined;
    let viewTarget: Uint32Array | undefined;
    if (coView && coView.edgeCount > 0 && options.loss === 'asymmetric' && options.coViewLoss > 0) {
      const pairs = Math.min(positives, coView.edgeCount);
      this.engine.kernels.randomBits(this.#bits.ptr, pairs, seed, STREAM.coView, step);
      const picked = Uint32Array.from(bits.subarray(0, pairs), (b) =>
        Math.floor((b / 2 ** 32) * coView.edgeCount),
      );
      viewSource = picked.map((e) => coView.edgeSource[e]);
      viewTarget = picked.map((e) => coView.graph.out.indices[e]);
    }
    return { source, target, oneWay, negative, viewSource, viewTarget };
  }

  #validate(loss: number): void {
    const { engine } = this;
    const look = this.#look;
    if (look.source.length === 0) return;
    const scorer = new EmbeddingScorer(engine, this.embedding());
    const { hitRate, mrr } = this.#quality(scorer);
    scorer.dispose();
    this.history.push({ step: this.step, loss, 'hitRate@10': hitRate, 'mrr@10': mrr });
    if (hitRate + mrr > this.#bestScore) {
      this.#bestScore = hitRate + mrr;
      this.#bad = 0;
      this.#best = this.#values().map((slice) => slice.copy());
    } else this.#bad++;
  }

  #quality(scorer: Scorer): { hitRate: number; mrr: number } {
    const { graph } = this.data;
    const ranks = rankPairs(this.engine, scorer, graph.nodeCount, this.#look, graph.out);
    const hit = ranks.filter((rank) => rank <= 10);
    return {
      hitRate: hit.length / ranks.length,
      mrr: hit.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
    };
  }

  /** What counts alone make of the validation edges. */
  countsLook(): { 'hitRate@10': number; 'mrr@10': number } {
    const { hitRate, mrr } = this.#quality(new Fallback(this.data.graph).scorer);
    return { 'hitRate@10': hitRate, 'mrr@10': mrr };
  }

  /** What the model is, and with the moments, what a checkpoint holds. */
  #values(): Slice<'f32'>[] {
    return [this.encoder.parameters.flat.value, ...this.encoder.input.tables.map((t) => t.value)];
  }
  #all(): Slice<'f32'>[] {
    return [this.encoder.parameters.flat, ...this.encoder.input.tables].flatMap((t) => [
      t.value,
      t.mean,
      t.square,
    ]);
  }
}

/** At most `count` of the pairs, chosen by the seed. */
function someOf(engine: Engine, pairs: Pairs, count: number, seed: number): Pairs {
  const n = pairs.source.length;
  if (n <= count) return pairs;
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const bits = engine.scope((scope) => {
    const slice = scope.alloc('u32', count);
    engine.kernels.randomBits(slice.ptr, count, seed, STREAM.validation, 0);
    return slice.copy();
  });
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor((bits[i] / 2 ** 32) * (n - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const some = order.subarray(0, count);
  return {
    source: Uint32Array.from(some, (i) => pairs.source[i]),
    target: Uint32Array.from(some, (i) => pairs.target[i]),
  };
}
