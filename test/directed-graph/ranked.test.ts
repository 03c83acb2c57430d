import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import type { MlpWeights } from '../../src/directed-graph/ranker/mlp.ts';
import type { RankerParts } from '../../src/directed-graph/ranker/ranker.ts';
import type { WeightedCsr } from '../../src/directed-graph/ranker/source.ts';
import { type RecommendOptions, RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { backOff } from '../../src/directed-graph/serving/back-off.ts';
import { cartShares, joinRows } from '../../src/directed-graph/serving/cart.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { keepsOptions } from '../helpers/answers.ts';
import { close } from '../helpers/close.ts';
import { numbers } from '../helpers/kernel.ts';
import { familyShop } from '../helpers/shop.ts';
import { plainRanking } from '../reference/directed-graph/ranking.ts';

const engine = await Engine.create();
const shop = familyShop();
const { train, validation } = splitEdges(engine, shop.graph, { validation: 0.3, test: 0, seed: 5 });
const n = train.nodeCount;
const fit = {
  engine,
  seed: 3,
  dim: 16,
  features: shop.features,
  catalogue: shop.catalogue,
  validation,
  // Cut short, so that counts and text have something to add.
  training: { steps: 6, evaluateEvery: 3 },
  encoder: { negatives: 16 },
  ranker: { fit: { hard: 5, random: 20, ridges: [1], iterations: 30, mlpQueries: 0, fewSteps: [20] } },
};
const model = (await RelatedProducts.fit(train, fit)).attach(engine);

const items = fc.uniqueArray(fc.nat(n - 1), { maxLength: n });
const serving: fc.Arbitrary<RecommendOptions> = fc.record(
  {
    k: fc.integer({ min: 1, max: n }),
    exclude: items,
    allow: items,
    inStock: items,
    excludeKnown: fc.boolean(),
    diversity: fc.constantFrom(0, 0.3, 1),
    maxPerCategory: fc.integer({ min: 1, max: 5 }),
    popularity: fc.constantFrom(-1, 0, 0.5),
    explain: fc.constantFrom(true, 1, 100),
    minScore: fc.constantFrom(-9, -5, -2),
    rank: fc.constantFrom('ranker' as const, 'embedding' as const),
  },
  { requiredKeys: [] },
);
const query = fc.oneof(fc.nat(n - 1), fc.uniqueArray(fc.nat(n - 1), { minLength: 1, maxLength: 4 }));

test('the ranker ships: better than counts and vectors on pairs that it has not seen', () => {
  const { used, heldOut, queries, weights } = model.card.ranker!;
  assert.is(used, true);
  assert.ok(queries >= 50);
  const { ranker, embedding, counts } = heldOut!;
  assert.ok(ranker['hitRate@10'] >= counts['hitRate@10'], JSON.stringify(heldOut));
  assert.ok(ranker['hitRate@10'] + ranker['mrr@10'] > embedding['hitRate@10'] + embedding['mrr@10']);
  assert.is(typeof weights!.embedding, 'number');
  assert.is(model.scorer.name, 'ranker');
  const [first] = model.recommend('phone 0.0', { excludeKnown: true });
  assert.is(shop.family(first.node), 0, first.id);
});

test('whatever is asked: masks, cap, k, score, order, distinct answers, shares that add up to 1', () => {
  fc.assert(
    fc.property(query, serving, (asked, o) => {
      keepsOptions(asked, o, model.recommend(asked, o), shop.catalogue.category, 1e-3);
    }),
    { numRuns: 200 },
  );
});

test('a batch gives what single calls give, carts larger than a batch too', () => {
  fc.assert(
    fc.property(fc.array(query, { minLength: 1, maxLength: 80 }), serving, (queries, o) => {
      assert.equal(
        model.recommendBatch(queries, o),
        queries.map((one) => model.recommend(one, o)),
      );
    }),
    { numRuns: 12 },
  );
  const whole = Array.from({ length: 70 }, (_, i) => i);
  const [answer] = model.recommendBatch([whole, [3]], { k: 1, explain: 1000 })[0];
  const sum = answer.explanation!.reduce((total, { contribution }) => total + contribution, 0);
  assert.ok(Math.abs(sum - answer.score) < 1e-3, `${sum}, ${answer.score}`);
});

test('masks compose, given as lists or as bitsets', () => {
  fc.assert(
    fc.property(fc.nat(n - 1), items, items, items, (u, exclude, allow, inStock) => {
      const left = allow.filter((v) => inStock.includes(v) && !exclude.includes(v));
      const expected = model.recommend(u, { k: n, allow: left });
      assert.equal(model.recommend(u, { k: n, exclude, allow, inStock }), expected);
      const masks = { exclude: model.mask(exclude), allow: model.mask(allow), inStock: model.mask(inStock) };
      assert.equal(model.recommend(u, { k: n, ...masks }), expected);
    }),
    { numRuns: 40 },
  );
});

/** The ranker's matrices with nodes renumbered. */
function moved(parts: RankerParts, place: readonly number[]): RankerParts {
  const rows = (values: Float32Array, width: number) => {
    const to = new Float32Array(values.length);
    for (let v = 0; v < n; v++) to.set(values.subarray(v * width, (v + 1) * width), place[v] * width);
    return to;
  };
  const csr = <T extends WeightedCsr>(given: T, columns: boolean): T => {
    const lists: [number, number][][] = Array.from({ length: n }, () => []);
    for (let u = 0; u < n; u++) {
      for (let e = given.indptr[u]; e < given.indptr[u + 1]; e++) {
        lists[place[u]].push([columns ? place[given.indices[e]] : given.indices[e], given.weights[e]]);
      }
    }
    const indptr = new Uint32Array(n + 1);
    lists.forEach((list, u) => {
      list.sort(([a], [b]) => a - b);
      indptr[u + 1] = indptr[u] + list.length;
    });
    const all = lists.flat();
    const indices = Uint32Array.from(all, ([w]) => w);
    return { ...given, indptr, indices, weights: Float32Array.from(all, ([, x]) => x) };
  };
  const { svd, ease, text } = parts.kept;
  return {
    model: parts.model,
    kept: {
      svd: { ...svd, source: rows(svd.source, svd.dim), target: rows(svd.target, svd.dim) },
      ease: { byTarget: csr(ease.byTarget!, true), bySource: csr(ease.bySource!, true) },
      text: { rows: { ...text!.rows, csr: csr(text!.rows.csr, false) }, near: csr(text!.near, true) },
    },
  };
}

test('renumbering the nodes renumbers the answers', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(n).keys()], { minLength: n }), (place) => {
      const { embedding, card } = model;
      const move = (rows: Float32Array, width: number) => {
        const to = new Float32Array(rows.length);
        for (let v = 0; v < n; v++) to.set(rows.subarray(v * width, (v + 1) * width), place[v] * width);
        return to;
      };
      const list: string[] = [];
      for (let v = 0; v < n; v++) list[place[v]] = shop.ids[v];
      const { indptr, indices, weights } = train.out;
      const source: number[] = [];
      for (let u = 0; u < n; u++) for (let e = indptr[u]; e < indptr[u + 1]; e++) source.push(place[u]);
      const target = Array.from(indices, (v) => place[v]);
      const other = new RelatedProducts(
        DirectedGraph.fromEdges(source, target, { ids: list, weight: weights }),
        {
          ...embedding,
          source: move(embedding.source, embedding.dim),
          target: move(embedding.target, embedding.dim),
          bias: move(embedding.bias!, 1),
        },
        card,
        { ranker: moved(model.ranker!, place) },
      ).attach(engine);
      for (const id of ['phone 3.1', 'accessory 2.7']) {
        const here = new Map(model.recommend(id, { k: n }).map((a) => [a.id, a.score]));
        const there = other.recommend(id, { k: n });
        assert.is(there.length, here.size);
        // Sums run over neighbours in the order of their numbers, so scores differ by rounding.
        for (const a of there) assert.ok(Math.abs(here.get(a.id)! - a.score) < 1e-3, `${a.id}: ${a.score}`);
      }
      other.dispose();
    }),
    { numRuns: 10 },
  );
});

test('known pairs: probabilities back off from counts to the ranker, and add up to little more than 1', () => {
  const u = train.indexOf('phone 1.2');
  const { indptr, indices, weights } = train.out;
  const logs = Float32Array.from({ length: n }, (_, v) => -1 - (v % 7));
  const before = logs.slice();
  const { level, followers } = backOff(engine, train, u, logs);
  const list = indices.subarray(indptr[u], indptr[u + 1]);
  const counts = weights!.subarray(indptr[u], indptr[u + 1]);
  const total = counts.reduce((sum, c) => sum + c, 0) + list.length;
  for (let v = 0; v < n; v++) {
    const at = list.indexOf(v);
    const odds = Math.exp(before[v]);
    const ranked = at < 0 ? odds : odds / (1 + odds);
    const expected = Math.log(((at < 0 ? 0 : counts[at]) + list.length * ranked) / total);
    assert.ok(Math.abs(logs[v] - expected) < 1e-5, `${v}: ${logs[v]}, ${expected}`);
  }
  assert.is(followers.size, list.length);
  assert.ok(Math.abs(level - Math.log(list.length / total)) < 1e-9);
  const all = model.recommend(u, { k: n });
  const sum = all.reduce((chance, { score }) => chance + Math.exp(score), 0);
  assert.ok(sum > 0.9 && sum < 1.5, `${sum}`);
  assert.ok(
    all.slice(0, list.length - 1).every(({ known }) => known),
    'what is known comes first',
  );
});

test('every score is that of the plain twin, with a network and with a direction', () => {
  const { model: fitted, kept } = model.ranker!;
  const width = fitted.features.length + 3;
  const shape = { w1: width * 8, b1: 8, w2: 64, b2: 8, w3: 8 };
  const values = Object.fromEntries(
    Object.entries(shape).map(([name, size], i) => [name, numbers(size, 50 + i, -0.4, 0.4)]),
  ) as MlpWeights['values'];
  for (const changed of [
    {},
    { mlp: { width, hidden: 8, values }, top: 30, rareBoost: 0.7, direction: true },
  ]) {
    const ranker = { model: { ...fitted, ...changed }, kept };
    const one = new RelatedProducts(train, model.embedding, model.card, { ranker }).attach(engine);
    const plain = plainRanking(train, model.embedding, ranker);
    for (const u of [0, 7, 40, n - 3]) {
      const scores = plain(u);
      for (const { node, score, source } of one.recommend(u, { k: n })) {
        assert.is(source, 'model');
        assert.ok(Math.abs(scores[node] - score) < 1e-4 * (1 + Math.abs(score)), `${scores[node]}, ${score}`);
      }
    }
    one.dispose();
  }
});

test('carts: the mean and the mixture of log-probabilities, and what each item counts', () => {
  const rows = [
    Float32Array.of(-1, -8, -3, -90),
    Float32Array.of(-4, -1, -3, -95),
    Float32Array.of(-2, -9, -3, -99),
  ];
  const plain = {
    mean: (v: number) => rows.reduce((sum, row) => sum + row[v], 0) / 3,
    mixture: (v: number) => Math.log(rows.reduce((sum, row) => sum + Math.exp(row[v]), 0) / 3),
  };
  for (const rule of ['mean', 'mixture'] as const) {
    engine.scope(({ from }) => {
      const block = from(
        'f32',
        rows.flatMap((row) => [...row]),
      );
      joinRows(engine, block, 3, 4, rule);
      close(
        block.copy().slice(0, 4),
        [0, 1, 2, 3].map(plain[rule]),
        { absolute: 1e-4, relative: 1e-5 },
        rule,
      );
    });
    const shares = cartShares(
      engine,
      rows.map((row) => row[0]),
      rule,
    );
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    assert.is(shares[0] >= shares[1], true);
  }
  const of = (q: number | number[]) => new Map(model.recommend(q, { k: n }).map((a) => [a.node, a.score]));
  const [a, b, cart] = [of(0), of(1), of([0, 1])];
  for (const [node, score] of cart) assert.ok(Math.abs(score - (a.get(node)! + b.get(node)!) / 2) < 1e-3);
});

test('same seed, same hash, also when resumed; the file gives the same bits, and is made again byte for byte', async () => {
  let state:
    | Parameters<
        NonNullable<NonNullable<Parameters<typeof RelatedProducts.fit>[1]>['checkpoint']>['save'] & object
      >[0]
    | undefined;
  const again = await RelatedProducts.fit(train, {
    ...fit,
    checkpoint: { every: 3, save: (s) => void (state ??= s) },
  });
  assert.is(await again.modelHash(), await model.modelHash());
  assert.equal(again.card, model.card);
  const resumed = await RelatedProducts.fit(train, { ...fit, checkpoint: { resume: state } });
  assert.is(await resumed.modelHash(), await model.modelHash());
  const bytes = encodeModel(model);
  const back = decodeModel(bytes);
  assert.is(await back.modelHash(), await model.modelHash());
  assert.is(Buffer.compare(encodeModel(back), bytes), 0);
  assert.is(back.ranker!.kept.text!.rows, back.weights!.features!.rows, 'shared text is held once');
  back.attach(engine);
  const nodes = Uint32Array.from({ length: n }, (_, u) => u);
  assert.equal(back.recommendBatch(nodes, { explain: true }), model.recommendBatch(nodes, { explain: true }));
  back.dispose();
  // The ranker is part of the hash.
  const { w } = model.ranker!.model.linear;
  const linear = { ...model.ranker!.model.linear, w: w.map((x, f) => (f === 0 ? x + 1 : x)) };
  const ranker = { ...model.ranker!, model: { ...model.ranker!.model, linear } };
  const changed = new RelatedProducts(train, model.embedding, model.card, { ranker });
  assert.is.not(await changed.modelHash(), await model.modelHash());
});

test('too few pairs, none, or not wanted: vectors and counts answer, and the card says why', async () => {
  const { ranker, validation: _, ...rest } = fit;
  const few = await RelatedProducts.fit(train, { ...rest, training: { steps: 5 } });
  assert.is(few.ranker, undefined);
  assert.is(few.card.ranker!.used, false);
  assert.match(few.card.ranker!.why!, /too few to fit it, 50 are needed/);
  const none = await RelatedProducts.fit(train, { ...rest, earlyStopping: false, training: { steps: 5 } });
  assert.match(none.card.ranker!.why!, /^0 products/);
  const off = (await RelatedProducts.fit(train, { ...fit, ranker: false })).attach(engine);
  assert.is(off.card.ranker, undefined);
  assert.is(off.scorer.name, 'embedding');
  assert.equal(off.embedding, model.embedding, 'the ranker leaves the vectors alone');
  const vectors = { rank: 'embedding' } as const;
  const plain = (of: RelatedProducts) =>
    of.recommend('phone 2.2', vectors).map(({ node, score }) => [node, score]);
  assert.equal(plain(off), plain(model));
  off.dispose();
});

test('a ranker that foretells no better than counts does not answer', () => {
  const { heldOut } = model.card.ranker!;
  const why = 'counts alone foretold the pairs set aside as well';
  const ranker = {
    ...model.card.ranker!,
    used: false,
    why,
    heldOut: { ...heldOut!, counts: { 'hitRate@10': 1, 'mrr@10': 1 } },
  };
  const small = new RelatedProducts(train, model.embedding, { ...model.card, ranker }).attach(engine);
  const [answer] = small.recommend('phone 2.2');
  assert.is(answer.source, 'co-purchase');
  assert.match(answer.reason, /counts foretold the pairs set aside as well as the model/);
  small.dispose();
});

test('new edges are seen at once, new items by their vectors; nothing is left behind', async () => {
  const grown = decodeModel(encodeModel(model)).attach(engine);
  const place = (id: string, target: string) =>
    grown.recommend(id, { k: n + 9 }).findIndex((answer) => answer.id === target);
  const stranger = 'accessory 9.8';
  const score = () => grown.recommend('phone 0.3', { k: n }).find(({ id }) => id === stranger)!.score;
  const [before, like] = [place('phone 0.1', stranger), score()];
  grown.addEdges({ source: ['phone 0.1', 'phone 0.2'], target: [stranger, stranger], weight: [3, 3] });
  assert.ok(place('phone 0.1', stranger) < before, 'a new edge counts');
  assert.is.not(score(), like, 'and for products like it');
  grown.addItems([
    { id: 'accessory new', features: { feature: [1, 6] }, category: 'accessory' },
    { id: 'bare', category: 'phone' },
  ]);
  const [{ reason }] = grown.recommend('accessory new', { k: 1 });
  assert.match(reason, /by the learned vectors alone/);
  assert.ok(place('phone 4.0', 'accessory new') >= 0, 'a new item is an answer');
  grown.addEdges({
    source: ['phone 4.0', 'phone 4.1', 'bare'],
    target: ['accessory new', 'accessory new', 'accessory 4.9'],
    weight: [2, 2, 2],
  });
  const linked = grown.recommend('bare', { k: 3, explain: true });
  assert.is(linked[0].id, 'accessory 4.9');
  assert.is(linked[0].reason, 'ranked by the model');
  assert.ok(place('phone 4.2', 'accessory new') < place('phone 7.2', 'accessory new'));
  const back = decodeModel(encodeModel(grown)).attach(engine);
  assert.equal(back.recommend('bare', { explain: true }), grown.recommend('bare', { explain: true }));
  assert.is(await back.modelHash(), await grown.modelHash());
  back.dispose();
  const fresh = grown.embedNew({ features: { feature: [0, 6] } });
  assert.is(shop.family(grown.recommend(fresh, { k: 1 })[0].node), 4);
  assert.is(grown.scoreNew('phone 4.0', [fresh]).length, 1);
  const { slices } = engine.stats();
  for (let i = 0; i < 3; i++) grown.addItems([{ id: `more ${i}` }]);
  assert.is(engine.stats().slices <= slices, true, `${engine.stats().slices} slices, ${slices} before`);
  grown.dispose();
});

test('with a direction loss no accessory leads back, though the graph alone would let it', async () => {
  const directed = await RelatedProducts.fit(train, {
    ...fit,
    encoder: { ...fit.encoder, directionLoss: 0.5 },
  });
  assert.is(directed.ranker?.model.direction, true, JSON.stringify(directed.card.ranker));
  directed.attach(engine);
  let back = 0;
  for (let v = 0; v < n - 1; v++) {
    if (shop.isPhone(v)) continue;
    back += directed.recommend(v, { k: 5 }).filter(({ node }) => train.hasEdge(node, v)).length;
  }
  assert.is(back, 0, 'phones that an accessory leads back to');
  const [{ explanation, score }] = directed.recommend('phone 3.3', {
    k: 1,
    excludeKnown: true,
    explain: 1000,
  });
  const sum = explanation!.reduce((total, { contribution }) => total + contribution, 0);
  assert.ok(Math.abs(sum - score) < 1e-3);
  directed.dispose();
});

test('bad options of the ranker are refused before anything is allocated, an abort is heard', async () => {
  const before = engine.stats().slices;
  for (const [ranker, message] of [
    [{ magic: 1 }, /ranker: unknown option "magic"/],
    [{ easeRidge: 0 }, /easeRidge/],
    [{ rareBoost: -1 }, /rareBoost/],
    [{ rareBoost: Number.NaN }, /rareBoost/],
    [{ fit: { hidden: 0 } }, /hidden/],
    [{ text: {} }, /text must be made by nodeFeatures/],
    [5, /ranker must be an object/],
  ] as [never, RegExp][]) {
    const error = await RelatedProducts.fit(train, { ...fit, ranker }).catch((e: Error) => e);
    assert.match((error as Error).message, message);
  }
  const controller = new AbortController();
  const reason = new Error('enough');
  const phases = new Set<string>();
  const run = RelatedProducts.fit(train, {
    ...fit,
    signal: controller.signal,
    onProgress: ({ phase }) => {
      phases.add(phase);
      if (phase === 'ranking') controller.abort(reason);
    },
  });
  assert.is(await run.catch((error) => error), reason);
  assert.equal([...phases], ['train', 'counts', 'candidates', 'ranking']);
  assert.is(engine.stats().slices, before);
  assert.throws(() => model.recommend(0, { rank: 'magic' as never }), /rank must be one of/);
});

test('nothing is left in the engine after dispose', () => {
  model.dispose();
  assert.is(engine.stats().slices, 0);
});

test.run();
