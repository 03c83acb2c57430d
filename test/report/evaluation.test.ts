import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { readEvaluation } from '../../src/report/index.ts';

const method = (hitRate: number) => ({
  'hitRate@10': hitRate,
  'hitRate@10Error': 0.01,
  'mrr@10': hitRate / 2,
  byOutDegree: [{ range: '0', edges: 5, 'hitRate@10': 0.2, 'mrr@10': 0.1 }],
  byInDegree: [],
  'coverage@10': 0.5,
  symmetricPairAudit: { answers: 0.1, train: 0.2, known: 0.3 },
});
// biome-ignore lint/suspicious/noExplicitAny: a document to be broken in every way
const document = (): any => ({
  nodes: 100,
  edges: 500,
  split: { train: 400, validation: 50, test: 50, kind: 'random', seed: 1 },
  methods: { popularity: method(0.1), ranker: method(0.5) },
  verdict: { sentence: 'a b', lines: ['a', 'b'] },
  direction: { edges: 40, raw: 0.8, offset: 0.85, head: 0.9, degrees: 0.7 },
  notes: [],
});

test('what evaluate prints is read, the best method first', () => {
  const read = readEvaluation(JSON.stringify(document()));
  assert.equal(
    read.methods.map(({ name, hitRate }) => [name, hitRate]),
    [
      ['ranker', 0.5],
      ['popularity', 0.1],
    ],
  );
  assert.equal(read.methods[0].byOutDegree, [{ range: '0', edges: 5, hitRate: 0.2 }]);
  assert.is(read.methods[0].directionPaired, undefined);
  assert.equal(read.verdict, ['a', 'b']);
  assert.is(read.hidden, 50);
  assert.is(read.direction!.head, 0.9);
});

test('a document with only what is needed', () => {
  const { nodes, edges, split, methods } = document();
  const read = readEvaluation(JSON.stringify({ nodes, edges, split: { test: split.test }, methods }));
  assert.equal(read.verdict, []);
  assert.is(read.direction, undefined);
  assert.is(read.seed, undefined);
});

test('a wrong field is a DataError that names file, field and rule', () => {
  const cases: [(d: ReturnType<typeof document>) => unknown, RegExp][] = [
    [() => 'text', /^e\.json: the document must be an object, got string/],
    [() => [], /the document must be an object, got a list/],
    [() => ({}), /methods must be an object, got nothing/],
    [(d) => ({ ...d, methods: {} }), /methods must hold 1 to 100 methods, got 0/],
    [
      (d) => ({ ...d, methods: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, method(0)])) }),
      /methods must hold 1 to 100 methods, got 101/,
    ],
    [
      (d) => ({ ...d, methods: { ...d.methods, ranker: null } }),
      /methods\.ranker must be an object, got null/,
    ],
    [
      (d) => ({ ...d, methods: { ranker: { ...method(0.5), 'hitRate@10': 1.5 } } }),
      /methods\.ranker\.hitRate@10 must be a number from 0 to 1, got 1\.5/,
    ],
    [
      (d) => ({ ...d, methods: { ranker: { ...method(0.5), 'hitRate@10': '0.5' } } }),
      /methods\.ranker\.hitRate@10 must be a number from 0 to 1, got string/,
    ],
    [
      (d) => ({ ...d, methods: { ranker: { ...method(0.5), byInDegree: [{ range: 1 }] } } }),
      /methods\.ranker\.byInDegree\[0\]\.range must be text, got number/,
    ],
    [(d) => ({ ...d, nodes: -1 }), /nodes must be a number from 0 /],
    [(d) => ({ ...d, split: { test: {} } }), /split\.test must be a number/],
    [(d) => ({ ...d, verdict: { lines: [3] } }), /verdict\.lines\[0\] must be text, got number/],
    [(d) => ({ ...d, verdict: 'yes' }), /verdict must be an object, got string/],
    [
      (d) => ({ ...d, direction: { ...d.direction, head: 2 } }),
      /direction\.head must be a number from 0 to 1, got 2/,
    ],
    [(d) => ({ ...d, notes: 'x' }), /notes must be a list, got string/],
    [(d) => ({ ...d, methods: { ['m'.repeat(500)]: 1 } }), /methods\.m{60}\.\.\. must be an object/],
  ];
  for (const [broken, message] of cases) {
    assert.throws(
      () => readEvaluation(JSON.stringify(broken(document())), 'e.json'),
      (error: DataError) => {
        assert.instance(error, DataError);
        assert.is(error.code, 'bad-json');
        assert.is(error.file, 'e.json');
        assert.match(error.message, message);
        return true;
      },
    );
  }
  for (const text of ['', '{', '{"a":1}{"b":2}', 'NaN', '\u0000']) {
    assert.throws(() => readEvaluation(text, 'e.json'), /e\.json: .*(one JSON document|must be an object)/);
  }
});

test('names that objects know are names like others', () => {
  const d = document();
  const text = JSON.stringify(d).replace('"popularity"', '"__proto__"').replace('"ranker"', '"constructor"');
  assert.equal(
    readEvaluation(text).methods.map(({ name }) => name),
    ['constructor', '__proto__'],
  );
});

test.run();
