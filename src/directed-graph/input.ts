import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { dropout } from '../nn/activation.ts';
import { gatherRows, scatterAddRows } from '../nn/embedding.ts';
import { gemm } from '../nn/linear.ts';
import type { Adam, AdamState } from '../nn/optimizer.ts';
import type { Parameters } from '../nn/parameters.ts';
import { gather, type SparseMatrix } from './aggregate.ts';
import { transposeCsr } from './csr.ts';
import type { NodeFeatures } from './features.ts';
import type { Roles } from './layer.ts';
import type { EncoderOptions } from './options.ts';
import { hasTable, usesFeatures } from './parameter-shapes.ts';
import { STREAM } from './streams.ts';

type Matrix = Slice<'f32'>;

/** The nodes a step starts from: all of them in order, or a list of distinct ones. */
export interface InputNodes {
  readonly count: number;
  /** u32[count]; absent when every node takes part. */
  readonly nodes?: Slice<'u32'>;
}

/**
 * Base vectors and their two role maps: E = [X Wx] + [table], s0 = Ws drop(E), t0 = Wt drop(E). Untied inputs have a
 * table for each role.
 */
export class EncoderInput {
  /** Learned rows, f32[nodes x d] each, outside `parameters` because only the touched rows take a step. */
  readonly tables: AdamState[] = [];
  readonly output: Roles;
  readonly #x: { matrix: SparseMatrix; transpose: SparseMatrix; columns: number } | undefined;
  readonly #projected: Matrix;
  readonly #base: Matrix[];
  readonly #dropped: Matrix[];
  readonly #d: number;

  constructor(
    readonly engine: Engine,
    readonly options: EncoderOptions,
    readonly parameters: Parameters,
    readonly nodeCount: number,
    readonly capacity: number,
    features: NodeFeatures | undefined,
  ) {
    const d = options.dim;
    this.#d = d;
    const matrix = (rows: number): Matrix => engine.alloc('f32', rows * d);
    if (usesFeatures(options)) this.#x = this.#sparse(features!);
    this.#projected = matrix(this.#x ? nodeCount : 0);
    const tables = hasTable(options) ? (options.tied ? 1 : 2) : 0;
    for (let i = 0; i < tables; i++) {
      const trained = options.input !== 'fixed';
      this.tables.push({
        value: matrix(nodeCount),
        grad: matrix(trained ? capacity : 0),
        mean: matrix(trained ? nodeCount : 0),
        square: matrix(trained ? nodeCount : 0),
      });
    }
    const bases = Math.max(1, tables);
    this.#base = Array.from({ length: bases }, () => matrix(capacity));
    this.#dropped = Array.from({ length: bases }, () => matrix(capacity));
    this.output = options.roleMaps
      ? { s: matrix(capacity), t: matrix(capacity) }
      : { s: this.#dropped[0], t: this.#dropped[bases - 1] };
  }

  /** Random start: role maps at I + .1 N(0, 1), tables and Wx at .1 N(0, 1) (.01 for a table beside features). */
  initialize(seed: number, structural?: { source: Float32Array; target: Float32Array }): void {
    const { engine, options } = this;
    const d = this.#d;
    const normal = (to: Matrix, scale: number, stream: number) =>
      engine.kernels.randomNormal(to.ptr, to.length, scale, seed, stream, 0);
    if (this.#x) normal(this.parameters.get('projection').value, 0.1, STREAM.projection);
    const spread = options.input === 'fixed' ? 1 : this.#x ? 0.01 : 0.1;
    this.tables.forEach((table, i) => {
      if (structural) table.value.set(i === 0 ? structural.source : structural.target);
      else normal(table.value, spread, STREAM.table + i);
    });
    if (!options.roleMaps) return;
    for (const [name, stream] of [
      ['mapS', STREAM.mapS],
      ['mapT', STREAM.mapT],
    ] as const) {
      const map = this.parameters.get(name).value;
      // Tied roles must start apart; free tables already do.
      if (this.tables.length < 2) normal(map, 0.1, stream);
      const w = map.array;
      for (let i = 0; i < d; i++) w[i * d + i] += 1;
    }
  }

  forward(input: InputNodes, training: { seed: number; step: number; rate: number } | undefined): Roles {
    const { engine, options } = this;
    const d = this.#d;
    const n = input.count * d;
    if (this.#x) gather(engine, this.#projected, this.#x.matrix, this.parameters.get('projection').value, d);
    this.#base.forEach((base, i) => {
      const table = this.tables[i]?.value;
      const rows = (from: Matrix) => {
        if (input.nodes) gatherRows(engine, base, from, input.nodes, input.count, d);
        else engine.kernels.scale(base.ptr, from.ptr, n, 1);
      };
      if (table && this.#x) {
        rows(this.#projected);
        if (input.nodes) {
          gatherRows(engine, this.#dropped[i], table, input.nodes, input.count, d);
          engine.kernels.axpy(base.ptr, this.#dropped[i].ptr, n, 1);
        } else engine.kernels.axpy(base.ptr, table.ptr, n, 1);
      } else rows(table ?? this.#projected);
      const dropped = this.#dropped[i];
      if (training && training.rate > 0) {
        dropout(engine, dropped, base, n, training.rate, this.#dropoutKey(training, i));
      } else engine.kernels.scale(dropped.ptr, base.ptr, n, 1);
    });
    if (options.roleMaps) {
      const [s, t = s] = this.#dropped;
      gemm(engine, 'NN', this.output.s, s, this.parameters.get('mapS').value, input.count, d, d);
      gemm(engine, 'NN', this.output.t, t, this.parameters.get('mapT').value, input.count, d, d);
    }
    return this.output;
  }

  /** From the gradients of the output (overwritten) to those of the tables and parameters. */
  backward(input: InputNodes, dOutput: Roles, training: { seed: number; step: number; rate: number }): void {
    const { engine, options, parameters } = this;
    const d = this.#d;
    const rows = input.count;
    const n = rows * d;
    const single = this.#base.length === 1;
    // The base vectors are not needed again in this step: their place takes the gradient.
    const dBase = this.#base;
    const [droppedS, droppedT = droppedS] = this.#dropped;
    if (options.roleMaps) {
      const mapS = parameters.get('mapS');
      const mapT = parameters.get('mapT');
      gemm(engine, 'TN', mapS.grad, droppedS, dOutput.s, d, rows, d, 1);
      gemm(engine, 'TN', mapT.grad, droppedT, dOutput.t, d, rows, d, 1);
      gemm(engine, 'NT', dBase[0], dOutput.s, mapS.value, rows, d, d);
      gemm(engine, 'NT', dBase[single ? 0 : 1], dOutput.t, mapT.value, rows, d, d, single ? 1 : 0);
    } else {
      engine.kernels.scale(dBase[0].ptr, dOutput.s.ptr, n, 1);
      if (single) engine.kernels.axpy(dBase[0].ptr, dOutput.t.ptr, n, 1);
      else engine.kernels.scale(dBase[1].ptr, dOutput.t.ptr, n, 1);
    }
    dBase.forEach((grad, i) => {
      if (training.rate > 0) dropout(engine, grad, grad, n, training.rate, this.#dropoutKey(training, i));
      const table = this.tables[i];
      if (table && options.input !== 'fixed') engine.kernels.scale(table.grad.ptr, grad.ptr, n, 1);
    });
    if (this.#x) {
      const dProjected = this.#projected;
      dProjected.fill(0);
      for (const grad of dBase) {
        if (input.nodes) scatterAddRows(engine, dProjected, grad, input.nodes, rows, d);
        else engine.kernels.axpy(dProjected.ptr, grad.ptr, n, 1);
      }
      gather(engine, parameters.get('projection').grad, this.#x.transpose, dProjected, d, 1);
    }
  }

  /** The optimiser's step on the tables' rows that took part. */
  step(adam: Adam, input: InputNodes): void {
    if (this.options.input === 'fixed') return;
    for (const table of this.tables) {
      if (input.nodes) adam.stepRows(table, input.nodes, input.count, this.#d);
      else adam.step(table);
    }
  }

  #dropoutKey({ seed, step }: { seed: number; step: number }, table: number) {
    return { seed, stream: STREAM.dropout + table, step };
  }

  #sparse(features: NodeFeatures) {
    const back = transposeCsr(features.csr, features.columns).csr;
    const put = (csr: NodeFeatures['csr'], rows: number): SparseMatrix => ({
      rows,
      indptr: this.engine.from('u32', csr.indptr),
      indices: this.engine.from('u32', csr.indices),
      weights: this.engine.from('f32', csr.weights),
    });
    return {
      matrix: put(features.csr, features.rows),
      transpose: put(back as NodeFeatures['csr'], features.columns),
      columns: features.columns,
    };
  }
}
