import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verdict } from '../../src/cli/conversions-verdict.ts';

type Judged = Parameters<typeof verdict>[0][number];

const health = { examples: 9, effective: 9, effectiveShare: 1, largest: 1, clippedShare: 0 };
const nothing = { low: Number.NaN, high: Number.NaN };

/** Methods by log loss; intervals of a difference reach `width` to both sides. */
function ranked(losses: Record<string, number>, width: number, gap = true): Judged[] {
  return Object.entries(losses).map(([name, logLoss]) => [
    name,
    {
      logLoss,
      pcoc: 1.2,
      ece: 0.03,
      health,
      ...(gap ? { riLogLoss: 80, riAuc: 70 } : {}),
      ci: {
        auc: nothing,
        logLoss: nothing,
        ...(gap ? { riLogLoss: { low: 70, high: 90 }, riAuc: { low: 60, high: 80 } } : {}),
      },
      against: Object.fromEntries(
        Object.entries(losses).map(([other, theirs]) => {
          const difference = logLoss - theirs;
          return [other, { logLoss: { difference, low: difference - width, high: difference + width } }];
        }),
      ),
    },
  ]);
}

const MANY = { steps: [{ positives: 500 }] };
const lines = (losses: Record<string, number>, width: number) => verdict(ranked(losses, width), MANY);

test('the default is to be used unless another is better for sure', () => {
  const [sure, gap, calibration] = lines({ oracle: 0.4, telescoping: 0.41, fnw: 0.43 }, 0.005);
  assert.is(
    sure,
    'Verdict: use telescoping: its log loss is 0.0200 below that of the next, fnw (95 %: 0.0150 to 0.0250).',
  );
  assert.match(gap, /telescoping closes 80 % of log loss \(95 %: 70 to 90\) and 70 % of AUC/);
  assert.match(calibration, /telescoping had predicted 120; it promises too much/);
  const [chance, , itsOwn] = lines({ fnc: 0.41, gdfm: 0.412, telescoping: 0.414, vanilla: 0.5 }, 0.01);
  assert.is(
    chance,
    'Verdict: use telescoping. fnc has a log loss that is 0.0040 lower here, which may be chance (95 %: -0.0060 to 0.0140).',
  );
  assert.match(itsOwn, /telescoping had predicted/, 'the figures are those of the method to use');
  const [other] = lines({ fnc: 0.41, gdfm: 0.412, telescoping: 0.45 }, 0.01);
  assert.match(other, /^Verdict: use fnc: .* This log does not tell it for sure from gdfm\.$/);
});

test('nothing is said of a gap that is not there, of one method alone, or of a handful of conversions', () => {
  const found = verdict(ranked({ telescoping: 0.4, vanilla: 0.41 }, 0.001, false), MANY);
  assert.is(found.length, 2);
  assert.match(found[1], /^Calibration/);
  assert.is(verdict(ranked({ oracle: 0.4, telescoping: 0.41 }, 0.001), MANY).length, 2);
  assert.equal(verdict(ranked({ telescoping: 0.4, vanilla: 0.41 }, 0.001), { steps: [{ positives: 22 }] }), [
    'Too few to judge: 22 conversions in the rows judged; from 30 on something can be said.',
  ]);
});

test.run();
