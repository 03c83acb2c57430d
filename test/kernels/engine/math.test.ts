import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { type Argument, call, engine, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/engine/math.ts';

const TWINS = { exp: twin.exp, log: twin.log, sigmoid: twin.sigmoid, softplus: twin.softplus };
type Vector = keyof typeof TWINS;

const INPUT = { exp: [-87, 88], log: [1e-3, 100], sigmoid: [-30, 30], softplus: [-30, 30] } as const;
const TOLERANCE = {
  exp: { relative: 1.5e-7 },
  log: { relative: 1.5e-7 },
  sigmoid: { absolute: 1.5e-7 },
  softplus: { absolute: 1e-7, relative: 1.6e-7 },
};

function run(name: Vector, x: ArrayLike<number>): Float32Array {
  const input = Float32Array.from(x);
  return call(name, [new Float32Array(input.length), input, input.length]).after[0] as Float32Array;
}

const bitsOf = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length);

/** `count` floats spread evenly over the bit patterns from low to high (both of one sign): every binade alike. */
function floats(low: number, high: number, count: number): Float32Array {
  const [from, to] = bitsOf(Float32Array.of(low, high));
  const out = new Float32Array(count);
  const bits = bitsOf(out);
  for (let i = 0; i < count; i++) bits[i] = from + Math.floor((i * (to - from)) / (count - 1));
  return out;
}

for (const name of Object.keys(TWINS) as Vector[]) {
  const [low, high] = INPUT[name];
  for (const n of LENGTHS) {
    test(`${name} n=${n}, and in place`, () => {
      const x = numbers(n, 1, low, high);
      sameAsTwin(name, TWINS[name], [new Float32Array(n), x, n], TOLERANCE[name]);
      sameAsTwin(name, TWINS[name], [x, x, n], TOLERANCE[name]);
    });
  }

  test(`${name}: a value has the same bits in the body and in the tail`, () => {
    const x = [...numbers(67, 5, low, high), 0, -0, 1e-40, 3e38, -1, Infinity, -Infinity];
    const body = run(name, [...x, 0, 0, 0]);
    for (let i = 0; i < x.length; i++) {
      const alone = run(name, [x[i]])[0];
      assert.ok(Object.is(alone, body[i]), `${name}(${x[i]}): ${alone} alone, ${body[i]} in the body`);
    }
  });
}

/** The largest of error(result, exact) over `x`. NaN and infinity in a result count as the largest of all. */
function worst(
  name: Vector,
  exact: (x: number) => number,
  x: Float32Array,
  error: 'relative' | 'absolute',
): number {
  const y = run(name, x);
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const e = exact(x[i]);
    const difference = Math.abs(y[i] - e) / (error === 'relative' ? Math.abs(e) : 1);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

const below = (most: number, bound: number, what: string) =>
  assert.ok(most <= bound, `${what}: error ${most} above ${bound}`);
const COUNT = 200_000;

test('exp is within 8.2e-8 relative from -87.33 to 88.37', () => {
  below(worst('exp', Math.exp, floats(1e-45, 88.37, COUNT), 'relative'), 8.2e-8, 'exp of positive');
  below(worst('exp', Math.exp, floats(-1e-45, -87.33, COUNT), 'relative'), 8.2e-8, 'exp of negative');
});

test('exp beyond its range is held at the ends: finite, normal, never zero', () => {
  const y = run('exp', [-88, -1e30, Number.NEGATIVE_INFINITY, 88.4, 1e30, Number.POSITIVE_INFINITY]);
  close(
    y,
    [1, 1, 1, 0, 0, 0].map((low) => twin.clampedExp(low ? -Infinity : Infinity)),
    { relative: 8.2e-8 },
  );
  assert.ok(y[0] >= 2 ** -126 && y[3] < Infinity);
  close(run('exp', [0, -0, 1e-45, -1e-45, Number.NaN]), [1, 1, 1, 1, Number.NaN]);
});

test('log is within 8.2e-8 relative from the smallest denormal to the largest float', () => {
  const exact = (x: number) => Math.log(x);
  below(worst('log', exact, floats(1e-45, 3.4028234e38, COUNT), 'relative'), 8.2e-8, 'log');
  below(worst('log', exact, floats(0.5, 0.9999999, COUNT), 'relative'), 8.2e-8, 'log below 1');
  below(worst('log', exact, floats(1.0000001, 2, COUNT), 'relative'), 8.2e-8, 'log above 1');
  below(worst('log', exact, floats(0.5, 2, COUNT), 'absolute'), 4e-8, 'log near 1');
});

test('log of 1, zeros, negatives, infinity and NaN', () => {
  const x = [1, 0, -0, -1, -1e-45, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN];
  close(run('log', x), x.map(Math.log));
});

test('sigmoid is within 9e-8 absolute and 1.5e-7 relative, and never 0', () => {
  const exact = (x: number) => 1 / (1 + Math.exp(-x));
  for (const x of [floats(1e-45, 1e38, COUNT), floats(-1e-45, -87, COUNT)]) {
    below(worst('sigmoid', exact, x, 'absolute'), 9e-8, 'sigmoid');
    below(worst('sigmoid', exact, x, 'relative'), 1.5e-7, 'sigmoid');
  }
  const ends = run('sigmoid', [
    -1000,
    Number.NEGATIVE_INFINITY,
    1000,
    Number.POSITIVE_INFINITY,
    0,
    Number.NaN,
  ]);
  assert.ok(ends[0] > 0 && ends[1] > 0);
  close(ends.subarray(2), [1, 1, 0.5, Number.NaN]);
});

test('softplus is within 1.6e-7 relative above 0 and 1e-7 absolute below', () => {
  const exact = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  below(worst('softplus', exact, floats(1e-45, 1e38, COUNT), 'relative'), 1.6e-7, 'softplus above 0');
  below(worst('softplus', exact, floats(-1e-45, -1e38, COUNT), 'absolute'), 1e-7, 'softplus below 0');
  close(run('softplus', [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]), [
    0,
    Infinity,
    NaN,
  ]);
});

/** Distance in units in the last place. */
function ulps(a: number, b: number): number {
  const [x, y] = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Math.abs(Number(x - y));
}

test('expF64 is within 2 ulp of Math.exp from -708 to 709, held at the ends', () => {
  for (let i = 0; i <= 100_000; i++) {
    const x = -708 + (i / 100_000) * 1417;
    assert.ok(ulps(engine.kernels.expF64(x), twin.expF64(x)) <= 2, `expF64(${x})`);
  }
  for (const x of [0, -0, 5e-324, 1, -1, 709, -708, 1e300, -1e300, Infinity, -Infinity]) {
    assert.ok(ulps(engine.kernels.expF64(x), twin.expF64(x)) <= 2, `expF64(${x})`);
  }
  assert.is(engine.kernels.expF64(0), 1);
  assert.ok(Number.isNaN(engine.kernels.expF64(Number.NaN)));
});

test('logF64 is within 2 ulp of Math.log over all of f64', () => {
  for (let i = 0; i <= 100_000; i++) {
    const x = 2 ** (-1074 + (i / 100_000) * 2097.99);
    assert.ok(ulps(engine.kernels.logF64(x), twin.logF64(x)) <= 2, `logF64(${x})`);
    const near = 0.5 + (i / 100_000) * 1.5;
    assert.ok(ulps(engine.kernels.logF64(near), twin.logF64(near)) <= 2, `logF64(${near})`);
  }
  const ends = [1, 0, -0, -1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN];
  close(ends.map(engine.kernels.logF64), ends.map(twin.logF64), { relative: 4e-16 });
});

const GAMMA = {
  lgammaF64: { twin: twin.lgammaF64, step: Math.log },
  digammaF64: { twin: twin.digammaF64, step: (x: number) => 1 / x },
  trigammaF64: { twin: twin.trigammaF64, step: (x: number) => -1 / (x * x) },
};

for (const name of ['lgammaF64', 'digammaF64', 'trigammaF64'] as const) {
  test(`${name} is within 1e-13 of its twin, and keeps its recurrence`, () => {
    const kernel = engine.kernels[name];
    const { twin: exact, step } = GAMMA[name];
    for (let i = 0; i <= 20_000; i++) {
      const x = 2 ** (-20 + (i / 20_000) * 50);
      close([kernel(x)], [exact(x)], { absolute: 1e-13, relative: 1e-13 }, `${name}(${x})`);
      const next = kernel(x) + step(x);
      close([kernel(x + 1)], [next], { absolute: 1e-13 + 1e-15 * Math.abs(step(x)), relative: 1e-14 });
    }
    const ends = [0, -1, 1e-300, Infinity, Number.NaN];
    if (name === 'lgammaF64') close(ends.map(kernel), ends.map(exact), { relative: 1e-12 });
    else for (const x of [0, -1, Number.NaN]) assert.ok(Number.isNaN(kernel(x)));
  });
}

test('lgamma, digamma and trigamma at 1, 2 and 1/2', () => {
  const { lgammaF64, digammaF64, trigammaF64 } = engine.kernels;
  const euler = 0.5772156649015329;
  close([lgammaF64(1), lgammaF64(2), lgammaF64(0.5)], [0, 0, Math.log(Math.PI) / 2], { absolute: 1e-14 });
  const psi = [-euler, 1 - euler, -euler - 2 * Math.log(2)];
  close([digammaF64(1), digammaF64(2), digammaF64(0.5)], psi, { absolute: 1e-14 });
  const second = [Math.PI ** 2 / 6, Math.PI ** 2 / 6 - 1, Math.PI ** 2 / 2];
  close([trigammaF64(1), trigammaF64(2), trigammaF64(0.5)], second, { relative: 1e-14 });
});

/** FNV-1a, 32 bits, over the bytes of an array. */
function fnv1a(x: Argument): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array((x as Float32Array).slice().buffer)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}

// A model is a function of these bits. A change here changes every model hash: it is a breaking change, to be made on
// purpose (FLETCHING_GOLDEN=write) and named in the CHANGELOG.
test('the bits of exp, log, sigmoid, softplus, tanh, randomNormal and dropout are the stored ones', () => {
  assert.is(
    fnv1a(Uint8Array.from('foobar', (c) => c.charCodeAt(0))),
    'bf9cf968',
    'published FNV-1a of foobar',
  );
  const file = new URL('../../golden/kernel-bits.json', import.meta.url);
  const out = () => new Float32Array(4099);
  const range = (low: number, high: number) => numbers(4099, 7, low, high);
  const bits = {
    exp: fnv1a(run('exp', range(-90, 90))),
    log: fnv1a(run('log', range(1e-6, 1000))),
    sigmoid: fnv1a(run('sigmoid', range(-40, 40))),
    softplus: fnv1a(run('softplus', range(-40, 40))),
    tanh: fnv1a(call('tanh', [out(), range(-9, 9), 4099]).after[0]),
    randomNormal: fnv1a(call('randomNormal', [out(), 4099, 0.5, 42, 1, 2]).after[0]),
    dropout: fnv1a(call('dropout', [out(), range(-2, 2), 4099, 52429, 42, 1, 2]).after[0]),
    expF64: fnv1a(Float64Array.from(range(-700, 700), (x) => engine.kernels.expF64(x))),
    logF64: fnv1a(Float64Array.from(range(1e-6, 1000), (x) => engine.kernels.logF64(x))),
  };
  if (process.env.FLETCHING_GOLDEN === 'write') writeFileSync(file, `${JSON.stringify(bits, null, 2)}\n`);
  assert.ok(existsSync(file), 'test/golden/kernel-bits.json is missing');
  assert.equal(bits, JSON.parse(readFileSync(file, 'utf8')));
});

test('numericGradient differentiates a cubic', () => {
  const x = Float64Array.of(1, -2, 3);
  const cubic = () => x.reduce((sum, v) => sum + v ** 3, 0);
  close(twin.numericGradient(cubic, x), [3, 12, 27], { absolute: 1e-8 });
  close(x, [1, -2, 3]);
});

test.run();
