import { integer, notAborted, options, real } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { shuffle } from '../../nn/tabular/fit.ts';
import { type ArenaRows, fitTabular, startOf, TabularModel } from '../../nn/tabular/index.ts';
import { type NetworkOptions, networkDefaults } from './options.ts';

export function networkOptions(given: Partial<NetworkOptions> | undefined): NetworkOptions {
  const o = options<NetworkOptions>(given, networkDefaults, 'networks');
  integer(o.members, 'members', 1, 100);
  integer(o.epochs, 'epochs', 1, 10_000);
  integer(o.seed, 'seed', 0, 2 ** 31);
  real(o.dropout, 'dropout', 0, 0.95);
  return o;
}

/** Rows in the arena that know how many they are. */
export type CountedRows = ArenaRows & { readonly rows: number };

export function network(
  engine: Engine,
  rows: CountedRows,
  o: NetworkOptions,
  member: number,
  heads = 1,
): TabularModel {
  const { fields, numbers, slots } = rows;
  const { hidden, dropout, learningRate, batch, seed } = o;
  const shape = { fields, numbers, slots, heads, hidden, dropout, learningRate, batch };
  return TabularModel.create(engine, { ...shape, body: 'mlp', seed: seed + member });
}

/** Members trained on the logistic loss, one after the other. The caller disposes them. */
export async function trainNetworks(
  engine: Engine,
  rows: CountedRows,
  label: ArrayLike<number>,
  o: NetworkOptions,
): Promise<TabularModel[]> {
  const models: TabularModel[] = [];
  try {
    for (let k = 0; k < o.members; k++) {
      models.push(network(engine, rows, o, k));
      models[k].startAt(startOf(engine, label));
      await fitTabular(engine, models[k], rows, label, {
        epochs: o.epochs,
        seed: o.seed + k,
        signal: o.signal,
        onProgress: ({ step, total, loss }) =>
          o.onProgress?.({ phase: 'train', step: k * total + step, total: o.members * total, loss }),
      });
    }
    return models;
  } catch (error) {
    for (const model of models) model.dispose();
    throw error;
  }
}

/** Weight of the entropy in the evidential loss: large evidence is asked to pay a little. */
export const ENTROPY = 1e-5;

/** A network of two heads trained on the evidential loss. The caller disposes it. */
export async function trainEvidence(
  engine: Engine,
  rows: CountedRows,
  label: ArrayLike<number>,
  o: NetworkOptions,
): Promise<TabularModel> {
  const model = network(engine, rows, o, 0, 2);
  const all = Uint32Array.from({ length: rows.rows }, (_, i) => i);
  try {
    await engine.scope(async (scope) => {
      const order = scope.alloc('u32', all.length);
      const logits = scope.alloc('f32', 2 * o.batch);
      const labels = scope.alloc('f32', o.batch);
      const total = o.epochs * all.length;
      for (let epoch = 0; epoch < o.epochs; epoch++) {
        shuffle(engine, order, all, o.seed, epoch);
        for (let at = 0; at < all.length; at += o.batch) {
          const count = Math.min(o.batch, all.length - at);
          const ids = order.part(at, count);
          const to = labels.array;
          ids.array.forEach((row, i) => {
            to[i] = label[row];
          });
          const loss = evidenceStep(engine, model, rows, ids, count, logits, labels);
          if ((at / o.batch) % 64 !== 63) continue;
          o.onProgress?.({
            phase: 'train',
            step: epoch * all.length + at + count,
            total,
            loss: loss / count,
          });
          await new Promise((resolve) => setTimeout(resolve));
          notAborted(o.signal);
        }
      }
    });
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function evidenceStep(
  engine: Engine,
  model: TabularModel,
  rows: CountedRows,
  ids: Slice<'u32'>,
  count: number,
  logits: Slice<'f32'>,
  labels: Slice<'f32'>,
): number {
  model.trainingLogits(rows, ids, count, logits);
  const loss = engine.kernels.evidenceLoss(logits.ptr, logits.ptr, labels.ptr, 0, count, ENTROPY);
  model.step(rows, ids, count, logits);
  return loss;
}
