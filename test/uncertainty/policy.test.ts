import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import { ThresholdPolicy } from '../../src/uncertainty/policy.ts';
import { engine } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';

const { truth: _, ...holdout } = plantedRows(4000, 1);
const abstain = { negatives: 0.95, uncertaintyAbove: 0.95 };
const levels = fitBoundary(engine, holdout, { precision: 0.6, abstain }).policy.toJSON();
const nested = fitBoundary(engine, holdout, {
  precision: 0.6,
  method: 'dynamic',
  nesting: 'score-first',
  abstain,
}).policy.toJSON();

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('a policy written and read is the same, to the byte', () => {
  for (const json of [levels, nested]) {
    const again = ThresholdPolicy.fromJSON(plain(json));
    assert.equal(plain(again), plain(json));
  }
});

/** The JSON with one place changed. */
function changed(json: unknown, path: string, value: unknown): unknown {
  const copy = plain(json);
  const keys = path.split('.');
  const last = keys.pop()!;
  const at = keys.reduce((x, key) => x[key], copy);
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const refused = (json: unknown, message: RegExp) =>
  assert.throws(
    () => ThresholdPolicy.fromJSON(json),
    (error: Error) =>
      (error instanceof TypeError || error instanceof RangeError) && message.test(error.message),
    `${message}`,
  );

test('tampered JSON is refused by the name of what is wrong', () => {
  refused(null, /policy must be an object/);
  refused([], /policy must be an object/);
  refused('policy', /policy must be an object/);
  refused({}, /policy must have format/);
  refused(changed(levels, 'format', 'x'), /policy.format must be one of/);
  refused(changed(levels, 'version', 2), /policy.version must be 1/);
  refused(changed(levels, 'extra', 1), /unknown key extra/);
  refused(changed(levels, 'rule', null), /rule.kind must be one of/);
  refused(changed(levels, 'rule.kind', 'magic'), /rule.kind must be one of/);
  refused(changed(levels, 'rule.more', 1), /rule has an unknown key more/);
  refused(changed(levels, 'rule.high', undefined), /rule must have high/);
  refused(changed(levels, 'rule.high', [0.5]), /high must have \d+ entries, got 1/);
  refused(changed(levels, 'rule.high', { length: 201 }), /high must be an array/);
  refused(changed(levels, 'rule.high.3', '0.5'), /high\[3\] must be a number/);
  refused(changed(levels, 'rule.high.3', 1e39), /high\[3\] must be a finite number/);
  refused(changed(levels, 'rule.low.3', 2), /low\[3\] must be at most high\[3\]/);
  refused(changed(levels, 'rule.edges.3', 0.99), /edges must ascend/);
  refused(changed(levels, 'rule.edges.3', null), /edges\[3\] must be a number/);
  refused(changed(levels, 'uncertaintyAbove', 'high'), /policy.uncertaintyAbove must be a number/);
  refused(changed(levels, 'card', undefined), /policy must have card/);
  refused(changed(levels, 'card.method', 3), /card.method must be text/);
  refused(changed(levels, 'card.precision', 1.2), /card.precision must be/);
  refused(changed(levels, 'card.rows', -1), /card.rows must be/);
  refused(changed(levels, 'card.certified', 'yes'), /card.certified must be true or false/);
  refused(changed(levels, 'card.statement', 'x'.repeat(3000)), /card.statement must have at most/);
  refused(changed(nested, 'rule.inner', [1]), /inner must have \d+ entries, got 1/);
  refused(changed(nested, 'rule.high', []), /high must have at least one level/);
  refused(changed(nested, 'rule.high.0', 61), /high\[0\] must be a whole number from 0 to 60/);
  refused(changed(nested, 'rule.high.0', 1.5), /high\[0\] must be a whole number/);
  refused(changed(nested, 'rule.outer.0', 2), /outer must ascend/);
});

test('whatever JSON comes, the answer is a policy or a typed error', () => {
  const keys = fc.constantFrom(
    'format',
    'version',
    'card',
    'rule',
    'rule.high',
    'rule.edges',
    'rule.low',
    'card.method',
  );
  fc.assert(
    fc.property(keys, fc.jsonValue(), fc.constantFrom(levels, nested), (path, value, json) => {
      try {
        const policy = ThresholdPolicy.fromJSON(changed(json, path, value));
        assert.ok(['positive', 'negative', 'abstain'].includes(policy.decide(0.5, 0.5)));
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('a decision without a finite score or a needed uncertainty is refused', () => {
  const policy = ThresholdPolicy.fromJSON(plain(levels));
  assert.throws(() => policy.decide(Number.NaN, 0.1), /score must be a finite number/);
  assert.throws(() => policy.decide(0.5, Infinity), /uncertainty must be a finite number/);
  assert.throws(() => policy.decide(0.5), /uncertainty must be given/);
  assert.throws(() => policy.decide('0.5' as never, 0.1), /score must be a number/);
  const score = Float32Array.from({ length: 70_000 }, () => 0.5);
  const uncertainty = score.slice();
  assert.throws(() => policy.decideBatch(engine, score), /uncertainty must be given/);
  assert.throws(
    () => policy.decideBatch(engine, score, uncertainty.subarray(1)),
    /uncertainty must have 70000/,
  );
  uncertainty[66_001] = Number.NaN;
  assert.throws(
    () => policy.decideBatch(engine, score, uncertainty),
    /uncertainty\[66001\] must be a finite number, got NaN/,
  );
  score[65_999] = Infinity;
  assert.throws(
    () => policy.decideBatch(engine, score, uncertainty),
    /score\[65999\] must be a finite number/,
  );
  assert.is(policy.decideBatch(engine, [], []).length, 0);
});

test('one threshold needs no uncertainty', () => {
  const { policy } = fitBoundary(
    engine,
    { score: holdout.score, label: holdout.label },
    { precision: 0.5, method: 'single' },
  );
  const cut = (policy.toJSON().rule as { high: number[] }).high[0];
  assert.is(policy.decide(cut), 'positive');
  assert.is(policy.decide(cut - 1e-3), 'negative');
  assert.equal(policy.decideBatch(engine, [cut, 0]), Uint8Array.of(1, 0));
});

test.run();
