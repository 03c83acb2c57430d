import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { ofLabels } from '../../src/cli/thresholds-columns.ts';
import { acting, judge, judged, oneThreshold } from '../../src/cli/thresholds-judge.ts';
import { methodCells, outOf, ruleText, verdict } from '../../src/cli/thresholds-tell.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import { ThresholdPolicy } from '../../src/uncertainty/policy.ts';
import { engine } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';

/** Without the truth, as a table has them. */
function table(n: number, stream: number) {
  const { truth: _, ...rows } = plantedRows(n, stream);
  return rows;
}

const calibration = table(6000, 300);
const rows = table(6000, 310);
const BOUND = { precision: 0.6, seed: 1 };
const base = oneThreshold(engine, calibration, BOUND);
const single = judged(engine, base, base, rows).test;

test('shares in words', () => {
  assert.equal([0.8, 0.97, 0.995, 1].map(outOf), ['8 of 10', '97 of 100', '995 of 1,000', 'all']);
});

test('a gain at equal precision names what one threshold finds there, so that the sum can be followed', () => {
  const found = judged(engine, fitBoundary(engine, calibration, BOUND), base, rows);
  const [acting, gain] = verdict(found, single);
  const [, mine] = /finds (\d+\.\d) % of the positives; one threshold/.exec(acting)!;
  const [, theirs, points] = /one threshold finds (\d+\.\d) %; that is \+(\d+\.\d) points/.exec(gain)!;
  assert.ok(Math.abs(Number(mine) - Number(theirs) - Number(points)) < 0.11, `${acting}\n${gain}`);
});

test('what is out of reach is said in words, however few rows there are to judge by', () => {
  // From the highest score down never more than half are positive.
  const even = {
    score: Float32Array.from({ length: 400 }, (_, i) => (i + 1) / 401),
    label: Float32Array.from({ length: 400 }, (_, i) => Number(i % 2 === 0)),
  };
  const reach = judge(engine, { calibration: even, test: rows }, { ...BOUND, method: 'single' });
  assert.is(methodCells(reach, false).at(-1), 'out of reach');
  assert.match(verdict(reach, single)[0], /^It acts on no row: nowhere .* are 60 % positive\.$/);
  const few = table(60, 320);
  const refused = judge(engine, { calibration: few, test: few }, { ...BOUND, confidence: 0.9 });
  assert.match(verdict(refused, single)[0], /^Nothing is flagged: 60 rows cannot support .* rows like these/);
  assert.is(methodCells(refused, false).at(-1), 'refused');
  assert.is(methodCells(refused, false).at(-2), '', 'two that act on nothing are not compared');
  const small = judge(engine, { calibration, test: few }, BOUND, base);
  assert.match(verdict(small, single)[0], /^Too few to judge: .* from 30 on something can be said\.$/);
});

test('a policy is told by the scores from which it acts, and how many rows it leaves open', () => {
  const uncertainty = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
  const rule = (edges: number[], high: number[]) =>
    new ThresholdPolicy(
      {
        kind: 'levels',
        edges: Float32Array.from(edges),
        high: Float32Array.from(high),
        low: Float32Array.from(high),
      },
      { method: 'dynamic' },
    );
  assert.is(ruleText(rule([], [0.8456]), undefined), 'It acts on scores from 0.846.');
  assert.is(
    ruleText(rule([0.3, 0.9], [0.5, 0.7, Infinity]), uncertainty),
    'Of the scores it acts on those from 0.5 where the uncertainty is low (0.1), those from 0.7 where the uncertainty is ' +
      'middling (0.5), none where the uncertainty is high (0.9).',
  );
  assert.is(ruleText(rule([0.05], [0.5, Infinity]), uncertainty), undefined);
  const all = -3.4028234663852886e38;
  assert.is(ruleText(rule([], [all]), undefined), 'It acts on every score.');
  assert.match(
    ruleText(rule([0.3], [all, 0.7]), uncertainty)!,
    /acts on all where the uncertainty is low \(0\.1\), those from 0\.7 where/,
  );
  const third = judge(
    engine,
    { calibration, test: rows },
    { ...BOUND, abstain: { uncertaintyAbove: 0.2 } },
    base,
  );
  assert.match(verdict(third, single).join('\n'), /It leaves \d+\.\d % of the rows open \(abstain\)\./);
});

test('a boundary that acts on nothing, and a cell that is no label, are refused with what would help', async () => {
  const even = { score: [0.1, 0.2, 0.3, 0.4], label: [1, 0, 1, 0] };
  const none = fitBoundary(engine, even, { ...BOUND, method: 'single' });
  assert.throws(
    () => acting(none, 'rows.csv'),
    /rows\.csv: no boundary keeps a precision of 0\.6: .* 50\.0 % are positive; a --precision between the two/,
  );
  const empty = new DataError('empty', {
    code: 'empty-value',
    file: 'rows.csv',
    line: 2,
    column: 'bought_at',
  });
  const failing = async (label: string): Promise<string> => {
    try {
      return await ofLabels(label, () => Promise.reject(empty));
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.is(
    await failing('y'),
    'rows.csv, line 2, column bought_at: empty',
    'of another column nothing is said',
  );
  assert.match(
    await failing('bought_at'),
    /^rows\.csv, line 2, column bought_at: empty; a label is 1, 0, or/,
  );
});

test.run();
