import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type RecommendOptions, RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { countFree } from '../../src/directed-graph/serving/masks.ts';
import { Engine } from '../../src/engine/engine.ts';
import { Bitset } from '../../src/nn/bitset.ts';
import { keepsOptions } from '../helpers/answers.ts';
import { refused } from '../helpers/refused.ts';
import { phoneShop } from '../helpers/shop.ts';

const engine = await Engine.create();
const { graph, catalogue, ids } = phoneShop();
const n = graph.nodeCount;
const fit = {
  ranker: false,
  engine,
  earlyStopping: false,
  seed: 3,
  dim: 16,
  training: { steps: 60 },
  encoder: { negatives: 16, directionLoss: 0.5 },
};
const model = (await RelatedProducts.fit(graph, { ...fit, catalogue })).attach(engine);

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
    minScore: fc.constantFrom(-5, 0, 3),
  },
  { requiredKeys: [] },
);
const query = fc.oneof(fc.nat(n - 1), fc.uniqueArray(fc.nat(n - 1), { minLength: 1, maxLength: 4 }));

test('whatever is asked: masks, cap, k, score, order, distinct answers, and shares that add up to 1', () => {
  fc.assert(
    fc.property(query, serving, (asked, o) => {
      const answers = model.recommend(asked, o);
      keepsOptions(asked, o, answers, catalogue.category, 1e-4);
      for (const { node, id, known } of answers) {
        assert.is(id, ids[node]);
        assert.is(
          known,
          [asked].flat().some((u) => graph.hasEdge(u, node)),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('a batch gives what single calls give', () => {
  fc.assert(
    fc.property(fc.array(query, { minLength: 1, maxLength: 80 }), serving, (queries, o) => {
      assert.equal(
        model.recommendBatch(queries, o),
        queries.map((one) => model.recommend(one, o)),
      );
    }),
    { numRuns: 30 },
  );
});

test('masks compose: exclude, allow and inStock together are one set, given as lists or as bitsets', () => {
  fc.assert(
    fc.property(fc.nat(n - 1), items, items, items, (u, exclude, allow, inStock) => {
      const left = allow.filter((v) => inStock.includes(v) && !exclude.includes(v));
      const expected = model.recommend(u, { k: n, allow: left });
      assert.equal(model.recommend(u, { k: n, exclude, allow, inStock }), expected);
      const [a, b] = [model.mask(allow), model.mask(inStock)];
      const before = a.words.slice();
      assert.equal(
        model.recommend(u, { k: n, exclude: model.mask(exclude), allow: a, inStock: b }),
        expected,
      );
      assert.equal(a.words, before, 'a mask is not changed by use');
      assert.is(countFree(a), n - allow.length);
    }),
    { numRuns: 100 },
  );
});

test('renumbering the nodes renumbers the answers', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(n).keys()], { minLength: n }), serving, (place, o) => {
      const { embedding, card } = model;
      const move = (rows: Float32Array, width: number) => {
        const to = new Float32Array(rows.length);
        for (let v = 0; v < n; v++) to.set(rows.subarray(v * width, (v + 1) * width), place[v] * width);
        return to;
      };
      const list: string[] = [];
      const category: string[] = [];
      for (let v = 0; v < n; v++) {
        list[place[v]] = ids[v];
        category[place[v]] = catalogue.category[v];
      }
      const source: number[] = [];
      const target: number[] = [];
      for (let u = 0; u < n; u++) {
        for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) {
          source.push(place[u]);
          target.push(place[graph.out.indices[e]]);
        }
      }
      const moved = new RelatedProducts(
        DirectedGraph.fromEdges(source, target, { ids: list }),
        {
          nodeCount: n,
          dim: embedding.dim,
          source: move(embedding.source, embedding.dim),
          target: move(embedding.target, embedding.dim),
          bias: move(embedding.bias!, 1),
        },
        card,
        { catalogue: { category } },
      ).attach(engine);
      const renumbered = (items: unknown) => (items as number[] | undefined)?.map((v) => place[v]);
      const there: RecommendOptions = {
        ...o,
        explain: undefined,
        exclude: renumbered(o.exclude),
        allow: renumbered(o.allow),
        inStock: renumbered(o.inStock),
      };
      for (const id of ['phone 3', 'case 5']) {
        const here = model.recommend(id, { ...o, explain: undefined }).map((a) => [a.id, a.score]);
        const answers = moved.recommend(id, there).map((a) => [a.id, a.score]);
        assert.equal(answers, here);
      }
      moved.dispose();
    }),
    { numRuns: 40 },
  );
});

test('fallbacks say their source and reason: an item without edges, an unknown one, and both in a cart', () => {
  const lonely = model.recommend('lonely', { k: 4, explain: true });
  assert.is(lonely[0].id, 'charger', 'the most bought of its category first');
  assert.equal(
    lonely.map(({ source }) => source),
    ['category', 'popular', 'popular', 'popular'],
  );
  assert.match(lonely[0].reason, /learned nothing of this item: the most bought of its category/);
  assert.is(lonely[0].explanation![0].kind, 'category');
  const unknown = model.recommend('nowhere', { k: 3, exclude: ['charger'] });
  assert.is(unknown.length, 3);
  for (const { source, reason, id } of unknown) {
    assert.is(source, 'popular');
    assert.match(reason, /nothing is known of "nowhere": the most bought overall/);
    assert.is.not(id, 'charger');
  }
  const cart = model.recommend(['nowhere', 'lonely', 'phone 1'], { k: 3 });
  assert.equal(cart, model.recommend('phone 1', { k: 3, exclude: ['lonely'] }));
  assert.throws(() => model.recommend('nowhere', { fallback: false }), /no node has the id/);
  assert.equal(model.recommend('lonely', { fallback: false }), []);
});

test('a shop too small to learn from is answered by counts, and says so', () => {
  const worse = { edges: 9, 'hitRate@10': 0.1, 'mrr@10': 0.1 };
  const card = { ...model.card, validation: worse, counts: { 'hitRate@10': 0.5, 'mrr@10': 0.2 } };
  const small = new RelatedProducts(graph, model.embedding, card).attach(engine);
  const answers = small.recommend('phone 2', { k: 6, explain: true });
  assert.equal(
    answers.slice(0, 4).map(({ id }) => id),
    ['case 6', 'case 7', 'case 8', 'charger'],
  );
  assert.match(answers[0].reason, /too few edges to learn from.*: counts of what is bought next/);
  assert.equal(answers[0].explanation, [
    { kind: 'next', node: 2, id: 'phone 2', contribution: 0.25, share: 1 },
  ]);
  assert.is(answers[5].source, 'popular');
  assert.is(small.recommend('phone 2', { fallback: false })[0].source, 'model');
  small.dispose();
});

test('a shop of 100 orders trains and answers for every item, each answer with its source', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => ({
    customer: i >> 1,
    second: i % 2,
    kind: (i >> 1) % 8,
  }));
  const tiny = DirectedGraph.fromOrders({
    customer: lines.map(({ customer }) => customer),
    order: lines.map((_, i) => i),
    item: lines.map(({ second, kind, customer }) => (second ? 8 + 2 * kind + (customer % 2) : kind)),
    time: lines.map(({ second, customer }) => 1e9 + 86400 * (customer + 3 * second)),
  });
  const shop = (await RelatedProducts.fit(tiny, { engine, seed: 1 })).attach(engine);
  assert.type(shop.card.counts!['mrr@10'], 'number');
  for await (const { id, recommendations } of shop.recommendAll({ k: 5, explain: true })) {
    assert.is(recommendations.length, 5, id);
    for (const { source, reason, explanation } of recommendations) {
      assert.ok(['model', 'co-purchase', 'category', 'popular'].includes(source) && reason.length > 0);
      assert.ok(explanation!.length > 0);
    }
  }
  shop.dispose();
});

test('fit compares counts with the model where edges are few', async () => {
  const tried = await RelatedProducts.fit(graph, { ...fit, earlyStopping: true });
  assert.type(tried.card.counts!['hitRate@10'], 'number');
  assert.is(model.card.counts, undefined, 'there is nothing to compare on without validation edges');
});

test('a cart scores the mean of its items, and what they share comes first', () => {
  const all = { k: n, explain: undefined };
  const of = (q: number | number[]) => new Map(model.recommend(q, all).map((a) => [a.node, a.score]));
  const [a, b, cart] = [of(1), of(2), of([1, 2])];
  for (const [node, score] of cart) assert.ok(Math.abs(score - (a.get(node)! + b.get(node)!) / 2) < 1e-4);
  assert.is(model.recommend(['phone 1', 'phone 2'], { k: 1 })[0].id, 'charger', 'what both lead to is first');
});

test('diversity spreads the answers, popularity moves the charger, explain names the phone', () => {
  const spread = (diversity: number) => {
    const answers = model.recommend('phone 0', { k: 5, diversity });
    const { dim, target } = model.embedding;
    let sum = 0;
    for (const a of answers) {
      for (const b of answers) {
        for (let c = 0; c < dim; c++) sum += target[a.node * dim + c] * target[b.node * dim + c];
      }
    }
    return sum;
  };
  assert.ok(spread(1) < spread(0) / 2 && spread(0.5) < spread(0) / 2, `${[0, 0.5, 1].map(spread)}`);
  const place = (popularity: number) =>
    model.recommend('case 0', { k: n, popularity }).findIndex(({ id }) => id === 'charger');
  assert.ok(place(3) <= place(0) && place(0) <= place(-3) && place(3) < place(-3));
  const [best] = model.recommend('phone 0', { k: 1, explain: true });
  assert.ok(best.explanation!.some(({ kind, id }) => kind === 'next' && id === 'phone 0'));
});

test('similar: source with source, itself and items without vectors left out', () => {
  const near = model.similar('phone 0', { k: n });
  assert.not.ok(near.some(({ id }) => id === 'phone 0' || id === 'lonely'));
  assert.ok(near.every(({ score }, i) => i === 0 || score <= near[i - 1].score));
  assert.ok(near[0].score <= 1 + 1e-6);
  assert.equal(model.similar('lonely'), []);
  assert.is(model.similar('phone 0', { allow: ['phone 4'] })[0].id, 'phone 4');
  assert.throws(() => model.similar('nobody'), /no node has the id/);
  for (const list of [['phone 0'], ['phone 0', 'phone 1'], [], new Uint32Array(2)]) {
    refused(() => model.similar(list as never), TypeError, /^item must be one item, got a list$/);
  }
});

test('recommendAll: every item once, as by recommend; progress; abort', async () => {
  const steps: number[] = [];
  let at = 0;
  for await (const { node, id, recommendations } of model.recommendAll({
    k: 3,
    onProgress: ({ step, total }) => void steps.push(step, total),
  })) {
    assert.is(node, at++);
    assert.is(id, ids[node]);
    assert.equal(recommendations, model.recommend(node, { k: 3 }));
  }
  assert.is(at, n);
  assert.equal(steps, [n, n]);
  const reason = new Error('enough');
  const gone = await model
    .recommendAll({ signal: AbortSignal.abort(reason) })
    .next()
    .catch((error) => error);
  assert.is(gone, reason);
});

test('a list is no text, an item is none of another model or of one’s own making', () => {
  for (const list of ['phone 0', 'abc', undefined, null, 3, {}] as never[]) {
    refused(() => model.recommendBatch(list), TypeError, /^queries must be a list, got /);
    refused(() => model.embedNew({ out: list ?? null }), TypeError, /^out must be a list, got /);
    refused(() => model.embedNew({ in: list ?? null }), TypeError, /^in must be a list, got /);
    refused(() => model.scoreNew(0, list), TypeError, /^items must be a list, got /);
    refused(() => model.addItems(list), TypeError, /^items must be a list, got /);
  }
  assert.equal(model.recommendBatch(new Set([0, 'phone 1'])), model.recommendBatch([0, 'phone 1']));
  for (const item of [
    undefined,
    null,
    'id',
    {},
    { id: 3 },
    { id: 'a', category: 3 },
    { id: 'a', title: '' },
  ]) {
    refused(() => model.addItems([item] as never), TypeError, /^items\[0\](\.id|\.category)?(:| must be) /);
  }
  assert.is(model.graph.nodeCount, n, 'a refused item changes nothing');

  const good = model.embedNew({ out: ['case 1'], in: ['phone 1'] });
  const vector = (x: number) => good.source.map((y, c) => (c === 1 ? x : y));
  const forged: [item: object | null, kind: ErrorConstructor, message: RegExp][] = [
    [{}, TypeError, /made by embedNew/],
    [{ ...good, source: [...good.source] }, TypeError, /its source is no Float32Array/],
    [{ ...good, target: undefined }, TypeError, /its target is no Float32Array/],
    [{ ...good, source: good.source.subarray(1) }, RangeError, /embedded by this model: 15 numbers, not 16/],
    [{ ...good, source: vector(Number.NaN) }, RangeError, /\.source\[1\] must be a finite number/],
    [{ ...good, target: vector(-Infinity) }, RangeError, /\.target\[1\] must be a finite number/],
    [{ ...good, source: vector(1e30) }, RangeError, /\.source\[1\] must be a finite number from -1/],
    [{ ...good, bias: Number.NaN }, RangeError, /\.bias must be a finite number/],
    [{ ...good, bias: undefined }, TypeError, /\.bias must be a number/],
    [{ ...good, out: undefined }, TypeError, /\.out must be a list/],
    [{ ...good, in: [n] }, RangeError, /\.in\[0\] must be a whole number/],
    [{ ...good, like: [null] }, TypeError, /\.like\[0\]\.node must be a number/],
    [{ ...good, like: [{ node: 0, cosine: Number.NaN }] }, RangeError, /\.like\[0\]\.cosine must be/],
  ];
  for (const [item, kind, message] of forged) {
    refused(() => model.recommend(item as never), kind, message);
    refused(() => model.recommend(['phone 1', item] as never), kind, message);
    refused(() => model.similar(item as never), kind, message);
    refused(() => model.scoreNew('phone 1', [good, item] as never), kind, message);
  }
  for (const item of [undefined, null, 3, 'phone 0'] as never[]) {
    refused(() => model.scoreNew('phone 1', [item]), TypeError, /^items\[0\] must be .* made by embedNew/);
  }
  assert.ok(model.recommend([good, 'phone 1', 'phone 1'], { k: 3 }).length === 3);
  assert.equal(model.recommend(['phone 2', 'phone 1', 'phone 2']), model.recommend(['phone 2', 'phone 1']));
});

test('bad options are typed errors', () => {
  for (const [o, kind, message] of [
    [{ k: 0 }, RangeError, /k must/],
    [{ diversity: 1.1 }, RangeError, /diversity must/],
    [{ diversity: Number.NaN }, RangeError, /diversity must/],
    [{ diversity: '1' }, TypeError, /diversity must be a number/],
    [{ maxPerCategory: 0 }, RangeError, /maxPerCategory must/],
    [{ popularity: Infinity }, RangeError, /popularity must/],
    [{ minScore: Number.NaN }, RangeError, /minScore must/],
    [{ explain: 'yes' }, TypeError, /explain must/],
    [{ explain: -1 }, RangeError, /explain must/],
    [{ fallback: 1 }, TypeError, /fallback must/],
    [{ exclude: 5 }, TypeError, /exclude must be a Bitset or a list/],
    [{ exclude: 'case 1' }, TypeError, /exclude must be a Bitset or a list/],
    [{ inStock: ['nowhere'] }, RangeError, /inStock must hold items of the model alone: no node has the id/],
    [{ allow: [n] }, RangeError, /allow must/],
    [{ allow: new Bitset(n + 1) }, RangeError, /allow must be of size/],
    [{ catalogue: null }, TypeError, /catalogue must be an object with the category of each node, got null/],
    [{ catalogue: { category: ['a'] } }, RangeError, /catalogue.category must have/],
    [{ catalogue: { category: Array(n).fill(7) } }, TypeError, /catalogue.category\[0\] must be text/],
    [{ top: 3 }, TypeError, /unknown option "top"/],
  ] as [RecommendOptions, ErrorConstructor, RegExp][]) {
    refused(() => model.recommend(0, o), kind, message);
  }
  refused(() => void (model.catalogue = null as never), TypeError, /catalogue must be an object/);
  assert.is(model.catalogue, catalogue, 'a refused catalogue changes nothing');
  const bare = new RelatedProducts(graph, model.embedding, model.card).attach(engine);
  assert.throws(() => bare.recommend(0, { maxPerCategory: 1 }), /needs a catalogue/);
  assert.throws(() => bare.recommend([]), /at least one item/);
  const [{ explanation, score }] = bare.recommend(0, { k: 1, explain: true });
  assert.equal(explanation!.map(({ kind }) => kind).sort(), ['match', 'popularity']);
  assert.ok(Math.abs(explanation!.reduce((sum, { contribution }) => sum + contribution, 0) - score) < 1e-4);
  bare.dispose();
});

test('nothing is left in the engine after dispose', () => {
  model.dispose();
  const before = engine.stats().slices;
  model.attach(engine);
  model.recommend(0, { explain: true, popularity: 1 });
  model.similar(0);
  model.dispose();
  assert.is(engine.stats().slices, before);
});

test.run();
