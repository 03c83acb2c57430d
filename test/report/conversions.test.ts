import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { ageOf } from '../../src/report/conversions/delay.ts';
import { groupsOf, lineOf } from '../../src/report/conversions/steps.ts';
import {
  type ConversionsContent,
  conversionsPage,
  readConversionsEvaluation,
} from '../../src/report/index.ts';

const HOSTILE = `</script><img src=x onerror=alert(1)>"'&\u202e\u0000`;
const STEPS = 3;

const interval = { low: 0.1, high: 0.3 };
const difference = { difference: 0.2, ...interval };
const method = (name: string, names: readonly string[], logLoss: number, gap: number) => ({
  auc: 0.8,
  prAuc: 0.5,
  logLoss,
  pcoc: 0.97,
  ece: 0.02,
  ci: {
    auc: interval,
    logLoss: interval,
    riAuc: { low: 80, high: 90 },
    riLogLoss: { low: gap - 1, high: gap + 1 },
  },
  riAuc: 85,
  riLogLoss: gap,
  against: Object.fromEntries(
    names.filter((other) => other !== name).map((other) => [other, { auc: difference, logLoss: difference }]),
  ),
  bySteps: {
    auc: [0.7, null, 0.9],
    logLoss: [logLoss, logLoss + 0.1, logLoss],
    pcoc: [null, 0.9, 1.1],
    prAuc: [0.1, 0.2, 0.3],
  },
  calibration: [
    { weight: 40, predicted: 0.6, observed: 0.55 },
    { weight: 60, predicted: 0.1, observed: 0.12 },
  ],
  health: { examples: 900, effective: 450, effectiveShare: 0.5, largest: 7.25, clippedShare: 0.125 },
  seconds: 1,
});

// biome-ignore lint/suspicious/noExplicitAny: a document to be broken in every way
const document = (other = 'wait'): any => {
  const names = ['vanilla', 'telescoping', 'oracle', other];
  return {
    methods: {
      vanilla: method('vanilla', names, 0.6, 0),
      telescoping: method('telescoping', names, 0.43, 95.25),
      oracle: method('oracle', names, 0.4, 100),
      [other]: method(other, names, 0.5, 50),
    },
    steps: Array.from({ length: STEPS }, (_, k) => ({
      from: 20 + k,
      to: 21 + k,
      rows: 50 + k,
      positives: 10 * k,
      left: 0,
    })),
    rows: 153,
    open: 4,
    settings: { seed: 3, clip: null },
    counts: { rows: 1000 },
    notes: ['a note'],
  };
};
const evaluation = (given = document()) => readConversionsEvaluation(JSON.stringify(given), 'e.json');

const content = (given: Partial<ConversionsContent> = {}): ConversionsContent => ({
  file: 'm.safetensors',
  bytes: 12_345,
  version: '1.2.3',
  method: 'telescoping',
  window: 8,
  signals: ['cart'],
  features: [
    { name: 'price', kind: 'numeric' },
    { name: 'shelf', kind: 'categorical' },
  ],
  read: [['Converted', '300']],
  rows: 1000,
  curve: {
    age: [1, 2, 4, 8],
    converted: [0.1, 0.2, 0.3, 0.4],
    low: [0.05, 0.15, 0.25, 0.35],
    high: [0.15, 0.25, 0.35, 0.45],
    known: [0.25, 0.5, 0.75, 1],
    final: [0.1, 0.2, 0.3, 1],
  },
  health: { examples: 10, effective: 5, effectiveShare: 0.5, largest: 2, clippedShare: 0 },
  open: {
    rows: 7,
    waiting: [
      { id: 'row-9', age: 0.5, probability: 0.75 },
      { id: 'row-2', age: 3, probability: 0.25 },
    ],
    listed: 500,
  },
  evaluation: evaluation(),
  verdict: ['Verdict: use telescoping.'],
  methodWords: { telescoping: 'keeps a probability for each open row' },
  card: { settings: { seed: 3, ages: [1, 2] } },
  commands: ['fletching conversions train log.csv --out m.safetensors'],
  ...given,
});

const made = async (given?: Partial<ConversionsContent>) => {
  const text = await conversionsPage(content(given));
  const page = parseHTML(text).document;
  const words = (id: string) => page.getElementById(id)!.textContent!.replace(/\s+/g, ' ');
  return { text, page, words };
};

test('every part has its section, and every link and name its place', async () => {
  const { page, text } = await made();
  assert.equal(
    Array.from(page.querySelectorAll('main section'), (section) => section.id),
    ['overview', 'delay', 'methods', 'steps', 'calibration', 'weights', 'open', 'card'],
  );
  const ids = Array.from(page.querySelectorAll('[id]'), (element) => element.id);
  assert.is(new Set(ids).size, ids.length, 'ids are distinct');
  for (const link of page.querySelectorAll('a')) {
    assert.ok(page.getElementById(link.getAttribute('href')!.slice(1)), link.outerHTML);
  }
  assert.not.match(text, /https?:|\ssrc=|@import|url\(/i);
  assert.not.match(text, /NaN|undefined|Infinity|\[object/);
});

test('the numbers are those of the model and the evaluation', async () => {
  const { page, words } = await made();
  assert.match(
    words('overview'),
    /Closed of the gap to knowing the future ?95 % ?log loss; 95 %: 94 to 96 %/,
  );
  assert.match(words('overview'), /Predicted \/ real conversions ?0\.97/);
  assert.match(words('overview'), /Verdict: use telescoping\./);
  assert.match(
    words('delay'),
    /Half of the conversions are in by ?2 days ?90 % of them by ?6\.4 days ?Half of the labels are final by ?8 days/,
  );
  const head = Array.from(page.querySelectorAll('#methods tbody tr'), (row) => row.textContent!);
  const table = head.filter((row) => /0\.0200/.test(row));
  assert.equal(
    table.map((row) => /^[a-z]+/.exec(row)![0]),
    ['oracle', 'telescoping', 'wait', 'vanilla'],
    'lowest log loss first',
  );
  assert.match(table[1], /telescoping0\.43000\.80000\.50000\.970\.020095\.3 %85\.0 %/);
  assert.match(words('steps'), /A step is 1 day; the charts have 3 steps/);
  assert.is(page.querySelectorAll('#steps figure').length, 3 + 2 * 4, 'three, and two a method');
  assert.match(words('steps'), /What it does: keeps a probability for each open row\./);
  assert.match(words('calibration'), /telescoping by 2\.0 points/);
  assert.match(words('weights'), /this model \(telescoping\)10550\.0 %20\.0 %/);
  assert.match(words('weights'), /telescoping90045050\.0 %7\.2512\.5 %/);
  assert.match(words('open'), /7 rows can still change .* 2 of them .* about 1 of these still will/);
  assert.equal(
    Array.from(page.querySelectorAll('#open-list li'), (row) => row.textContent!.trim()),
    ['row-975.0 %, open for 12 h', 'row-225.0 %, open for 3 days'],
  );
});

test('without an evaluation the page says how to make one', async () => {
  const { page, words, text } = await made({ evaluation: undefined, verdict: [], window: undefined });
  assert.match(words('methods'), /fletching conversions evaluate INPUT --json/);
  assert.not.ok(page.getElementById('steps'));
  assert.match(words('card'), /window ?a window a row/);
  assert.not.match(text, /NaN|undefined|Infinity|\[object/);
});

test('an evaluation of other rows or without the method is warned about', async () => {
  const { words } = await made({ rows: 999 });
  assert.match(words('methods'), /of a log with 1,000 rows, the model of one with 999/);
  const other = await made({ method: 'defer' });
  assert.match(other.words('methods'), /did not measure defer/);
  const warned = document();
  warned.methods.wait.health.warning = 'a few examples decide';
  const health = await made({ evaluation: evaluation(warned) });
  assert.match(health.words('weights'), /wait: a few examples decide\./);
});

test('what could not be measured is a dash or left out', async () => {
  const empty = document();
  for (const one of Object.values<ReturnType<typeof method>>(empty.methods)) {
    const none = null as unknown as number;
    Object.assign(one, { auc: none, logLoss: none, pcoc: none, riLogLoss: undefined, riAuc: undefined });
    one.bySteps = {
      auc: [null, null, null],
      logLoss: [none, none, none],
      pcoc: [null, null, null],
      prAuc: [],
    };
    one.calibration = [];
  }
  const { text, words } = await made({
    evaluation: evaluation(empty),
    open: { rows: 0, waiting: [], listed: 5 },
  });
  assert.match(words('calibration'), /No rows were judged/);
  assert.not.match(text, /NaN|undefined|Infinity|\[object/);
});

test('hostile text is inert, and the same content gives the same bytes', async () => {
  const given: Partial<ConversionsContent> = {
    file: HOSTILE,
    method: HOSTILE,
    signals: [HOSTILE],
    features: [{ name: HOSTILE, kind: 'numeric' }],
    read: [[HOSTILE, HOSTILE]],
    health: { ...content().health, warning: HOSTILE },
    open: { rows: 1, waiting: [{ id: HOSTILE, age: 1, probability: 0.5 }], listed: 1 },
    evaluation: evaluation({ ...document(HOSTILE), notes: [HOSTILE] }),
    verdict: [HOSTILE],
    methodWords: { [HOSTILE]: HOSTILE },
    card: { [HOSTILE]: HOSTILE },
    commands: [HOSTILE],
  };
  const [{ text, page }, again] = [await made(given), await made(given)];
  assert.is(text, again.text);
  assert.is(text.match(/<script/g)!.length, 1);
  assert.not.match(text, /<img/);
  assert.not.ok(text.includes('\u202e') || text.includes('\u0000'));
  assert.is(page.querySelectorAll('img, iframe, object').length, 0);
});

test('a wrong field is a DataError that names file, field and rule', () => {
  const changed = (change: (m: Record<string, unknown>) => unknown) => (d: ReturnType<typeof document>) => {
    change(d.methods.wait);
    return d;
  };
  // biome-ignore lint/suspicious/noExplicitAny: parts of every shape
  const part = (m: Record<string, unknown>, name: string) => m[name] as any;
  const cases: [(d: ReturnType<typeof document>) => unknown, RegExp][] = [
    [() => [], /^e\.json: the document must be an object, got a list/],
    [() => ({}), /methods must be an object, got nothing/],
    [(d) => ({ ...d, methods: {} }), /methods must hold 1 to 100 methods, got 0/],
    [(d) => ({ ...d, rows: -1 }), /rows must be a number from 0 /],
    [
      (d) => ({ ...d, steps: [{ ...d.steps[0], rows: 'x' }] }),
      /steps\[0\]\.rows must be a number .* got string/,
    ],
    [changed((m) => delete m.auc), /methods\.wait\.auc must be a number from 0 to 1, got nothing/],
    [changed((m) => (m.auc = 1.5)), /methods\.wait\.auc must be a number from 0 to 1, got 1\.5/],
    [changed((m) => (m.logLoss = 'NaN')), /methods\.wait\.logLoss must be a number .* got string/],
    [changed((m) => delete part(m, 'against').oracle), /methods\.wait\.against\.oracle must be an object/],
    [
      changed((m) => part(m, 'bySteps').auc.push(0.5)),
      /methods\.wait\.bySteps\.auc must hold 3 numbers, got 4/,
    ],
    [
      changed((m) => (part(m, 'bySteps').auc[1] = 'x')),
      /methods\.wait\.bySteps\.auc\[1\] must be a number from 0 to 1 or null, got string/,
    ],
    [
      changed((m) => (m.calibration = Array(1001).fill({ weight: 1, predicted: 0, observed: 0 }))),
      /methods\.wait\.calibration must hold at most 1000 bins, got 1001/,
    ],
    [
      changed((m) => (part(m, 'calibration')[0].observed = 2)),
      /methods\.wait\.calibration\[0\]\.observed must be a number from 0 to 1, got 2/,
    ],
    [
      changed((m) => (part(m, 'health').effectiveShare = null)),
      /methods\.wait\.health\.effectiveShare must be a number/,
    ],
  ];
  for (const [broken, message] of cases) {
    assert.throws(
      () => evaluation(broken(document())),
      (error: DataError) => {
        assert.instance(error, DataError);
        assert.is(error.code, 'bad-json');
        assert.is(error.file, 'e.json');
        assert.match(error.message, message);
        return true;
      },
    );
  }
  for (const text of ['', '{"rows":NaN}', '{"rows":1}{}']) {
    assert.throws(() => readConversionsEvaluation(text, 'e.json'), /e\.json: .*one JSON document/);
  }
  const infinite = JSON.stringify(document()).replace('"rows":153', '"rows":1e999');
  assert.throws(() => readConversionsEvaluation(infinite, 'e.json'), /rows must be a number .* got Infinity/);
});

test('metrics of many steps are drawn in groups, weighted as the whole is', () => {
  const given = document();
  const n = 100;
  given.steps = Array.from({ length: n }, (_, k) => ({
    from: k,
    to: k + 1,
    rows: 1 + (k % 7),
    positives: k % 3,
  }));
  for (const one of Object.values<ReturnType<typeof method>>(given.methods)) {
    const values = Array.from({ length: n }, (_, k) => 0.2 + (k % 11) / 20);
    one.bySteps = { auc: values, logLoss: values, pcoc: values, prAuc: values };
  }
  const read = evaluation(given);
  const groups = groupsOf(read);
  assert.is(groups.length, 34);
  assert.is(groups[33].to, n);
  const line = lineOf(read, read.methods[0], 'logLoss');
  assert.equal(line.x.slice(0, 3), [0, 3, 6]);
  const values = read.methods[0].bySteps.logLoss;
  assert.ok(Math.abs(line.y[0] - (values[0] + 2 * values[1] + 3 * values[2]) / 6) < 1e-12);
  const ratio = lineOf(read, read.methods[0], 'pcoc').y[0];
  assert.ok(Math.abs(ratio - (values[1] + 2 * values[2]) / 3) < 1e-12, 'by conversions');
});

test('the age of a share lies between two ages of the curve', () => {
  assert.is(ageOf([1, 2, 4], [0.25, 0.5, 0.75], 0.5), 2);
  assert.is(ageOf([1, 2, 4], [0.25, 0.5, 0.75], 0.125), 0.5);
  assert.is(ageOf([1, 2, 4], [0.25, 0.5, 0.75], 0.625), 3);
  assert.is(ageOf([1, 2, 4], [0.25, 0.5, 0.75], 0.9), undefined);
  assert.is(ageOf([1], [0], 0.5), undefined);
});

test.run();
