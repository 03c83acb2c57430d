import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Slice } from '../src/engine/arena.ts';
import * as room from '../src/index.ts';
import { simulateExposures, simulateShop } from '../src/simulate/index.ts';
import { engine } from './helpers/kernel.ts';
import { plantedRows } from './helpers/planted.ts';

/** Functions that import their part when they are called, by the tests below: each is called at least once. */
const called = new Set<unknown>();

/** The function itself, written down as called. */
function on<T extends (...args: never[]) => Promise<unknown>>(door: T): T {
  called.add(door);
  return door;
}

const shop = simulateShop(engine, { seed: 1, products: 160, customers: 1500 });
const graph = room.DirectedGraph.fromOrders(shop.orders, { ids: shop.items.id, minSupport: 3 });
const short = { engine, seed: 1, encoder: { dim: 8 }, training: { steps: 20 } };

test('related products: every function of the entry does its work', async () => {
  const { RelatedProducts, Direction } = room;
  const split = room.splitEdges(engine, graph, { seed: 1 });
  const { validation, train } = split;
  const model = await on(RelatedProducts.fit)(train, { ...short, validation, ranker: false });
  assert.ok((await on(RelatedProducts.estimate)(train, short)).bytes > 0);
  const bytes = await on(room.encodeModel)(model);
  const back = await on(room.decodeModel)(bytes);
  assert.is(await back.modelHash(), await model.modelHash());
  const { embedding, card } = model;
  const bare = await on(RelatedProducts.from)(model.graph, embedding, card);
  assert.ok((await room.encodeModel(bare)).length < bytes.length, 'without the encoder it is smaller');
  model.attach(engine);
  bare.attach(engine);
  const ids = (of: typeof model) => of.recommend('orbit-x1-phone', { k: 5 }).map(({ id }) => id);
  assert.equal(ids(bare), ids(model));

  const found = await on(room.evaluateModel)(engine, model, split, { methods: ['ranker', 'popularity'] });
  assert.equal(Object.keys(found.methods), ['ranker', 'popularity']);
  assert.match((await on(room.verdict)(found)).sentence, /^Verdict: /);
  const one = await on(room.evaluate)(engine, model.scorer, split);
  assert.is(one.mrr, found.methods.ranker.mrr);
  const vectors = await on(room.embeddingScorer)(engine, model.embedding);
  assert.is(
    (await room.evaluate(engine, vectors, split)).mrr,
    one.mrr,
    'a model without ranker answers by its vectors',
  );
  vectors.dispose();
  const rivals = await on(room.baselines)(engine, train, { validation, only: ['popularity'] });
  const all = await on(room.evaluateAll)(engine, rivals, split);
  assert.is(all.methods.popularity.mrr, found.methods.popularity.mrr);

  const ranker = await on(room.fitRanker)(engine, train, validation, { fit: { mlp: false, seed: 1 } });
  const direction = await on(Direction.fit)(ranker, validation);
  assert.ok(direction.score(split.test).head.every(Number.isFinite));
  ranker.dispose();

  const holdout = await on(room.evaluateHoldout)(graph, { ...short, ranker: false, methods: ['popularity'] });
  assert.equal(Object.keys(holdout.methods), ['popularity']);
  let state: Parameters<typeof room.encodeCheckpoint>[0] | undefined;
  const save = async (unfinished: NonNullable<typeof state>) => {
    state = unfinished;
  };
  await RelatedProducts.fit(train, { ...short, ranker: false, checkpoint: { every: 5, save } });
  const saved = await on(room.decodeCheckpoint)(await on(room.encodeCheckpoint)(state!));
  assert.equal(saved, state);
  for (const used of [model, bare]) used.dispose();
});

test('labels that still change: every function of the entry does its work', async () => {
  const { DelayedFeedbackClassifier, FlipModel } = room;
  const shown = simulateExposures(engine, shop);
  const time = Float64Array.from(shown.time, (t) => t / 86_400);
  const features = { rows: time.length, columns: [room.numericColumn('activity', shown.activity)] };
  const log = new room.ConversionLog({ time, conversionDelay: shown.delay, features }, { window: 30 });
  const model = await on(DelayedFeedbackClassifier.fit)(engine, log, { seed: 1, bits: 8, epochs: 1 });
  const again = await on(DelayedFeedbackClassifier.restore)(engine, model.state());
  const back = await on(room.decodeConversions)(engine, await on(room.encodeConversions)(model));
  for (const other of [again, back])
    assert.equal(other.predict(features), model.predict(features), 'the same bits');
  assert.equal((await on(room.delayCurve)(log)).converted.length, model.delayCurve().converted.length);
  const methods = ['vanilla'] as const;
  const found = await on(room.evaluateMethods)(engine, log, { methods, bits: 8, epochs: 1, resamples: 10 });
  assert.ok(found.methods.vanilla!.auc > 0.5);
  const until = (time[0] + time[time.length - 1]) / 2;
  const flips = { pretrainUntil: until, bits: 8, epochs: 1 };
  const flip = await on(FlipModel.fit)(engine, log, { ...flips, elapsed: 2 });
  assert.ok(flip.predict(features).every((p) => p > 0 && p < 1));
  assert.is((await on(room.evaluateFlips)(engine, log, { ...flips, elapsed: [2] })).length, 1);
  for (const used of [model, again, back]) used.dispose();
});

test('thresholds: every function of the entry does its work', async () => {
  const { UncertainScorer } = room;
  const { truth, ...rows } = plantedRows(4000, 1);
  const bound = { precision: 0.6, seed: 1 };
  const { policy } = await on(room.fitBoundary)(engine, rows, bound);
  const single = await room.fitBoundary(engine, rows, { ...bound, method: 'single' });
  assert.ok((await on(room.evaluatePolicy)(engine, policy, rows)).precision >= 0.6);
  assert.ok((await on(room.recallGain)(engine, policy, single.policy, rows)).gain > 0);
  assert.ok((await on(room.frontier)(engine, rows, { points: 20 })).recall.length > 5);
  assert.ok((await on(room.diagnose)(engine, rows, { draws: 10 })).ece < 0.5);
  assert.ok((await on(room.uncertaintyGain)(engine, rows)).useful);
  const measured = await on(room.measureFailures)(engine, rows, bound, { draws: 2, truth, seed: 1 });
  assert.is(measured.draws, 2);
  for (const calibrated of [
    await on(room.isotonicCalibration)(engine, rows),
    await on(room.surfaceCalibration)(engine, rows),
  ]) {
    const p = calibrated.probabilities(rows.score, rows.uncertainty);
    assert.ok(p.every((x) => x >= 0 && x <= 1));
  }
  const posterior = await on(room.posteriorMean)(engine, [1], [4], { prior: [1, 1], undersampling: 1 });
  assert.ok(Math.abs(posterior[0] - 2 / 6) < 1e-6, String(posterior));

  const table = { rows: rows.score.length, columns: [room.numericColumn('x', rows.score)] };
  const scorer = await on(UncertainScorer.fit)(engine, table, rows.label, { epochs: 1, bits: 4, seed: 1 });
  const restored = await on(UncertainScorer.restore)(engine, scorer.state());
  assert.equal(restored.predict(table).score, scorer.predict(table).score);
  const features = { numeric: ['x'], categorical: [] };
  const parts = { scorer, policy, base: single.policy, features, calibration: rows, test: rows, card: {} };
  const back = await on(room.decodeThresholds)(engine, await on(room.encodeThresholds)(parts));
  assert.equal(back.policy.toJSON(), policy.toJSON());
});

test('bad input is a rejected promise with the error of the part, never thrown at once', async () => {
  const rejects = async (promise: Promise<unknown>, kind: new (...args: never[]) => Error, rule: RegExp) => {
    const error = await promise.then(
      () => assert.unreachable('nothing was refused'),
      (reason) => reason,
    );
    assert.instance(error, kind);
    assert.match(error.message, rule);
  };
  await rejects(room.decodeModel(new Uint8Array(9), 'shop.model'), room.DataError, /shop\.model/);
  const { truth: _, ...rows } = plantedRows(200, 1);
  await rejects(room.fitBoundary(engine, rows, { precision: 2 }), RangeError, /precision must be above 0/);
  await rejects(room.RelatedProducts.fit(graph, { seed: -1 }), RangeError, /seed/);
  const model = await room.RelatedProducts.fit(graph, { ...short, ranker: false });
  const { embedding, card } = model;
  const other = room.DirectedGraph.fromEdges([0], [1]);
  await rejects(room.RelatedProducts.from(other, embedding, card), RangeError, /embedding\.nodeCount/);
});

test('an evaluation gives the event loop a turn, in which it can be stopped, and leaves nothing behind', async () => {
  const split = room.splitEdges(engine, graph, { seed: 1 });
  const scorer = {
    name: 'slow',
    score(queries: Uint32Array, scores: Slice<'f32'>) {
      const end = performance.now() + 50;
      while (performance.now() < end);
      scores.array.fill(queries.length);
    },
    dispose() {},
  };
  const before = engine.stats().slices;
  for (const judged of [
    (signal: AbortSignal) => room.evaluate(engine, scorer, split, { signal }),
    (signal: AbortSignal) => room.evaluateAll(engine, [scorer], split, { signal }),
    (signal: AbortSignal) => room.evaluateModel(engine, undefined, split, { signal }),
    (signal: AbortSignal) => room.evaluateHoldout(graph, { ...short, ranker: false, signal }),
  ]) {
    const control = new AbortController();
    const running = judged(control.signal);
    setTimeout(() => control.abort(new Error('enough')), 45);
    assert.is((await running.catch((reason) => reason)).message, 'enough');
    assert.is(engine.stats().slices, before);
  }
});

test('an evaluation of flips can be stopped between two ages, and before it begins', async () => {
  const time = Float64Array.from({ length: 400 }, (_, i) => i / 10);
  const conversionDelay = time.map((_, i) => (i % 3 === 0 ? 1 + (i % 5) : Number.NaN));
  const features = { rows: 400, columns: [room.numericColumn('x', time)] };
  const log = new room.ConversionLog({ time, conversionDelay, features }, { window: 7 });
  const options = { elapsed: Array.from({ length: 200 }, (_, i) => 0.5 + i / 1000), bits: 6, epochs: 1 };
  const control = new AbortController();
  setTimeout(() => control.abort(new Error('enough')), 20);
  for (const signal of [control.signal, AbortSignal.abort(new Error('enough'))]) {
    const reason = await room.evaluateFlips(engine, log, { ...options, signal }).catch((why) => why);
    assert.is(reason.message, 'enough');
  }
});

test('a forgotten await is named', async () => {
  const promise = room.Engine.create() as never;
  const { truth: _, ...rows } = plantedRows(200, 1);
  const bound = { precision: 0.5, method: 'single' } as const;
  const named = (rule: RegExp) => (error: unknown) => error instanceof TypeError && rule.test(error.message);
  const engineRule = /^engine must be an Engine, got a promise: await it first$/;
  const refused = async (promised: Promise<unknown>, rule: RegExp) => {
    assert.ok(named(rule)(await promised.catch((reason) => reason)), String(rule));
  };
  await refused(room.fitBoundary(promise, rows, bound), engineRule);
  await refused(room.decodeConversions(promise, new Uint8Array(9)), engineRule);
  await refused(room.RelatedProducts.fit(graph, { engine: promise }), engineRule);
  await refused(room.encodeModel(promise), /^model must be a model of RelatedProducts, got a promise/);
  assert.throws(() => room.splitEdges(promise, graph), named(engineRule));
  assert.throws(() => simulateShop(promise), named(engineRule));
  const { policy } = await room.fitBoundary(engine, rows, bound);
  assert.throws(() => policy.decideBatch(promise, rows.score), named(engineRule));
});

/** Every function of the entries that returns a promise, by its name. */
const doors = Object.entries(room).flatMap(([name, value]) => {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const all: [string, unknown][] = [
    [name, value],
    ...members.map(([key, part]) => [`${name}.${key}`, part] as [string, unknown]),
  ];
  return all.filter(
    (entry): entry is [string, (...args: unknown[]) => Promise<unknown>] =>
      typeof entry[1] === 'function' && entry[1].constructor.name === 'AsyncFunction',
  );
});

test('the tests above call every function that returns a promise', () => {
  assert.ok(doors.length >= 30, `${doors.length}`);
  assert.equal(
    doors.filter(([, door]) => !called.has(door)).map(([name]) => name),
    [],
  );
});

test('called with nothing at all, or with an engine alone, each says what it wants', async () => {
  const vague = /undefined|null \(|is not a function|not iterable|destructure|reading/;
  const wrong: string[] = [];
  for (const [name, door] of doors) {
    for (const args of [[], [engine], [null, null, null], [engine, null, null]]) {
      const error = await door(...args).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const text = String((error as Error | undefined)?.message).replace(/, got (undefined|null)$/, '');
      if (!(error instanceof TypeError || error instanceof RangeError) || vague.test(text)) {
        wrong.push(`${name}(${args.map((arg) => (arg === null ? 'null' : 'engine'))}): ${error}`);
      }
    }
  }
  assert.equal(wrong, []);
});

test.run();
