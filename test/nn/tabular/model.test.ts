import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { softLogistic } from '../../../src/nn/loss.ts';
import {
  encodedRows,
  fitTabular,
  RowStore,
  startOf,
  TabularModel,
  type TabularOptions,
} from '../../../src/nn/tabular/index.ts';
import { close } from '../../helpers/close.ts';
import { engine, indices, numbers } from '../../helpers/kernel.ts';
import { PlainTabular } from '../../reference/nn/tabular.ts';

const [FIELDS, NUMBERS, SLOTS, ROWS] = [4, 2, 16, 24];
const shape = { fields: FIELDS, numbers: NUMBERS, slots: SLOTS };
const store = RowStore.from(
  engine,
  encodedRows(shape, indices(ROWS * FIELDS, SLOTS, 3), numbers(ROWS * NUMBERS, 4)),
);

const BODIES: [string, Partial<TabularOptions>][] = [
  ['logistic', {}],
  ['logistic of three heads', { heads: 3, learningRate: [0.1, 0, 0.02], l2: [0, 1, 0.1] }],
  ['fm', { body: 'fm', width: 4 }],
  ['fm of two heads with adam', { body: 'fm', heads: 2, width: 4, optimizer: 'adam' }],
  ['mlp', { body: 'mlp', width: 4, hidden: [6, 5] }],
  ['mlp with dropout', { body: 'mlp', width: 4, heads: 2, hidden: [8, 8], dropout: 0.25 }],
  ['mlp with adagrad', { body: 'mlp', width: 4, hidden: [6], optimizer: 'adagrad' }],
];

const create = (given: Partial<TabularOptions>) =>
  TabularModel.create(engine, { ...shape, batch: 16, ...given });

/** All rows' logits. */
function logitsOf(model: TabularModel, ids?: ArrayLike<number>, count = ids?.length ?? ROWS): Float32Array {
  return engine.scope(({ alloc, from }) => {
    const out = alloc('f32', count * model.heads);
    model.logits(store, ids && from('u32', ids), count, out);
    return out.copy();
  });
}

/** A few steps on made-up labels, so that no parameter is at its start. */
function warm(model: TabularModel, steps: number, from = 0): void {
  const labels = numbers(ROWS * model.heads, 9, 0, 1);
  engine.scope((scope) => {
    const label = scope.from('f32', labels);
    const z = scope.alloc('f32', 16 * model.heads);
    for (let s = from; s < from + steps; s++) {
      const ids = scope.from('u32', indices(11, ROWS, s + 20));
      model.trainingLogits(store, ids, 11, z);
      softLogistic(engine, { gradient: z, logits: z, label, ids, rows: 11, heads: model.heads });
      model.step(store, ids, 11, z);
    }
  });
}

for (const [name, given] of BODIES) {
  test(`${name}: startAt moves every logit by the same, and training goes on from there`, () => {
    const model = create(given);
    const before = logitsOf(model);
    model.startAt(-1.5);
    close(
      logitsOf(model),
      before.map((z) => z - 1.5),
      { absolute: 1e-6 },
    );
    warm(model, 3);
    assert.ok(logitsOf(model).every((z) => Math.abs(z) < 20));
    assert.throws(() => model.startAt(Number.NaN), /logit/);
  });
}

test('startOf is the log odds of the labels, with half a row of each kind added', () => {
  close(
    [startOf(engine, [1, 0, 0, 0]), startOf(engine, [0, 0]), startOf(engine, [1, 0.5, 9], [0, 1])],
    [Math.log(1.5 / 3.5), Math.log(0.5 / 2.5), Math.log(2 / 1)],
  );
});

for (const [name, given] of BODIES) {
  test(`${name}: batch equals single equals permuted, for every count`, () => {
    const model = create(given);
    warm(model, 5);
    const all = logitsOf(model);
    assert.ok(all.some((z) => Math.abs(z) > 1e-3));
    const permuted = Array.from({ length: ROWS }, (_, i) => (i * 7) % ROWS);
    const { heads } = model;
    const mixed = logitsOf(model, permuted);
    permuted.forEach((r, i) => {
      close(mixed.subarray(i * heads, (i + 1) * heads), all.subarray(r * heads, (r + 1) * heads));
      close(logitsOf(model, [r]), all.subarray(r * heads, (r + 1) * heads));
    });
    for (const count of [0, 1, 15, 16, 17])
      close(logitsOf(model, undefined, count), all.subarray(0, count * heads));
    model.dispose();
  });

  test(`${name}: same seed, same bits; a state taken back goes on with the same bits`, async () => {
    const [a, b] = [create(given), create(given)];
    warm(a, 6);
    warm(b, 3);
    const resumed = create(given);
    resumed.restore(structuredClone(b.state()));
    const copied = b.copy();
    for (const model of [b, resumed, copied]) warm(model, 3, 3);
    assert.is(await b.hash(), await a.hash());
    assert.is(await copied.hash(), await a.hash());
    close(logitsOf(resumed), logitsOf(a));
    for (const model of [a, b, resumed, copied]) model.dispose();
  });

  test(`${name}: the step's gradient matches central differences`, () => {
    // AdaGrad without L2 shows the gradient: its sum of squares grows by g^2, and the value moves against g.
    const model = create({ ...given, optimizer: 'adagrad', l2: 0, learningRate: 0.1 });
    warm(model, 4);
    const count = 16;
    const before = model.state();
    engine.scope(({ alloc, from }) => {
      const ids = from('u32', indices(count, ROWS, 12));
      const g = from('f32', numbers(count * model.heads, 13));
      const z = alloc('f32', count * model.heads);
      const loss = () => {
        model.trainingLogits(store, ids, count, z);
        return z.array.reduce((sum, x, i) => sum + x * g.array[i], 0) / 16;
      };
      model.step(store, ids, count, g);
      const after = model.state();
      let compared = 0;
      for (const part of Object.keys(before.tensors).filter((key) => key.endsWith('.value'))) {
        const squares = part.replace('.value', '.square');
        const [old, now] = [before.tensors[part], after.tensors[part]];
        for (let i = 0; i < old.length; i++) {
          const size = Math.sqrt(Math.max(0, after.tensors[squares][i] - before.tensors[squares][i]));
          const gradient = size * Math.sign(old[i] - now[i]);
          const h = 1e-3;
          const at = (x: number) => {
            const tensors = { ...before.tensors, [part]: old.slice() };
            tensors[part][i] += x;
            model.restore({ steps: before.steps, tensors });
            return loss();
          };
          const numeric = (at(h) - at(-h)) / (2 * h);
          close([gradient], [numeric], { absolute: 2e-3, relative: 5e-3 }, `${part}[${i}]`);
          if (Math.abs(numeric) > 0.01) compared++;
        }
      }
      assert.ok(compared > 10, `${compared} gradients were not near 0`);
    });
    model.dispose();
  });

  if (!given.dropout) {
    test(`${name}: ten steps as the plain twin takes them`, () => {
      const model = create({ ...given, batch: 16 });
      warm(model, 2);
      const plain = new PlainTabular(model);
      const host = { index: store.index.copy(), values: store.values.copy() };
      engine.scope(({ alloc, from }) => {
        const z = alloc('f32', 16 * model.heads);
        for (let s = 0; s < 10; s++) {
          const ids = from('u32', indices(5 + s, ROWS, s));
          const expected = new Float32Array(ids.length * model.heads);
          plain.logits(host, ids.copy(), expected);
          const out = z.part(0, expected.length);
          model.trainingLogits(store, ids, ids.length, out);
          close(out.array, expected, { absolute: 2e-4, relative: 1e-4 }, `step ${s}`);
          out.set(out.array.map((x, i) => x - (i % 3)));
          plain.step(host, ids.copy(), out.copy());
          model.step(store, ids, ids.length, out);
        }
      });
      model.dispose();
    });
  }

  test(`${name}: learns a rule, and leaves no memory behind`, async () => {
    const used = engine.stats().usedBytes;
    const model = create({ ...given, learningRate: 0.05, l2: 0, batch: 8 });
    const labels = new Float32Array(ROWS * model.heads);
    for (let i = 0; i < labels.length; i++)
      labels[i] = store.index.array[Math.floor(i / model.heads) * FIELDS] % 2;
    const loss = await fitTabular(engine, model, store, labels, { epochs: 120 });
    assert.ok(loss / model.heads < 0.45, `loss ${loss}`);
    model.dispose();
    assert.is(engine.stats().usedBytes, used);
  });
}

test('golden: the bits of each body after six steps', async () => {
  const found: Record<string, string> = {};
  for (const body of ['logistic', 'fm', 'mlp'] as const) {
    const model = create({ body, width: 4, hidden: [6, 5], dropout: 0.25 });
    warm(model, 6);
    found[body] = (await model.hash()).slice(0, 16);
    model.dispose();
  }
  assert.equal(found, { logistic: 'fd5ab13ac58f0af0', fm: '0b1ebd9275cfe4f2', mlp: 'e4401bcfd0f0e2b9' });
});

test('the logistic body is AdaGrad over sums of duplicates, divided by the batch, step by step', () => {
  // The plain learner of the reference laboratory: dense gradient, then one AdaGrad step on the touched slots.
  const model = create({ numbers: 0, batch: 16, learningRate: 0.1, l2: 0.02 });
  const rows = RowStore.from(engine, encodedRows({ ...shape, numbers: 0 }, indices(ROWS * FIELDS, SLOTS, 3)));
  const index = rows.index.copy();
  const w = new Float64Array(SLOTS);
  const squares = new Float64Array(SLOTS).fill(1e-8);
  let [bias, biasSquare] = [0, 1e-8];
  engine.scope(({ alloc, from }) => {
    const z = alloc('f32', 16);
    for (let s = 0; s < 20; s++) {
      const count = 5 + (s % 12);
      const chosen = indices(count, ROWS, s + 40);
      const ids = from('u32', chosen);
      model.logits(rows, ids, count, z);
      const sum = new Float64Array(SLOTS);
      let biasSum = 0;
      const g = Float32Array.from(chosen, (r, i) => {
        let expected = bias;
        for (let f = 0; f < FIELDS; f++) expected += w[index[r * FIELDS + f]];
        close([z.array[i]], [expected], { absolute: 2e-5 });
        return 1 / (1 + Math.exp(-expected)) - (r % 2);
      });
      chosen.forEach((r, i) => {
        biasSum += g[i];
        for (let f = 0; f < FIELDS; f++) sum[index[r * FIELDS + f]] += g[i];
      });
      for (let slot = 0; slot < SLOTS; slot++) {
        if (sum[slot] === 0) continue;
        const total = sum[slot] / 16 + (0.02 * w[slot] * count) / 16;
        squares[slot] += total * total;
        w[slot] -= (0.1 * total) / Math.sqrt(squares[slot]);
      }
      const total = biasSum / 16 + (0.02 * bias * count) / 16;
      biasSquare += total * total;
      bias -= (0.1 * total) / Math.sqrt(biasSquare);
      model.step(rows, ids, count, from('f32', g));
    }
  });
  model.dispose();
  rows.dispose();
});

test('heads of a logistic model are models of their own', () => {
  const two = create({ heads: 2, learningRate: [0.1, 0.003], l2: [1e-6, 0.3] });
  const ones = [create({ learningRate: 0.1 }), create({ learningRate: 0.003, l2: 0.3 })];
  engine.scope(({ from }) => {
    for (let s = 0; s < 12; s++) {
      const ids = from('u32', indices(11, ROWS, s));
      // A head without a gradient in a step stays as it is, pull and all.
      const g = numbers(22, s + 3).map((x, i) => (i % 2 === 1 && s % 3 === 0 ? 0 : x));
      two.step(store, ids, 11, from('f32', g));
      for (const h of [0, 1]) {
        if (h === 1 && s % 3 === 0) continue;
        ones[h].step(
          store,
          ids,
          11,
          from(
            'f32',
            g.filter((_, i) => i % 2 === h),
          ),
        );
      }
    }
  });
  const z = logitsOf(two);
  for (const h of [0, 1]) {
    // The two sum their fields in another order.
    close(
      z.filter((_, i) => i % 2 === h),
      logitsOf(ones[h]),
      { absolute: 1e-6 },
    );
    const fresh = create({ heads: 2 });
    fresh.adoptHead(1, ones[h]);
    close(
      logitsOf(fresh).filter((_, i) => i % 2 === 1),
      logitsOf(ones[h]),
      { absolute: 1e-6 },
    );
    fresh.dispose();
  }
  const squares = two.state().tensors['linear.square'];
  two.scaleAccumulators(0.1, 1);
  const scaled = two.state().tensors['linear.square'];
  close(
    scaled,
    squares.map((x, i) => (i % 2 === 1 ? Math.fround(x * 0.1) : x)),
  );
  for (const model of [two, ...ones]) model.dispose();
});

test('centre: L2 pulls back to the values of then', () => {
  const model = create({ learningRate: 0.1, l2: 0 });
  warm(model, 8);
  const { tensors } = model.state();
  const pulled = create({ learningRate: 0.5, l2: 50 });
  pulled.restore({ steps: 8, tensors });
  pulled.centre();
  warm(pulled, 200);
  const [now, was] = [pulled.state().tensors['linear.value'], tensors['linear.value']];
  close(now, was, { absolute: 0.03 });
  assert.ok(now.some((x, i) => x !== was[i]));
  for (const m of [model, pulled]) m.dispose();
});

test('dropout: sampled passes differ, do not depend on the batch, and average out near the whole network', () => {
  const model = create({ body: 'mlp', width: 4, hidden: [16], dropout: 0.3 });
  warm(model, 30);
  const pass = (k: number, ids?: number[], seed = 1) =>
    engine.scope(({ alloc, from }) => {
      const out = alloc('f32', ids?.length ?? ROWS);
      model.sampledLogits(store, ids && from('u32', ids), out.length, out, { pass: k, seed });
      return out.copy();
    });
  const first = pass(0);
  close(pass(0), first);
  close(pass(0, [5, 3]), [first[5], first[3]]);
  assert.ok(pass(1).some((z, i) => z !== first[i]) && pass(0, undefined, 2).some((z, i) => z !== first[i]));
  const mean = new Float64Array(ROWS);
  for (let k = 0; k < 2000; k++) for (const [i, z] of pass(k).entries()) mean[i] += z / 2000;
  // One hidden layer: the logit is linear in the mask, so the mean is the whole network's within 5 standard errors.
  const spread = Math.max(
    ...Array.from({ length: 50 }, (_, k) => Math.max(...pass(k).map((z, i) => Math.abs(z - mean[i])))),
  );
  close(mean, logitsOf(model), { absolute: (5 * spread) / Math.sqrt(2000) });
  model.dispose();
});

test('the last hidden layer times the last weights is the logit', () => {
  const model = create({ body: 'mlp', width: 4, hidden: [6, 5] });
  warm(model, 10);
  assert.is(model.features, 5);
  const h = engine.scope(({ alloc }) => {
    const out = alloc('f32', ROWS * 5);
    model.hidden(store, undefined, ROWS, out);
    return out.copy();
  });
  const { tensors } = model.state();
  const z = Array.from({ length: ROWS }, (_, i) =>
    tensors['w2.value'].reduce((sum, w, u) => sum + w * h[i * 5 + u], tensors['b2.value'][0]),
  );
  close(logitsOf(model), z, { absolute: 1e-5 });
  model.dispose();
});

test('wrong options, rows, batches and states are refused by name', () => {
  for (const [given, message] of [
    [{ fields: 0, numbers: 0 }, /fields and numbers must not both be 0/],
    [{ heads: 0 }, /heads/],
    [{ width: 6 }, /width must be a multiple of 4/],
    [{ body: 'tree' }, /body must be one of logistic, fm, mlp/],
    [{ body: 'mlp', hidden: [] }, /hidden/],
    [{ learningRate: Number.NaN }, /learningRate/],
    [{ heads: 2, learningRate: [0.1] }, /learningRate must be a number, or for logistic a list of 2/],
    [{ body: 'fm', heads: 2, l2: [0, 0] }, /l2 must be a number/],
    [{ dropout: 1 }, /dropout/],
    [{ batch: 0 }, /batch/],
    [{ colour: 1 }, /unknown option "colour"/],
  ] as [Record<string, unknown>, RegExp][]) {
    assert.throws(() => create(given as Partial<TabularOptions>), message);
  }
  const model = create({});
  engine.scope(({ alloc }) => {
    const out = alloc('f32', 17);
    const ids = alloc('u32', 17);
    assert.throws(() => model.step(store, ids, 17, out), /count must be a whole number from 0 to 16/);
    assert.throws(() => model.logits(store, ids, 18, alloc('f32', 18)), /ids must hold 18/);
    assert.throws(() => model.logits(store, undefined, 18, out), /must hold 18 x 1/);
    assert.throws(() => model.hidden(store, ids, 1, out), /a logistic body has no hidden layer/);
    const other = new RowStore(engine, { ...shape, slots: 32 });
    assert.throws(
      () => model.logits(other, ids, 0, out),
      /rows have 4 fields, 2 numbers, 32 slots; the model takes/,
    );
    other.dispose();
  });
  const { steps, tensors } = model.state();
  const damaged = {
    ...tensors,
    'linear.value': tensors['linear.value'].map((x, i) => (i === 3 ? Number.NaN : x)),
  };
  const { 'bias.value': _, ...missing } = tensors;
  assert.throws(
    () => model.restore({ steps, tensors: damaged }),
    /linear.value\[3\] must be from -1e\+30 to 1e30/,
  );
  assert.throws(() => model.restore({ steps, tensors: missing }), /bias.value must be f32\[3\]/);
  assert.throws(
    () => model.restore({ steps, tensors: { ...tensors, more: new Float32Array(1) } }),
    /more is not of this/,
  );
  assert.throws(() => model.restore({ steps: -1, tensors }), /steps/);
  model.dispose();
  const fm = create({ body: 'fm', heads: 2 });
  assert.throws(() => fm.adoptHead(0, fm), /the heads of a fm body share its parts/);
  fm.dispose();
});

test('fit: labels, weights and rows are checked, an abort leaves a usable model', async () => {
  const model = create({});
  const labels = new Float32Array(ROWS);
  const refused = async (given: object, message: RegExp, y: ArrayLike<number> = labels) => {
    try {
      await fitTabular(engine, model, store, y, given);
    } catch (error) {
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable(`not refused: ${message}`);
  };
  await refused(
    {},
    /labels\[2\] must be from 0 to 1, got 1.5/,
    Array.from(labels, (_, i) => (i === 2 ? 1.5 : 0)),
  );
  await refused({}, /labels must have 24 entries/, [1]);
  await refused({ weights: Array.from(labels, () => Number.NaN) }, /weights\[0\]/);
  await refused({ ids: [24] }, /ids\[0\]/);
  const control = new AbortController();
  control.abort(new Error('enough'));
  const used = engine.stats().usedBytes;
  await refused({ epochs: 1e6, signal: control.signal }, /enough/);
  assert.is(engine.stats().usedBytes, used);
  assert.ok(logitsOf(model).every(Number.isFinite));
  model.dispose();
});

test('fit: a weight of two is the row twice, and soft labels are met', async () => {
  // One slot a row, so that each row's probability is free.
  const rows = RowStore.from(
    engine,
    encodedRows({ fields: 1, numbers: 0, slots: 3 }, Uint32Array.of(0, 1, 2)),
  );
  const model = TabularModel.create(engine, { fields: 1, slots: 3, batch: 3, learningRate: 0.3, l2: 0 });
  await fitTabular(engine, model, rows, [0.2, 0.5, 0.9], { epochs: 2000, weights: [1, 2, 0.5] });
  const z = engine.scope(({ alloc }) => {
    const out = alloc('f32', 3);
    model.logits(rows, undefined, 3, out);
    return out.copy();
  });
  close(
    z.map((x) => 1 / (1 + Math.exp(-x))),
    [0.2, 0.5, 0.9],
    { absolute: 2e-3 },
  );
  model.dispose();
  rows.dispose();
});

test.run();
