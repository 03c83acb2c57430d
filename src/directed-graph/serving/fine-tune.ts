import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { Adam, type AdamState, adamDefaults } from '../../nn/optimizer.ts';
import { findEdge } from '../csr.ts';
import { DualEncoder } from '../encoder.ts';
import { type Examples, sampledBatch, wholeBatch } from '../examples.ts';
import type { DirectedGraph } from '../graph.ts';
import { MessageGraph } from '../message.ts';
import { NegativeSampler } from '../negatives.ts';
import { Objective } from '../objective.ts';
import type { EncoderOptions } from '../options.ts';
import { SampledPropagation } from '../propagation.ts';
import { STREAM } from '../streams.ts';
import type { ResolvedTraining } from '../training-options.ts';
import { chooseMode, seedNodes } from '../training-size.ts';
import type { EncoderWeights } from './weights.ts';

/** What is tuned, on what. */
export interface TuneData {
  /** With the new edges in it. */
  readonly graph: DirectedGraph;
  /** The new edges: pairs of different nodes. */
  readonly source: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** With a table of learned rows, see `withTable`. */
  readonly encoder: EncoderOptions;
  readonly training: ResolvedTraining;
  readonly weights: EncoderWeights;
  readonly bias: Float32Array | undefined;
}

/**
 * Old edges of touched nodes predicted beside each new one, so that the nodes do not forget: on cora-ml one instead of
 * three costs the queries without new edges .003 of HR@10.
 */
const REPLAY = 3;

/**
 * Trains the learned rows of the new edges' ends and nothing else. A step is one of training restricted to these edges: it
 * holds out `encoder.mask` of them and old ones of their ends, and predicts them among negatives drawn from all nodes. The
 * biases stay: with so few positives their gradient only learns that touched items are popular (HR@10 .486
 * instead of .489 on the phones). What it takes ends with the engine, a fork.
 */
export class FineTuner {
  /** The nodes whose rows are trained, in order. */
  readonly nodes: Uint32Array;
  readonly #encoder: DualEncoder;
  readonly #messages: MessageGraph;
  readonly #sampled: SampledPropagation | undefined;
  readonly #negatives: NegativeSampler;
  readonly #objective: Objective;
  readonly #adam: Adam;
  /** Edges by position in `graph.out`. */
  readonly #fresh: Uint32Array;
  readonly #old: Uint32Array;
  readonly #bits: Slice<'u32'>;
  readonly #drawn: Slice<'u32'>;
  /** Each table with moments of its own for the trained rows alone. */
  readonly #rows: { readonly at: Slice<'u32'>; readonly tables: AdamState[] };
  /** Place of a node among `nodes`, or -1. */
  readonly #slot: Int32Array;
  readonly #place: Int32Array;

  constructor(
    readonly engine: Engine,
    readonly data: TuneData,
    readonly seed: number,
    /** Optimiser steps before these, so that no draw is used twice. */
    readonly from: number,
  ) {
    const { graph, encoder: options, training, weights, bias } = data;
    const n = graph.nodeCount;
    const d = options.dim;
    this.#messages = new MessageGraph(engine, graph, options);
    this.#fresh = positions(data);
    this.nodes = endsOf(this.#messages, this.#fresh);
    this.#slot = new Int32Array(n).fill(-1);
    this.nodes.forEach((u, i) => {
      this.#slot[u] = i;
    });
    this.#old = this.#edgesBeside();
    const { fresh, old } = this.#counts();
    const batch = fresh + old;
    const features = weights.features?.rows;
    const none = { source: new Uint32Array(0), target: new Uint32Array(0) };
    if (chooseMode({ graph, validation: none, features }, options, training) === 'sampled') {
      const seeds = seedNodes(n, batch, options);
      this.#sampled = new SampledPropagation(
        engine,
        this.#messages,
        options,
        training.sampling,
        seeds,
        this.seed,
      );
    }
    const capacity = this.#sampled?.capacity ?? Array.from({ length: options.layers + 1 }, () => n);
    this.#encoder = new DualEncoder(engine, options, { nodeCount: n, capacity, features, coView: false });
    for (const { name, value } of this.#encoder.parameters.all) {
      value.set(name === 'bias' ? bias! : weights.parameters[name]);
    }
    this.#encoder.input.tables.forEach(({ value }, i) => void value.set(weights.tables[i]));
    const asymmetric = options.loss === 'asymmetric';
    this.#negatives = new NegativeSampler(engine, graph, {
      kind: asymmetric ? 'uniform' : 'popularity',
      seed,
    });
    this.#drawn = engine.alloc('u32', asymmetric ? batch * options.negativesPerPositive : options.negatives);
    const logCount = engine.kernels.logF64(options.negatives);
    const logRate = this.#negatives.logQ.array.map((logQ) => logQ + logCount);
    this.#objective = new Objective(
      engine,
      options,
      this.#encoder.parameters,
      engine.from('f32', logRate),
      batch,
    );
    this.#bits = engine.alloc('u32', batch);
    const rows = this.nodes.length;
    const table = () => engine.alloc('f32', rows * d);
    this.#rows = {
      at: engine.from('u32', this.nodes),
      tables: this.#encoder.input.tables.map(({ value, mean, square }) => ({
        value,
        grad: table(),
        mean,
        square,
      })),
    };
    this.#adam = new Adam(engine, { ...adamDefaults, weightDecay: training.weightDecay });
    this.#place = new Int32Array(this.#sampled ? n : 0).fill(-1);
  }

  /** The mean loss of the new edges (at most a batch), all held out, without dropout: before and after are comparable. */
  loss(): number {
    const edges = this.#some(this.#fresh, Math.min(this.#fresh.length, this.#bits.length), STREAM.update, 0);
    return this.#evaluate(edges, { seed: this.seed, step: this.from, rate: 0 }).loss;
  }

  /** Step number `step` (from 1); returns the mean loss of its batch. */
  next(step: number, learningRate: number): number {
    const training = { seed: this.seed, step: this.from + step, rate: this.data.encoder.dropout as number };
    const { loss, at } = this.#evaluate(this.#predicted(training.step), training);
    if (!Number.isFinite(loss)) {
      throw new Error(`the loss at step ${step} is ${loss}: lower learningRate (${learningRate})`);
    }
    this.#encoder.backward(at, training);
    this.#adam.options.learningRate = learningRate;
    this.#adam.advance();
    this.#encoder.input.tables.forEach(({ grad }, i) => {
      const mine = this.#rows.tables[i];
      this.#take(mine.grad.array.fill(0), grad.array, at.input);
      this.#adam.stepRows(mine, this.#rows.at, this.nodes.length, this.data.encoder.dim);
    });
    return loss;
  }

  /** The tables as they are now. */
  tables(): Float32Array[] {
    return this.#encoder.input.tables.map(({ value }) => value.copy());
  }

  #evaluate(edges: Uint32Array, training: { seed: number; step: number; rate: number }) {
    const encoder = this.#encoder;
    const examples = this.#examples(edges, training.step);
    const { batch, reach } = this.#sampled
      ? sampledBatch(examples, this.#sampled, training.step, this.#place)
      : wholeBatch(examples, { main: this.#messages }, this.data.encoder.layers);
    encoder.parameters.zeroGrad();
    const output = encoder.forward(reach.at, training);
    const rows = reach.nodes?.length ?? this.data.graph.nodeCount;
    const loss = this.#objective.evaluate(batch, output, encoder.outputGradient(rows), encoder.scale);
    return { loss, at: reach.at };
  }

  /** The step's edges: new ones, then old ones. */
  #predicted(step: number): Uint32Array {
    const { fresh, old } = this.#counts();
    const edges = new Uint32Array(fresh + old);
    edges.set(this.#some(this.#fresh, fresh, STREAM.update, step));
    edges.set(this.#some(this.#old, old, STREAM.update + 1, step), fresh);
    return edges;
  }

  /** The edges, hidden from the messages, and the step's negatives. */
  #examples(edges: Uint32Array, step: number): Examples {
    const { encoder, graph } = this.data;
    const messages = this.#messages;
    messages.hide(encoder.mask > 0 ? edges : new Uint32Array(0), encoder.maskReverse);
    const draws =
      encoder.loss === 'asymmetric' ? edges.length * encoder.negativesPerPositive : encoder.negatives;
    return {
      source: edges.map((e) => messages.edgeSource[e]),
      target: edges.map((e) => graph.out.indices[e]),
      oneWay: Uint8Array.from(edges, (e) => (messages.reverseEdge[e] < 0 ? 1 : 0)),
      negative: this.#negatives
        .draw(this.#drawn.part(0, draws), { stream: STREAM.update + 2, step })
        .array.slice(),
    };
  }

  /** How many edges of each kind a step predicts: the share of training, at least one, at most a batch in all. */
  #counts(): { fresh: number; old: number } {
    const { encoder, training } = this.data;
    const share = Math.ceil((encoder.mask || 1) * this.#fresh.length);
    const fresh = Math.max(1, Math.min(share, Math.floor(training.batch / (1 + REPLAY))));
    return { fresh, old: Math.min(REPLAY * fresh, this.#old.length) };
  }

  #some(edges: Uint32Array, count: number, stream: number, step: number): Uint32Array {
    const list = edges.slice();
    this.engine.kernels.randomBits(this.#bits.ptr, count, this.seed, stream, step);
    const bits = this.#bits.array;
    for (let i = 0; i < count; i++) {
      const j = i + Math.floor((bits[i] / 2 ** 32) * (list.length - i));
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list.subarray(0, count);
  }

  /** Old edges that begin or end at a trained node. */
  #edgesBeside(): Uint32Array {
    const { edgeSource, graph } = this.#messages;
    const isFresh = new Uint8Array(graph.edgeCount);
    for (const e of this.#fresh) isFresh[e] = 1;
    const slot = this.#slot;
    const beside: number[] = [];
    graph.out.indices.forEach((v, e) => {
      if (!isFresh[e] && (slot[v] >= 0 || slot[edgeSource[e]] >= 0)) beside.push(e);
    });
    return Uint32Array.from(beside);
  }

  /** Moves the gradients of the trained rows, f32[count x d] by the step's nodes, to their places. */
  #take(to: Float32Array, grad: Float32Array, { count, nodes }: { count: number; nodes?: Slice<'u32'> }) {
    const d = this.data.encoder.dim;
    const ids = nodes?.array;
    for (let i = 0; i < count; i++) {
      const slot = this.#slot[ids ? ids[i] : i];
      if (slot >= 0) to.set(grad.subarray(i * d, (i + 1) * d), slot * d);
    }
  }
}

/** The distinct positions of the new edges in `graph.out`. */
function positions({ graph, source, target }: TuneData): Uint32Array {
  const found = Array.from(source, (u, i) => findEdge(graph.out, u, target[i]));
  return Uint32Array.from(new Set(found)).sort();
}

function endsOf({ edgeSource, graph }: MessageGraph, edges: Uint32Array): Uint32Array {
  const nodes = new Set<number>();
  for (const e of edges) nodes.add(edgeSource[e]).add(graph.out.indices[e]);
  return Uint32Array.from(nodes).sort();
}
