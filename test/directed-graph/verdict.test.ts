import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Evaluation, Metrics } from '../../src/directed-graph/evaluate.ts';
import { verdict } from '../../src/directed-graph/verdict.ts';

const measured = (hit: number, error: number, more: Partial<Metrics> = {}) =>
  ({ edges: 100, 'hitRate@10': hit, 'hitRate@10Error': error, 'mrr@10': hit / 2, ...more }) as Metrics;

const of = (methods: Record<string, Metrics>, more: Partial<Evaluation> = {}): Evaluation => ({
  nodes: 100,
  edges: 1000,
  split: { train: 800, validation: 100, test: 100 },
  filter: 'train',
  methods,
  ...more,
});

/** A hundred ranks: 1 for the edges listed, 50 for others. */
const ranks = (found: (i: number) => boolean) =>
  Float64Array.from({ length: 100 }, (_, i) => (found(i) ? 1 : 50));

test('the gain over the control and over the best baseline is weighed by its error', () => {
  const v = verdict(
    of({
      popularity: measured(0.1, 0.01),
      svd: measured(0.5, 0.01),
      control: measured(0.55, 0.01),
      embedding: measured(0.58, 0.01),
      ranker: measured(0.6, 0.01),
    }),
  );
  assert.is(v.method, 'ranker');
  assert.is(v.outcome, 'better');
  assert.is(v.countsEnough, false);
  assert.is(v.control?.method, 'control');
  assert.is(v.best?.method, 'svd');
  assert.ok(Math.abs(v.best!.gain - 0.1) < 1e-12 && Math.abs(v.best!.error - Math.SQRT2 / 100) < 1e-12);
  assert.ok(Math.abs(v.control!.mrrGain - 0.025) < 1e-12);
  assert.match(
    v.lines[0],
    /^Verdict: learned vectors are worth it\. The ranker is clearly better than the same without learned vectors/,
  );
  assert.match(
    v.lines[0],
    /: 5\.0 points of the first-ten rate, 3\.5 standard errors \(taken as independent\)\.$/,
  );
  assert.match(v.lines[1], /clearly better than the best of 2 other methods, svd: 10\.0 points/);
  assert.is(v.sentence, v.lines.join(' '));
  assert.equal(JSON.parse(JSON.stringify(v)), v);
});

test('every outcome has its words, also when nothing is won', () => {
  const against = (ranker: number, error: number) =>
    verdict(of({ ranker: measured(ranker, error), control: measured(0.5, error) }));
  const words: [ranker: number, error: number, outcome: string, counts: boolean, text: RegExp][] = [
    [0.53, 0.01, 'better', false, /vectors are worth it/],
    [0.53, 0.015, 'somewhat better', true, /may be worth it.*from 2 on it is clear/],
    [0.505, 0.01, 'no difference', true, /counts are enough.*no real improvement over .*: \+0\.5 points/],
    [0.495, 0.01, 'no difference', true, /counts are enough.*: -0\.5 points/],
    [0.5, 0, 'no difference', true, /counts are enough.* 0\.0 standard errors/],
    [0.48, 0.01, 'somewhat worse', true, /counts are enough.*somewhat worse/],
    [0.4, 0.01, 'worse', true, /counts are better.*clearly worse/],
  ];
  for (const [ranker, error, outcome, enough, text] of words) {
    const v = against(ranker, error);
    assert.is(v.outcome, outcome);
    assert.is(v.countsEnough, enough, outcome);
    assert.match(v.lines[0], text);
  }
});

test('counts are enough where one simple method does as well, though the control is beaten', () => {
  const v = verdict(
    of({ ranker: measured(0.6, 0.01), control: measured(0.5, 0.01), ease: measured(0.6, 0.01) }),
  );
  assert.is(v.outcome, 'better');
  assert.is(v.countsEnough, true);
  assert.match(v.lines[1], /no real improvement over ease/);
});

test('errors are paired where ranks are known: only edges that one of the two finds count', () => {
  // Both find the first 50; 12 of the others are found by the ranker, 3 by the control: 9 / sqrt(15) = 2.32.
  const ranker = ranks((i) => i < 62);
  const control = ranks((i) => i < 50 || i >= 97);
  const methods = {
    ranker: measured(0.62, 0.0485, { ranks: ranker }),
    control: measured(0.53, 0.0499, { ranks: control }),
  };
  const v = verdict(of(methods));
  assert.is(v.outcome, 'better');
  assert.ok(v.control!.paired);
  assert.ok(
    Math.abs(v.control!.gain - 0.09) < 1e-12 && Math.abs(v.control!.error - Math.sqrt(15) / 100) < 1e-12,
  );
  assert.match(v.lines[0], /9\.0 points .* 2\.3 standard errors \(paired\)/);
  const bare = { ranker: measured(0.62, 0.0485), control: measured(0.53, 0.0499) };
  assert.is(verdict(of(bare)).outcome, 'somewhat better');
});

test('for whom: groups by degree, told where the difference is clear', () => {
  // The first 40 edges go to rare targets, and only the ranker finds 20 of them; elsewhere both find the same.
  const methods = {
    ranker: measured(0.5, 0.05, { ranks: ranks((i) => i < 20 || i >= 70) }),
    control: measured(0.3, 0.05, { ranks: ranks((i) => i >= 70) }),
    ease: measured(0.3, 0.05, { ranks: ranks((i) => i >= 70) }),
  };
  const degrees = {
    source: Uint32Array.from({ length: 100 }, (_, i) => (i % 2 ? 1 : 30)),
    target: Uint32Array.from({ length: 100 }, (_, i) => (i < 40 ? 5 : i < 80 ? 21 : 10)),
  };
  const v = verdict(of(methods, { degrees }));
  assert.equal(
    v.groups.map(({ of, range, edges }) => [of, range, edges]),
    [
      ['query', '0-2', 50],
      ['query', '>10', 50],
      ['target', '0-5', 40],
      ['target', '>20', 40],
    ],
    'a group of fewer than 30 edges says nothing',
  );
  const [, , rare, popular] = v.groups;
  assert.is(rare['hitRate@10'], 0.5);
  assert.ok(Math.abs(rare.control!.gain - 0.5) < 1e-12 && rare.best!.method === 'ease');
  assert.is(popular.control!.gain, 0);
  const line = v.lines.find((text) => text.startsWith('For whom'))!;
  assert.match(line, /better than the control for .*answers that 0 to 5 products lead to \(50\.0 points\)/);
  assert.not.match(line, /more than 20 products lead to/);
  assert.match(line, /Rare answers .*: 50 % found/);
  const same = verdict(of({ ...methods, ranker: methods.control }, { degrees }));
  assert.match(same.sentence, /no group of products differs clearly from the control/);
});

test('direction is told with the control of degrees beside it', () => {
  const methods = {
    ranker: measured(0.6, 0.01, {
      directionPaired: 0.8,
      directionPairedMatched: 0.7,
      directionMatchedEdges: 40,
    }),
    control: measured(0.5, 0.01),
  };
  const direction = { edges: 60, raw: 0.75, offset: 0.881, head: 0.951, degrees: 0.94 };
  const text = verdict(of(methods, { direction })).lines.at(-1)!;
  assert.match(
    text,
    /the ranker puts the right way first in 80 %; 70 % where both sell about equally \(40 pairs\)/,
  );
  assert.match(text, /score 0\.75, with an offset of the query 0\.88, direction head 0\.95; .* 0\.94\.$/);
  assert.match(verdict(of(methods)).lines.at(-1)!, /Guessing gives 50 %\.$/);
});

test('too little to judge, and nothing to judge', () => {
  const few = (edges: number, nodes: number) =>
    verdict(
      of({ ranker: measured(0.6, 0.01, { edges }), control: measured(0.5, 0.01, { edges }) }, { nodes }),
    );
  assert.equal(few(1, 100).lines, ['Too few to judge: 1 hidden pair among 100 products.']);
  for (const v of [few(29, 100), few(30, 20)]) {
    assert.match(v.sentence, /^Too few to judge/);
    assert.is(v.outcome, undefined);
    assert.equal(v.groups, []);
  }
  assert.match(few(30, 21).sentence, /^Verdict: /);
  assert.match(verdict(of({ svd: measured(0.5, 0.1) })).sentence, /^Nothing to judge/);
  const alone = verdict(of({ embedding: measured(0.5, 0.1) }));
  assert.match(alone.sentence, /^Nothing to compare with: only the embedding was measured\.$/);
  assert.is(alone.countsEnough, undefined);
});

test.run();
