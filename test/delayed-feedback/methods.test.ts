import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Clock, EVENT } from '../../src/delayed-feedback/clock.ts';
import { Emitter } from '../../src/delayed-feedback/emitter.ts';
import type { NuisanceValues, Scheme } from '../../src/delayed-feedback/methods/emission.ts';
import { KIND } from '../../src/delayed-feedback/methods/emission.ts';
import { SCHEMES } from '../../src/delayed-feedback/methods/index.ts';
import { OpenRows } from '../../src/delayed-feedback/open-rows.ts';
import { close } from '../helpers/close.ts';

interface Shown {
  row: number;
  label: number;
  kind: number;
  stage: number;
}

/** Ten rows exposed at 0 with a window of 10: the first converts at .5, the second at 5, the others never; e = 1. */
function shownBy(scheme: Scheme, ages = [1], until = 20): Shown[] {
  const rows = new OpenRows(10);
  const shown: Shown[] = [];
  const truth = (row: number) => (row < 2 ? 1 : 0);
  const emitter = new Emitter(rows, { rule: scheme.rule, ages, truth }, (row, label, kind, stage) =>
    shown.push({ row, label, kind, stage }),
  );
  const clock = new Clock(rows, emitter, 0, 10, (row) => rows.shut(row));
  for (let row = 0; row < 10; row++) {
    rows.open(row, 0, 10);
    clock.tell(0, EVENT.exposure, row);
  }
  clock.tell(0.5, EVENT.conversion, 0);
  clock.advance(Math.min(until, 2), true);
  emitter.finish();
  if (until > 5) clock.tell(5, EVENT.conversion, 1);
  clock.advance(until, true);
  emitter.finish();
  return shown;
}

/** p = .2, of which half converts after e. */
const TRUTH: Record<keyof NuisanceValues, number> = {
  late: 0.1,
  stays: 0.8 / 0.9,
  staysSignals: 0.8 / 0.9,
  early: 0.5,
  survival: 0.5,
  evidence: 0.5,
  stageWeight: 1,
};

/** Weights a and b of every example shown, at the model's output p. */
function weights(scheme: Scheme, shown: Shown[], p: number, nuisance = TRUTH) {
  const n = shown.length;
  const filled = Object.fromEntries(
    Object.entries(nuisance).map(([name, value]) => [name, new Float32Array(n).fill(value)]),
  ) as unknown as NuisanceValues;
  const column = (of: (x: Shown) => number) => Uint8Array.from(shown, of);
  const batch = {
    count: n,
    label: column((x) => x.label),
    kind: column((x) => x.kind),
    stage: column((x) => x.stage),
    pattern: new Uint8Array(n),
  };
  const [a, b] = [new Float32Array(n), new Float32Array(n)];
  scheme.weigh(batch, new Float32Array(n).fill(p), filled, a, b);
  return { a, b };
}

/** The output at which the gradients of all examples cancel. */
function optimum(scheme: Scheme, shown: Shown[], nuisance = TRUTH): number {
  let [low, high] = [1e-4, 1 - 1e-4];
  for (let turn = 0; turn < 60; turn++) {
    const p = (low + high) / 2;
    const { a, b } = weights(scheme, shown, p, nuisance);
    const slope = a.reduce((sum, w, i) => sum + w * (p - 1) + b[i] * p, 0);
    if (slope > 0) high = p;
    else low = p;
  }
  return (low + high) / 2;
}

const unbiased = [
  'oracle',
  'fnw',
  'fnc',
  'fsiw',
  'dfm',
  'esdfm',
  'defer',
  'defuse',
  'softLabel',
  'gdfm',
  'engagement',
] as const;
for (const name of unbiased) {
  test(`${name}: the stream and its loss have their optimum at the truth`, () => {
    const scheme = SCHEMES[name];
    const p = optimum(scheme, shownBy(scheme));
    close([scheme.output ? scheme.output(p) : p], [0.2], { absolute: 1e-5 });
  });
}

test('schemes that leave a bias have the bias they are known for', () => {
  const at = (name: keyof typeof SCHEMES) => optimum(SCHEMES[name], shownBy(SCHEMES[name]));
  close([at('vanilla'), at('wait'), at('reinsert'), at('fnc')], [0.1, 0.1, 1 / 6, 1 / 6], { absolute: 1e-5 });
  assert.equal(shownBy(SCHEMES.static), []);
});

test('golden weights of section 2.2', () => {
  const pair = (name: keyof typeof SCHEMES) => {
    const shown = shownBy(SCHEMES[name]);
    const { a, b } = weights(SCHEMES[name], shown, 0.2);
    const positive = shown.findIndex((x) => x.label === 1);
    return [a[positive], b[shown.findIndex((x) => x.label === 0)]];
  };
  close(pair('esdfm'), [1.1, 0.97778], { absolute: 1e-5 });
  close(pair('fnw'), [1.2, 0.96], { absolute: 1e-5 });
  close(pair('defer'), [1.33333, 0.94118], { absolute: 1e-5 });
  close(pair('fsiw'), [2, 0.88889], { absolute: 1e-5 });
  const defuse = shownBy(SCHEMES.defuse);
  const { a } = weights(SCHEMES.defuse, defuse, 0.2);
  const negative = defuse.findIndex((x) => x.kind === KIND.negative);
  close([a[negative] / 0.1], [0.11111], { absolute: 1e-5 });
});

test('the trap of merged early and late terms is at .32824, and is not ours', () => {
  const { defuse } = SCHEMES;
  const merged: Scheme = {
    ...defuse,
    weigh: (batch, p, nuisance, a, b) => {
      defuse.weigh(batch, p, nuisance, a, b);
      for (let i = 0; i < batch.count; i++) if (batch.label[i] === 1) a[i] = 2 + nuisance.late[i];
    },
  };
  close([optimum(merged, shownBy(defuse))], [0.32824], { absolute: 1e-5 });
  close([optimum(defuse, shownBy(defuse))], [0.2], { absolute: 1e-5 });
});

test('f_dp cancels at the optimum of esdfm, also with a wrong f_rn (eq. 9 of its supplement)', () => {
  for (const stays of [0.6, 0.9]) {
    const expected = 0.2 / (0.2 + stays * (0.8 + 0.1));
    for (const late of [0, 0.1, 0.7]) {
      const p = optimum(SCHEMES.esdfm, shownBy(SCHEMES.esdfm), { ...TRUTH, late, stays });
      close([p], [expected], { absolute: 1e-5 });
    }
  }
});

test('what each stream shows of an early, a late and a negative row', () => {
  const says = (name: keyof typeof SCHEMES, ages?: number[]) =>
    shownBy(SCHEMES[name], ages)
      .filter(({ row }) => row < 3)
      .map(({ row, label, kind }) => `${row}:${label}${'pnlf'[kind]}`)
      .sort()
      .join(' ');
  assert.is(says('oracle'), '0:1f 1:1f 2:0f');
  assert.is(says('vanilla'), '0:1p 1:0n 2:0n');
  assert.is(says('wait', [6]), '0:1p 1:1p 2:0n');
  assert.is(says('reinsert'), '0:0n 0:1l 1:0n 1:1l 2:0n');
  assert.is(says('fsiw'), '0:1p 1:0n 2:0n');
  assert.is(says('esdfm'), '0:1p 1:0n 1:1l 2:0n');
  assert.is(says('defer'), '0:1f 0:1p 1:0n 1:1l 2:0f 2:0n');
  assert.is(says('gdfm', [1, 6, 30]), '0:1p 0:1p 0:1p 1:0n 1:1p 1:1p 2:0n 2:0n 2:0n');
  assert.equal(shownBy(SCHEMES.esdfm, [1], 0.9), [], 'nothing before e');
});

test.run();
