import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ThresholdsContent, thresholdsPage } from '../../src/report/index.ts';

const HOSTILE = `</script><img src=x onerror=alert(1)>"'&\u202e\u0000`;

const point = (name: string, recall: number, precision = 0.7) => ({
  name,
  recall,
  recallInterval: [recall - 0.01, recall + 0.01] as const,
  precision,
  precisionInterval: [0.68, 0.72] as const,
  acts: 0.075,
});

const content = (given: Partial<ThresholdsContent> = {}): ThresholdsContent => ({
  file: 'policy.json',
  bytes: 8000,
  version: '1.2.3',
  method: 'surface',
  precision: 0.7,
  verdict: ['Acting on 75 of 1,000 rows keeps 7 of 10 right.'],
  rows: 60_000,
  positives: 10_000,
  how: 'parted as the split column says',
  points: [point('this policy', 0.3), point('one threshold', 0.2)],
  gain: { gain: 0.1, interval: [0.09, 0.11] },
  plane: {
    score: [0, 0.5, 1],
    uncertainty: [0, 0.1, 0.2],
    rate: [0.1, 0.9, Number.NaN, 0.6],
    boundary: { score: [0.4, 0.6], uncertainty: [0, 0.2] },
    fewest: 10,
  },
  curves: [{ name: 'one threshold', recall: Float64Array.of(0.1, 1), precision: Float64Array.of(0.9, 0.2) }],
  reliability: { score: [0.1, 0.8], rate: [0.1, 0.6], error: [0.01, 0.02], rows: [100, 50], ece: 0.05 },
  likelihood: { millinats: 15.2, standardError: 0.7 },
  card: { method: 'surface', settings: { levels: 5 } },
  commands: ['fletching thresholds fit'],
  ...given,
});

const parse = (page: string) => parseHTML(page).document;

test('the figures, the plane with its boundary, the curves and the reliability', async () => {
  const page = await thresholdsPage(content());
  const document = parse(page);
  const figures = [...document.querySelectorAll('.figure dd')].map((dd) => dd.textContent);
  assert.match(figures[0]!, /^30\.0 %/);
  assert.match(figures[1]!, /^70\.0 %.*asked for 70/);
  assert.match(figures[3]!, /^\+10\.0 points95.%: \+9\.0 to \+11\.0/);
  assert.is(document.querySelectorAll('figure.chart').length, 3);
  assert.match(page, /15\.2 ± 0\.7 millinats/);
  assert.is(page, await thresholdsPage(content()), 'the same content gives the same bytes');
});

test('one threshold that acts on nothing, without an uncertainty', async () => {
  const {
    plane: _,
    reliability: __,
    gain: ___,
    ...rest
  } = content({
    method: 'single',
    points: [point('this policy', 0, Number.NaN)],
  });
  const document = parse(await thresholdsPage(rest));
  assert.equal(
    [...document.querySelectorAll('h2')].map((h) => h.textContent),
    ['Overview', 'Precision and recall', 'Card'],
  );
  assert.is(document.querySelectorAll('.figure').length, 3);
  assert.match(document.querySelectorAll('.figure dd')[1].textContent!, /^\u2013/);
});

test('texts of a file are shown and do nothing', async () => {
  const page = await thresholdsPage(
    content({
      file: HOSTILE,
      method: HOSTILE,
      statement: HOSTILE,
      verdict: [HOSTILE],
      how: HOSTILE,
      points: [point(HOSTILE, 0.3)],
      card: { [HOSTILE]: HOSTILE },
      commands: [HOSTILE],
    }),
  );
  const document = parse(page);
  assert.is(document.querySelectorAll('img').length, 0);
  assert.is(document.querySelectorAll('script').length, 1);
  assert.not.match(page, /\u202e/);
});

test.run();
