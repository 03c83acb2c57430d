import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { degreeBudgets, degreeWeights } from './budgets.ts';
import type { Propagation } from './encoder.ts';
import type { Block as LayerBlock } from './layer.ts';
import type { MessageGraph, Relation } from './message.ts';
import type { EncoderOptions } from './options.ts';
import type { Block } from './sampled-block.ts';
import { type BlockOptions, NeighbourSampler } from './sampler.ts';
import type { SamplingOptions } from './sampling-options.ts';
import { STREAM } from './streams.ts';

/** Where the vectors of a step's nodes are: row i of the output is `nodes[i]`, or node i when all take part. */
export interface Reach {
  readonly at: Propagation;
  readonly nodes?: Uint32Array;
}

/** A message graph and, beside it, the second relation (also viewed). */
export interface Messages {
  readonly main: MessageGraph;
  readonly coView?: MessageGraph;
}

/** Every node, every neighbour: the propagation of a graph that fits, and of inference. */
export function fullPropagation({ main, coView }: Messages, layers: number): Propagation {
  const n = main.nodeCount;
  const view = coView?.relations();
  const block: LayerBlock = {
    rows: n,
    columns: n,
    ...main.relations(),
    coViewOut: view?.out,
    coViewIn: view?.in,
  };
  return { input: { count: n }, blocks: Array.from({ length: layers }, () => block) };
}

interface Hop {
  readonly out: Block;
  readonly in: Block;
  /** The two blocks over one numbering of the nodes, fill included: indptr, indices, weights. */
  readonly relations: Record<
    'out' | 'in',
    { indptr: Slice<'u32'>; indices: Slice<'u32'>; weights: Slice<'f32'> }
  >;
  readonly nodes: Slice<'u32'>;
}

/**
 * Sampled neighbourhoods for mini-batches: from the nodes that a batch needs, hop by hop outwards, both directions at
 * each hop. Budgets, fills and weights are those of the step's masked graph.
 */
export class SampledPropagation {
  /** Most rows of each stage, the input's first. */
  readonly capacity: number[];
  readonly #engine: Engine;
  readonly #sampler: NeighbourSampler;
  readonly #hops: Hop[];
  readonly #place: Int32Array;
  readonly #budgets: Record<'out' | 'in', Slice<'u32'>>;
  readonly #weights: Record<'out' | 'in', Slice<'f32'>> | undefined;

  constructor(
    engine: Engine,
    readonly messages: MessageGraph,
    readonly encoder: EncoderOptions,
    readonly options: SamplingOptions,
    seeds: number,
    seed: number,
  ) {
    this.#engine = engine;
    const n = messages.nodeCount;
    this.capacity = sampledCapacity(n, seeds, encoder.layers, options);
    const walks = options.fill === 'none' ? 0 : options.walks;
    this.#sampler = new NeighbourSampler(engine, messages.graph, { seed, walks });
    this.#hops = Array.from({ length: encoder.layers }, (_, layer) => {
      const rows = this.capacity[layer + 1];
      const most = rows * maxBudget(options, layer);
      const entries = Math.min(most, messages.edgeCount);
      const fill = walks > 0 ? rows * Math.min(maxBudget(options, layer), walks) : 0;
      const relation = () => ({
        indptr: engine.alloc('u32', rows + 1),
        indices: engine.alloc('u32', entries + fill),
        weights: engine.alloc('f32', entries + fill),
      });
      return {
        out: this.#sampler.reserve({ rows, entries, fill }),
        in: this.#sampler.reserve({ rows, entries, fill }),
        relations: { out: relation(), in: relation() },
        nodes: engine.alloc('u32', this.capacity[layer]),
      };
    });
    this.#place = new Int32Array(n).fill(-1);
    const adaptive = options.budget === 'degree-adaptive';
    this.#budgets = { out: engine.alloc('u32', adaptive ? n : 0), in: engine.alloc('u32', adaptive ? n : 0) };
    if (options.degreePower > 0) {
      this.#weights = { out: engine.alloc('f32', n), in: engine.alloc('f32', n) };
    }
  }

  /** The step's neighbourhoods of the distinct nodes `seeds`, after `messages.mask`. */
  reach(seeds: Uint32Array, step: number): Reach {
    const { messages, options } = this;
    const sampler = this.#sampler;
    sampler.setMask(messages.masked.array);
    if (this.#weights) {
      degreeWeights(this.#weights.out, sampler.degrees.in.array, options.degreePower, 1);
      degreeWeights(this.#weights.in, sampler.degrees.out.array, options.degreePower, 1);
    }
    const blocks: LayerBlock[] = [];
    let frontier: Uint32Array = seeds;
    for (let layer = this.encoder.layers - 1; layer >= 0; layer--) {
      const fanout = fanoutOf(options, layer);
      const hop = this.#hops[layer];
      for (const direction of ['out', 'in'] as const) {
        const how: BlockOptions = {
          fanout,
          fill: options.fill,
          step,
          stream: STREAM.sampler + 2 * layer + (direction === 'out' ? 0 : 1),
          weights: this.#weights?.[direction],
        };
        if (options.budget === 'degree-adaptive') {
          const degrees = sampler.degrees[direction].array;
          const fill = options.fill !== 'none';
          how.budgets = this.#budgets[direction].set(
            degreeBudgets(this.#engine, degrees, { fanout, fill }).budgets,
          );
        }
        sampler.block(hop[direction], frontier, direction, how);
      }
      const count = this.#union(hop);
      const rows = frontier.length;
      blocks.unshift({
        rows,
        columns: count,
        out: this.#weigh(hop, 'out', rows),
        in: this.#weigh(hop, 'in', rows),
      });
      frontier = hop.nodes.array.subarray(0, count);
    }
    const input = this.encoder.layers > 0 ? this.#hops[0].nodes : undefined;
    if (!input) throw new Error('sampling needs at least one layer');
    return { at: { input: { count: frontier.length, nodes: input }, blocks }, nodes: seeds };
  }

  /** Lists the nodes of both blocks once, the frontier first, and renumbers the second block to match. */
  #union(hop: Hop): number {
    const nodes = hop.nodes.array;
    const place = this.#place;
    const first = hop.out.nodes.array;
    const second = hop.in.nodes.array;
    let count = hop.out.nodeCount;
    for (let i = 0; i < count; i++) {
      nodes[i] = first[i];
      place[first[i]] = i;
    }
    for (let i = 0; i < hop.in.nodeCount; i++) {
      if (place[second[i]] < 0) {
        place[second[i]] = count;
        nodes[count++] = second[i];
      }
    }
    for (const indices of [
      hop.in.indices.array.subarray(0, hop.in.entries),
      hop.in.fillIndices.array.subarray(0, hop.in.fillEntries),
    ]) {
      for (let e = 0; e < indices.length; e++) indices[e] = place[second[indices[e]]];
    }
    for (let i = 0; i < count; i++) place[nodes[i]] = -1;
    return count;
  }

  /**
   * A block's weights: those of the whole (masked) graph times available / picked, so that a row's sum is unbiased
   * under uniform picks. Fill nodes count as half an edge, by their share of the row's walks against its best.
   */
  #weigh(hop: Hop, direction: 'out' | 'in', rows: number): Relation {
    const block = hop[direction];
    const { outSide, inSide } = this.messages;
    const [from, to] = direction === 'out' ? [outSide, inSide] : [inSide, outSide];
    const { aggregation } = this.encoder;
    const rowScale = aggregation === 'sum' ? undefined : from.scale.array;
    const columnScale = aggregation === 'symmetric' ? to.scale.array : undefined;
    const base = this.messages.graph.out.weights;
    const weighted = this.encoder.edgeWeights && base !== undefined;
    const nodes = hop.nodes.array;
    const picked = { indptr: block.indptr.array, indices: block.indices.array, edges: block.edges.array };
    const fill = {
      indptr: block.fillIndptr.array,
      indices: block.fillIndices.array,
      share: block.fillShare.array,
    };
    const available = block.available.array;
    const relation = hop.relations[direction];
    const indptr = relation.indptr.array;
    const indices = relation.indices.array;
    const weights = relation.weights.array;
    let n = 0;
    for (let i = 0; i < rows; i++) {
      const count = picked.indptr[i + 1] - picked.indptr[i];
      const row = (rowScale ? rowScale[nodes[i]] : 1) * (count > 0 ? available[i] / count : 1);
      for (let e = picked.indptr[i]; e < picked.indptr[i + 1]; e++) {
        const column = picked.indices[e];
        indices[n] = column;
        weights[n++] =
          row * (columnScale ? columnScale[nodes[column]] : 1) * (weighted ? base[picked.edges[e]] : 1);
      }
      if (block.fillEntries > 0) {
        // Shares fall along a row, so its first is its best.
        const best = fill.share[fill.indptr[i]];
        for (let e = fill.indptr[i]; e < fill.indptr[i + 1]; e++) {
          const column = fill.indices[e];
          indices[n] = column;
          weights[n++] =
            ((0.5 * fill.share[e]) / best) * row * (columnScale ? columnScale[nodes[column]] : 1);
        }
      }
      indptr[i + 1] = n;
    }
    return {
      matrix: { rows, indptr: relation.indptr, indices: relation.indices, weights: relation.weights },
    };
  }
}

const fanoutOf = (o: SamplingOptions, layer: number) => o.fanout[Math.min(layer, o.fanout.length - 1)];

/** Degree-adaptive budgets give the least connected nodes up to twice the fan-out. */
const maxBudget = (o: SamplingOptions, layer: number) =>
  fanoutOf(o, layer) * (o.budget === 'degree-adaptive' ? 2 : 1);

/** Most rows of each stage of a sampled pass, the input's first. */
export function sampledCapacity(
  nodes: number,
  seeds: number,
  layers: number,
  options: SamplingOptions,
): number[] {
  const capacity = [Math.min(nodes, seeds)];
  for (let layer = layers - 1; layer >= 0; layer--) {
    capacity.unshift(Math.min(nodes, capacity[0] * (1 + 2 * maxBudget(options, layer))));
  }
  return capacity;
}
