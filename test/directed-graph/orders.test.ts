import { performance } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rowOfEntry } from '../../src/directed-graph/csr.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import type { OrderOptions } from '../../src/directed-graph/orders.ts';
import { columns, dataset } from '../helpers/data.ts';

const DAY = 86_400;
const all: OrderOptions = { minSupport: 1, minLift: 0 };

interface Line {
  c: string;
  o: string;
  i: string;
  t: number;
}
const build = (lines: Line[], options: OrderOptions) =>
  DirectedGraph.fromOrders(
    {
      customer: lines.map((l) => l.c),
      order: lines.map((l) => l.o),
      item: lines.map((l) => l.i),
      time: lines.map((l) => l.t),
    },
    options,
  );
const listed = (g: DirectedGraph) => {
  const sources = rowOfEntry(g.out);
  return Array.from(
    sources,
    (u, e) =>
      `${g.idOf(u)}>${g.idOf(g.out.indices[e])} ${g.out.weights?.[e] ?? 1} @${g.out.timestamps?.[e] ?? 0}`,
  );
};

test('a phone leads to a case, never a case to a phone', () => {
  const g = DirectedGraph.fromOrders(
    {
      customer: ['ann', 'ann', 'bob', 'bob', 'cy', 'cy'],
      item: ['phone', 'case', 'phone', 'case', 'phone', 'case'],
      time: [0, DAY, 10, 2 * DAY, 5, 3 * DAY],
    },
    { minLift: 0 },
  );
  assert.equal(listed(g), [`phone>case 3 @${3 * DAY}`], 'known since the third event');
  assert.ok(g.hasEdge(g.indexOf('phone'), g.indexOf('case')));
});

test('orders of one day are one basket, or each its own', () => {
  const lines = [
    { c: 'a', o: '1', i: 'x', t: 100 },
    { c: 'a', o: '2', i: 'y', t: 200 },
    { c: 'a', o: '3', i: 'z', t: DAY + 5 },
  ];
  assert.equal(listed(build(lines, all)), [`x>z 1 @${DAY}`, `y>z 1 @${DAY}`]);
  assert.equal(listed(build(lines, { ...all, window: 'order' })), ['x>y 1 @200', `y>z 1 @${DAY + 5}`]);
});

test('what was bought before leads nowhere again, unless asked for', () => {
  const lines = [
    { c: 'a', o: '1', i: 'x', t: 0 },
    { c: 'a', o: '2', i: 'x', t: DAY },
    { c: 'a', o: '2', i: 'y', t: DAY },
    { c: 'a', o: '3', i: 'x', t: 2 * DAY },
  ];
  assert.equal(listed(build(lines, all)), [`x>y 1 @${DAY}`]);
  assert.equal(listed(build(lines, { ...all, firstPurchasesOnly: false })), [
    `x>y 1 @${DAY}`,
    `y>x 1 @${2 * DAY}`,
  ]);
});

test('co-purchase goes both ways within a basket', () => {
  const lines = [
    { c: 'a', o: '1', i: 'x', t: 0 },
    { c: 'a', o: '1', i: 'y', t: 0 },
    { c: 'a', o: '1', i: 'y', t: 0 },
    { c: 'b', o: '1', i: 'x', t: DAY },
    { c: 'b', o: '1', i: 'y', t: DAY },
    { c: 'b', o: '2', i: 'z', t: DAY },
  ];
  const g = build(lines, { ...all, mode: 'co-purchase', window: 'order', minSupport: 2 });
  assert.equal(listed(g), [`x>y 2 @${DAY}`, `y>x 2 @${DAY}`]);
  assert.equal(
    { ...g.orders },
    {
      customers: 2,
      baskets: 3,
      basketPairs: 3,
      capped: 0,
      events: 4,
      pairsSeen: 2,
      pairsKept: 2,
    },
  );
});

test('pairs of baskets over the cap are left out and counted', () => {
  const lines = ['p', 'q', 'r'].flatMap((i) => [
    { c: 'a', o: '1', i, t: 0 },
    { c: 'a', o: '2', i: `${i}2`, t: DAY },
  ]);
  assert.is(build(lines, { ...all, pairCap: 9 }).edgeCount, 9);
  const g = build(lines, { ...all, pairCap: 8 });
  assert.is(g.edgeCount, 0);
  assert.is(g.orders!.capped, 1);
});

test('ids are any text; codes are nodes; both give one graph', () => {
  const ids = ['', '__proto__', 'constructor'];
  const codes = Int32Array.of(1, 2, 0, 1);
  const customer = Uint32Array.of(4_000_000_000, 4_000_000_000, 7, 7);
  const time = [0, DAY, 0, DAY];
  const named = DirectedGraph.fromOrders({ customer, item: [...codes].map((i) => ids[i]), time }, all);
  const coded = DirectedGraph.fromOrders({ customer, item: codes, time }, { ...all, ids });
  assert.equal(listed(named), [`>__proto__ 1 @${DAY}`, `__proto__>constructor 1 @${DAY}`]);
  assert.equal(listed(coded), listed(named));
  assert.equal(named.ids, ids);
  assert.is(DirectedGraph.fromOrders({ customer, item: codes, time }, { ...all, nodeCount: 9 }).nodeCount, 9);
});

test('bad input is refused by name, rule and value', () => {
  const good = { customer: [1, 1], item: [0, 1], time: [0, DAY] };
  const message = (body: () => unknown) => {
    try {
      body();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing thrown';
  };
  const of = (change: object, options?: OrderOptions) =>
    message(() => DirectedGraph.fromOrders({ ...good, ...change }, options));
  assert.match(of({ time: [0, Number.NaN] }), 'time[1] must be epoch seconds from 0, got NaN');
  assert.match(of({ time: undefined }), 'time must be an array, got undefined');
  assert.match(of({ item: [0] }), 'item must have 2 entries, got 1');
  assert.match(of({ item: [0, -1] }), /item\[1\] must be a node from 0 to \d+, got -1/);
  assert.match(of({ item: [0, 3] }, { nodeCount: 3 }), 'item[1] must be a node from 0 to 2, got 3');
  assert.match(of({ item: ['a', 3] }), 'item[1] must be text, got 3');
  assert.match(of({ customer: [0, 0.5] }), 'customer[1] must be a whole number from 0, got 0.5');
  assert.match(of({}, { window: 'order' }), 'order must be an array, got undefined');
  assert.match(of({}, { window: 'week' as never }), 'window must be one of day, order, got "week"');
  assert.match(of({}, { minSupport: 0 }), 'minSupport must be a whole number from 1');
  assert.match(of({}, { lift: 2 } as never), 'unknown option "lift"');
  assert.match(
    of({ item: ['a', 'b'] }, { nodeCount: 2 }),
    'ids and nodeCount belong to items given as codes',
  );
});

test('no lines give an empty graph', () => {
  const g = DirectedGraph.fromOrders({ customer: [], order: [], item: [], time: [] });
  assert.is(g.nodeCount, 0);
  assert.is(g.orders!.baskets, 0);
});

/** The definition, word by word. */
function naive(lines: Line[], o: OrderOptions): string[] {
  const customers = new Map<string, Map<number, Set<string>>>();
  for (const { c, i, t } of lines) {
    const days = customers.get(c) ?? new Map<number, Set<string>>();
    customers.set(c, days);
    const day = Math.floor(t / DAY);
    days.set(day, (days.get(day) ?? new Set()).add(i));
  }
  const events: { u: string; v: string; day: number }[] = [];
  for (const days of customers.values()) {
    const sorted = [...days].sort(([a], [b]) => a - b);
    const bought = new Set<string>();
    sorted.forEach(([day, basket], k) => {
      if (o.mode === 'co-purchase') {
        for (const u of basket) for (const v of basket) if (u !== v) events.push({ u, v, day });
      } else if (k > 0) {
        const fresh = [...basket].filter((v) => !(o.firstPurchasesOnly && bought.has(v)));
        for (const u of sorted[k - 1][1]) for (const v of fresh) if (u !== v) events.push({ u, v, day });
      }
      for (const v of basket) bought.add(v);
    });
  }
  const pairs = new Map<string, number[]>();
  for (const { u, v, day } of events) pairs.set(`${u}>${v}`, [...(pairs.get(`${u}>${v}`) ?? []), day]);
  return [...pairs]
    .filter(([pair, days]) => {
      const [u, v] = pair.split('>');
      const expected = events.filter((e) => e.u === u).length * events.filter((e) => e.v === v).length;
      return days.length >= o.minSupport! && (days.length * events.length) / expected >= o.minLift!;
    })
    .map(([pair, days]) => `${pair} ${days.length} @${days.sort((a, b) => a - b)[o.minSupport! - 1] * DAY}`)
    .sort();
}

test('equals the definition on any order lines, in any row order', () => {
  const line = fc.record({
    c: fc.constantFrom('a', 'b', 'c'),
    o: fc.constant('1'),
    i: fc.constantFrom('p', 'q', 'r', 's', 't'),
    t: fc.integer({ min: 0, max: 6 * DAY }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40 }),
      fc.record({
        mode: fc.constantFrom('next' as const, 'co-purchase' as const),
        firstPurchasesOnly: fc.boolean(),
        minSupport: fc.integer({ min: 1, max: 3 }),
        minLift: fc.constantFrom(0, 0.5, 1, 2),
      }),
      (lines, options) => {
        const expected = naive(lines, options);
        assert.equal(listed(build(lines, options)).sort(), expected);
        assert.equal(listed(build([...lines].reverse(), options)).sort(), expected);
      },
    ),
    { numRuns: 300 },
  );
});

const folder = dataset('online-retail');
(folder ? test : test.skip)('online-retail: transactions.csv.gz gives edges.csv.gz exactly', () => {
  const lines = columns(`${folder}/transactions.csv.gz`, ['customer', 'invoice', 'item', 'timestamp']);
  const edges = columns(`${folder}/edges.csv.gz`, ['source', 'target', 'weight', 'timestamp']);
  const item = Int32Array.from(lines.item);
  const start = performance.now();
  const g = DirectedGraph.fromOrders(
    { customer: lines.customer, item, time: lines.timestamp },
    { nodeCount: 3502 },
  );
  const elapsed = performance.now() - start;
  assert.equal(
    { ...g.orders },
    {
      customers: 3613,
      baskets: 11_894,
      basketPairs: 8281,
      capped: 2,
      events: 3_252_364,
      pairsSeen: 1_825_223,
      pairsKept: 116_545,
    },
  );
  assert.equal(rowOfEntry(g.out), Uint32Array.from(edges.source));
  assert.equal(g.out.indices, Uint32Array.from(edges.target));
  assert.equal(g.out.weights, Float32Array.from(edges.weight));
  assert.equal(g.out.timestamps, edges.timestamp);
  assert.ok(elapsed < 5000, `took ${elapsed} ms`);
});

test.run();
