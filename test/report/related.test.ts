import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RelatedContent, readEvaluation, relatedPage } from '../../src/report/index.ts';

const HOSTILE = `</script><img src=x onerror=alert(1)>"'&\u202e\u0000`;

const method = (hitRate: number, degrees = ['0', '1-2']) => ({
  'hitRate@10': hitRate,
  'hitRate@10Error': 0.02,
  'mrr@10': hitRate / 2,
  byOutDegree: degrees.map((range) => ({ range, edges: 10, 'hitRate@10': hitRate })),
  byInDegree: degrees.map((range) => ({ range, edges: 10, 'hitRate@10': hitRate })),
  directionPaired: 0.9,
});

const evaluation = (name = 'popularity') =>
  readEvaluation(
    JSON.stringify({
      nodes: 4,
      edges: 5,
      split: { test: 50, kind: 'random', seed: 7 },
      methods: { ranker: method(0.6), control: method(0.5), [name]: method(0.2, ['0']) },
      verdict: { lines: ['Verdict: counts are enough.', 'For whom: nobody.'] },
      direction: { edges: 40, raw: 0.8, offset: 0.85, head: 0.9, degrees: 0.7 },
      notes: ['a note'],
    }),
  );

const content = (given: Partial<RelatedContent> = {}): RelatedContent => ({
  model: {
    file: 'm.safetensors',
    bytes: 12_345,
    hash: 'ab12',
    card: { seed: 1, encoder: { dim: 64 }, history: [1] },
  },
  version: '1.2.3',
  data: {
    nodes: 4,
    edges: 5,
    outDegree: Uint32Array.of(3, 2, 0, 0),
    inDegree: Uint32Array.of(0, 1, 2, 2),
    reciprocal: 0.2,
    read: [['Customers', '12']],
    rejected: [{ file: 'o.csv', column: 'time', rows: 3, reason: 'not a time' }],
    notes: ['odd'],
  },
  training: {
    steps: 300,
    bestStep: 200,
    history: [
      { step: 100, loss: 3, hitRate: 0.4 },
      { step: 200, loss: 2, hitRate: 0.5 },
    ],
    validation: { edges: 50, hitRate: 0.5, mrr: 0.3 },
    ranking: {
      used: true,
      why: '',
      queries: 70,
      heldOut: [
        { method: 'the ranker', hitRate: 0.66, mrr: 0.4 },
        { method: 'plain counts', hitRate: 0.16, mrr: 0.05 },
      ],
      weights: [
        ['embedding', 0.8],
        ['svd', -0.9],
      ],
    },
  },
  survey: {
    asked: 4,
    nodes: 4,
    answers: 12,
    coverage: 0.75,
    tailShare: 0.3,
    tailOfPairs: 0.4,
    symmetric: 0.1,
    answersByTenth: new Float64Array(10).fill(0.1),
    pairsByTenth: new Float64Array(10).fill(0.1),
    sources: [
      ['model', 9],
      ['popular', 3],
    ],
  },
  items: [
    {
      id: 'p1',
      name: 'Phone',
      out: 3,
      in: 0,
      answers: [{ id: 'c1', score: 1.5, known: true, why: 'bought next' }],
    },
    { id: 'c1', out: 0, in: 2, answers: [] },
  ],
  scores: 'Scores are shares.',
  evaluation: evaluation(),
  methodWords: { ranker: 'what ships', popularity: 'what sells most' },
  commands: ['fletching related train o.csv --out m.safetensors'],
  ...given,
});

const made = async (given?: Partial<RelatedContent>) => {
  const { page: text, items } = await relatedPage(content(given));
  return { text, items, document: parseHTML(text).document };
};

test('every part has its section, and every link and name its place', async () => {
  const { document, text } = await made();
  assert.equal(
    Array.from(document.querySelectorAll('main section'), (section) => section.id),
    ['overview', 'quality', 'direction', 'answers', 'items', 'data', 'training', 'card'],
  );
  const ids = Array.from(document.querySelectorAll('[id]'), (element) => element.id);
  assert.is(new Set(ids).size, ids.length, 'ids are distinct');
  for (const link of document.querySelectorAll('a')) {
    assert.ok(document.getElementById(link.getAttribute('href')!.slice(1)), link.outerHTML);
  }
  assert.ok(document.querySelector('label[for=find]') && document.querySelector('input#find'));
  assert.not.match(text, /https?:|\ssrc=|@import|url\(/i);
  assert.not.match(text, /NaN|undefined|Infinity|\[object/);
});

test('the numbers given are the numbers told', async () => {
  const { document } = await made();
  const words = (id: string) => document.getElementById(id)!.textContent!.replace(/\s+/g, ' ');
  assert.match(
    words('overview'),
    /first ten60\.0 %.*counts alone50\.0 %.*method20\.0 %popularity.*Verdict: counts are enough\.For whom: nobody\./,
  );
  assert.match(words('quality'), /50 pairs.*split random, seed 7/);
  assert.match(
    words('quality'),
    /ranker what ships 60\.0 % 2\.0 % 0\.300|rankerwhat ships60\.0 %2\.0 %0\.300/,
  );
  assert.match(words('direction'), /direction head ?0\.900.*numbers of pairs alone.*0\.700/);
  assert.match(words('answers'), /75\.0 %.*30\.0 %.*40\.0 %.*model ?9.*popular ?3/);
  assert.match(words('items'), /The 2 products with the most pairs; 2 more are in the model/);
  assert.match(
    words('items'),
    /Phone p1 ?leads to 3, led to by 0.*c1 ?in the data, score 1\.50 ?bought next/,
  );
  assert.match(
    words('data'),
    /Customers ?12.*odd.*o\.csv ?time ?3 ?not a time.*2 of 4 products lead to none/,
  );
  assert.match(words('training'), /300 steps; the model kept is that of step 200.*from 3\.00 to 2\.00/);
  assert.match(
    words('training'),
    /70 queries set aside.*the ranker ?66\.0 % ?0\.400.*svd ?-0\.9 ?embedding ?0\.8/,
  );
  assert.match(words('card'), /ab12.*fletching related train o\.csv.*encoder\.dim ?64/);
  assert.not.match(words('card'), /history/);
});

test('a hostile id, name, reason, method, file or setting is only text', async () => {
  const base = content();
  const { text, document } = await made({
    model: { ...base.model, file: HOSTILE, card: { [HOSTILE]: HOSTILE, nested: { [HOSTILE]: [HOSTILE] } } },
    data: {
      ...base.data,
      read: [[HOSTILE, HOSTILE]],
      rejected: [{ file: HOSTILE, column: HOSTILE, rows: 1, reason: HOSTILE }],
      notes: [HOSTILE],
    },
    survey: {
      ...base.survey,
      sources: [
        ['model', 1],
        [HOSTILE, 2],
      ],
    },
    items: [
      {
        id: HOSTILE,
        name: HOSTILE,
        out: 1,
        in: 1,
        answers: [{ id: HOSTILE, name: HOSTILE, score: 1e308, known: false, why: HOSTILE }],
      },
    ],
    evaluation: { ...evaluation(HOSTILE), verdict: [HOSTILE], notes: [HOSTILE], splitKind: HOSTILE },
    commands: [HOSTILE],
    methodWords: {},
  });
  assert.is(document.querySelectorAll('img').length, 0);
  assert.is(document.querySelectorAll('script').length, 1);
  assert.is(text.match(/<script/g)!.length, 1);
  assert.not.ok(['<img', '\u202e', '\u0000'].some((part) => text.includes(part)));
  for (const element of document.querySelectorAll('*')) {
    for (const { name } of element.attributes) assert.not.match(name, /^on/, element.tagName);
  }
  const summary = document.querySelector('#items summary')!;
  assert.ok(summary.textContent!.includes(`</script><img src=x onerror=alert(1)>"'&`));
});

test('the same content gives the same bytes', async () => {
  assert.is((await made()).text, (await made()).text);
});

test('without an evaluation, a history or answers the page says so', async () => {
  const base = content();
  const { document, text } = await made({
    evaluation: undefined,
    training: { steps: 0, bestStep: 0, history: [] },
    items: [],
    data: {
      ...base.data,
      nodes: 0,
      edges: 0,
      outDegree: new Uint32Array(0),
      inDegree: new Uint32Array(0),
      read: [],
    },
  });
  assert.match(document.getElementById('quality')!.textContent!, /No evaluation was given.*--evaluation/s);
  assert.match(document.getElementById('training')!.textContent!, /too few looks/);
  assert.match(document.getElementById('data')!.textContent!, /does not say what its training read/);
  assert.not.match(text, /NaN|Infinity|undefined/);
});

test('without an evaluation the headline is of what answers', async () => {
  const headline = async (training: RelatedContent['training']) =>
    (await made({ evaluation: undefined, training })).document.querySelector('.figure.main')!.textContent;
  const { training } = content();
  assert.match((await headline(training))!, /66\.0 %for 70 products set aside/);
  const ranking = { ...training.ranking!, used: false };
  assert.match((await headline({ ...training, ranking }))!, /50\.0 %of 50 pairs that also chose/);
});

test('an evaluation of other data is told', async () => {
  const { document } = await made({ evaluation: { ...evaluation(), nodes: 9 } });
  assert.match(document.querySelector('#quality .warning')!.textContent!, /of 9 products, the model of 4/);
  assert.not.ok((await made()).document.querySelector('#quality .warning'));
});

test('a list too long for a page is cut, and what is left out is counted', async () => {
  const items = Array.from({ length: 3000 }, (_, i) => ({
    id: `${i}-${'x'.repeat(500)}`,
    name: 'n'.repeat(500),
    out: 1,
    in: 1,
    answers: Array.from({ length: 10 }, () => ({
      id: 'y'.repeat(500),
      score: 1,
      known: false,
      why: 'w'.repeat(900),
    })),
  }));
  const { text, document, ...listed } = await made({ items, data: { ...content().data, nodes: 5000 } });
  assert.ok(text.length < 4.3e6, `${text.length} characters`);
  const shown = document.querySelectorAll('#items-list > details').length;
  assert.ok(shown > 100 && shown < 3000, `${shown} shown`);
  assert.is(listed.items, shown);
  const left = (5000 - shown).toLocaleString('en-US');
  assert.ok(
    document.querySelector('#items-list-status')!.textContent!.includes(`${left} more are in the model`),
  );
});

test.run();
