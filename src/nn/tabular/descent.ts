import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { Adam, adamDefaults } from '../optimizer.ts';
import type { Parameters } from '../parameters.ts';
import type { ResolvedOptions } from './options.ts';
import { perHead } from './options.ts';
import type { SlotTable } from './slot-table.ts';

/** The optimiser of a model: AdaGrad or Adam over slot tables and dense parameters, with one learning rate. */
export class Descent {
  adam: Adam | undefined;
  /** One a head. */
  rates: number[];
  readonly #l2: number[];
  readonly #batch: number;

  constructor(
    readonly engine: Engine,
    set: ResolvedOptions,
  ) {
    this.rates = perHead(set.learningRate, 'learningRate', set);
    this.#l2 = perHead(set.l2, 'l2', set);
    this.#batch = set.batch;
    if (set.optimizer === 'adam') this.adam = new Adam(engine, { ...adamDefaults });
  }

  /** Begins the step of a batch. */
  advance(): void {
    this.adam?.advance();
  }

  /** As if `steps` steps had been taken. */
  resume(steps: number): void {
    if (!this.adam) return;
    this.adam = new Adam(this.engine, { ...adamDefaults });
    // Both powers are 0 long before: 0.999^t underflows at t = 745,000.
    this.adam.advance(Math.min(steps, 1e6));
  }

  /** Steps the n listed slots (all when `touched` is absent) for the gradient of a batch of `count` rows. */
  slots(table: SlotTable, touched: Slice<'u32'> | undefined, n: number, count: number): void {
    const { kernels } = this.engine;
    const { d } = table;
    const scale = 1 / this.#batch;
    const perColumn = d / this.rates.length;
    const { array, ptr } = table.scalars;
    const correction = this.adam?.scalars(1);
    for (let c = 0; c < d; c++) {
      const h = Math.floor(c / perColumn);
      array[c] = this.rates[h] * (correction ? correction[0] : 1);
      array[d + c] = this.#l2[h] * count * scale;
    }
    const [rate, pull] = [ptr, ptr + 4 * d];
    if (!correction) {
      kernels.slotAdagrad(table.block.ptr, touched?.ptr ?? 0, rate, pull, n, d, scale);
    } else {
      const [, b1, b2, eps] = correction;
      kernels.slotAdam(table.block.ptr, touched?.ptr ?? 0, rate, pull, n, d, scale, b1, b2, eps);
    }
  }

  /** Steps dense parameters whose gradients were summed over `count` rows. */
  flat(parameters: Parameters, count: number): void {
    const { kernels } = this.engine;
    const { value, grad, mean, square } = parameters.flat;
    const n = value.length;
    const scale = 1 / this.#batch;
    const pull = this.#l2[0] * count * scale;
    if (this.adam) {
      kernels.scale(grad.ptr, grad.ptr, n, scale);
      kernels.axpy(grad.ptr, value.ptr, n, pull);
      const [rate, b1, b2, eps, decay] = this.adam.scalars(this.rates[0]);
      kernels.adam(value.ptr, grad.ptr, mean.ptr, square.ptr, n, rate, b1, b2, eps, decay);
    } else {
      kernels.adagrad(value.ptr, grad.ptr, square.ptr, n, this.rates[0], pull, scale);
    }
  }
}
