/**
 * Speed of the tabular learner at 32 features hashed to 2^18:
 *   node --import tsx bench/rooms/tabular.ts [--rows 10000,100000,1000000]
 * One training row is logits, loss gradient and step. Beside each body its plain twin (the specification) and, for
 * logistic, the same algorithm as one tuned loop over typed arrays: the least that plain TypeScript can cost. Fields
 * have 2 to 2,000 levels, unevenly used.
 */
import { parseArgs } from 'node:util';
import { Engine } from '../../src/engine/engine.ts';
import { softLogistic } from '../../src/nn/loss.ts';
import {
  encodedRows,
  hashPair,
  RowStore,
  slotOf,
  TabularModel,
  type TabularOptions,
} from '../../src/nn/tabular/index.ts';
import { close } from '../../test/helpers/close.ts';
import { sigmoidOf } from '../../test/reference/engine/math.ts';
import * as twin from '../../test/reference/nn/loss.ts';
import { PlainTabular } from '../../test/reference/nn/tabular.ts';

const { values: given } = parseArgs({
  options: { rows: { type: 'string', default: '10000,100000,1000000' } },
});
const [FIELDS, BITS, BATCH] = [32, 18, 256];
const LEVELS = [2, 5, 12, 20, 20, 20, 100, 2000];
const shape = { fields: FIELDS, numbers: 0, slots: 2 ** BITS };
const engine = await Engine.create();

let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

function make(rows: number) {
  const index = new Uint32Array(rows * FIELDS);
  const label = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < FIELDS; f++) {
      const level = Math.floor(LEVELS[f % LEVELS.length] * random() * random());
      index[i * FIELDS + f] = slotOf(hashPair(f, level), BITS);
    }
    label[i] = random() < 0.2 ? 1 : 0;
  }
  return { rows, index, label };
}

/** Nanoseconds of processor time: the machine may be shared. */
const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return 1000 * (user + system);
};

/** Median time of a row, over blocks of 20 batches, `rounds` times over all. */
function perRow(batches: number, rounds: number, work: (batch: number) => void): number {
  const times: number[] = [];
  for (let r = 0; r < rounds; r++) {
    for (let first = 0; first + 20 <= batches; first += 20) {
      const start = processorTime();
      for (let b = first; b < first + 20; b++) work(b);
      times.push((processorTime() - start) / (20 * BATCH));
    }
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

/** AdaGrad over hashed features as one loop, tuned: a mark a slot, a list of the touched, no allocation. */
class PlainLogistic {
  readonly w = new Float32Array(2 ** BITS);
  readonly squares = new Float32Array(2 ** BITS).fill(1e-8);
  readonly sum = new Float32Array(2 ** BITS);
  readonly mark = new Uint8Array(2 ** BITS);
  readonly touched = new Uint32Array(BATCH * FIELDS);
  bias = 0;
  biasSquares = 1e-8;

  train(index: Uint32Array, label: Float32Array, first: number, count: number): void {
    const { w, squares, sum, mark, touched } = this;
    let n = 0;
    let biasSum = 0;
    for (let i = first; i < first + count; i++) {
      let z = this.bias;
      for (let e = i * FIELDS; e < (i + 1) * FIELDS; e++) z += w[index[e]];
      const g = sigmoidOf(z) - label[i];
      biasSum += g;
      for (let e = i * FIELDS; e < (i + 1) * FIELDS; e++) {
        const slot = index[e];
        if (mark[slot] === 0) {
          mark[slot] = 1;
          touched[n++] = slot;
        }
        sum[slot] += g;
      }
    }
    for (let k = 0; k < n; k++) {
      const slot = touched[k];
      const g = sum[slot] / BATCH;
      squares[slot] += g * g;
      w[slot] -= (0.05 * g) / Math.sqrt(squares[slot]);
      sum[slot] = 0;
      mark[slot] = 0;
    }
    const g = biasSum / BATCH;
    this.biasSquares += g * g;
    this.bias -= (0.05 * g) / Math.sqrt(this.biasSquares);
  }
}

const table: Record<string, string | number>[] = [];

async function measure(name: string, options: Partial<TabularOptions>, rows: number): Promise<void> {
  const data = make(rows);
  const store = RowStore.from(engine, encodedRows(shape, data.index));
  const model = TabularModel.create(engine, { ...shape, batch: BATCH, l2: 0, ...options });
  const { heads } = model;
  engine.scope(({ alloc, from }) => {
    const label = from(
      'f32',
      Array.from(data.label).flatMap((y) => Array<number>(heads).fill(y)),
    );
    const ids = from(
      'u32',
      Uint32Array.from({ length: rows }, (_, i) => i),
    );
    const z = alloc('f32', BATCH * heads);
    const batches = Array.from({ length: Math.floor(rows / BATCH) }, (_, b) => ids.part(b * BATCH, BATCH));
    const rounds = Math.max(2, Math.ceil(2e5 / rows));
    const training = perRow(batches.length, rounds, (b) => {
      const ids = batches[b];
      model.trainingLogits(store, ids, BATCH, z);
      softLogistic(engine, { gradient: z, logits: z, label, ids, rows: BATCH, heads });
      model.step(store, ids, BATCH, z);
    });
    const scoring = perRow(batches.length, rounds, (b) => model.logits(store, batches[b], BATCH, z));

    const plain = new PlainTabular(model);
    const check = new Float32Array(BATCH * heads);
    const host = { index: data.index, values: new Float32Array(0) };
    model.logits(store, batches[0], BATCH, z);
    plain.logits(host, batches[0].copy(), check);
    close(z.array, check, { absolute: 1e-3, relative: 1e-3 }, name);
    const hostLabel = label.copy();
    const twinTraining = perRow(20, 5, (b) => {
      const chosen = batches[b].array;
      plain.logits(host, chosen, check);
      twin.softLogistic(check, check, hostLabel, null, null, chosen, BATCH, heads);
      plain.step(host, chosen, check);
    });
    const twinScoring = perRow(20, 5, (b) => plain.logits(host, batches[b].array, check));
    const row: Record<string, string | number> = {
      body: name,
      rows,
      'train ns/row': Math.round(training),
      'score ns/row': Math.round(scoring),
      'train / twin': `${(twinTraining / training).toFixed(1)}x`,
      'score / twin': `${(twinScoring / scoring).toFixed(1)}x`,
    };
    if (name === 'logistic') {
      const loop = new PlainLogistic();
      const tuned = perRow(batches.length, rounds, (b) =>
        loop.train(data.index, data.label, b * BATCH, BATCH),
      );
      row['train / tuned loop'] = `${(tuned / training).toFixed(2)}x`;
    }
    table.push(row);
  });
  model.dispose();
  store.dispose();
}

for (const rows of given.rows.split(',').map(Number)) await measure('logistic', {}, rows);
await measure('logistic, 2 heads', { heads: 2, learningRate: [0.05, 0.003], l2: [1e-6, 3e-3] }, 100_000);
await measure('fm, width 8', { body: 'fm' }, 50_000);
await measure('mlp 64-32, width 8', { body: 'mlp', learningRate: 0.001 }, 20_000);
console.table(table);
