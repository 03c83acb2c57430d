/** Plain twins of assembly/engine/math.ts, and the numeric derivative that the gradient tests share. */

type Floats = Float32Array | Float64Array;

// The kernels clamp the exponent here, so that exp is never 0, denormal or infinite. Math.min and max pass NaN on.
const LOWEST = Math.fround(-87.33);
const HIGHEST = Math.fround(88.37);

export const clampedExp = (x: number) => Math.exp(Math.min(Math.max(x, LOWEST), HIGHEST));
export const sigmoidOf = (x: number) => 1 / (1 + clampedExp(-x));
export const softplusOf = (x: number) => Math.max(x, 0) + Math.log1p(clampedExp(-Math.abs(x)));

export function exp(out: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) out[i] = clampedExp(x[i]);
}

export function log(out: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) out[i] = Math.log(x[i]);
}

export function sigmoid(out: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) out[i] = sigmoidOf(x[i]);
}

export function softplus(out: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) out[i] = softplusOf(x[i]);
}

export function expF64(x: number): number {
  return Math.exp(Math.min(Math.max(x, -708), 709));
}

export function logF64(x: number): number {
  return Math.log(x);
}

/** ln Gamma by Lanczos' approximation with g = 7 and nine coefficients: another way than the kernel's. */
export function lgammaF64(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  if (x === Infinity) return x;
  if (x < 0.5) return lgammaF64(x + 1) - Math.log(x);
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const sum = c.reduce((total, value, i) => (i === 0 ? value : total + value / (x - 1 + i)));
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** psi from x >= 40 on, where five terms of its asymptotic series are exact to f64, and the recurrence below. */
export function digammaF64(x: number): number {
  if (!(x > 0)) return NaN;
  if (x < 40) return digammaF64(x + 1) - 1 / x;
  const z = 1 / (x * x);
  return Math.log(x) - 0.5 / x - z / 12 + (z * z) / 120 - z ** 3 / 252 + z ** 4 / 240;
}

/** psi' from x >= 40 on by its asymptotic series, and the recurrence below. */
export function trigammaF64(x: number): number {
  if (!(x > 0)) return NaN;
  if (x < 40) return trigammaF64(x + 1) + 1 / (x * x);
  const z = 1 / (x * x);
  return 1 / x + z / 2 + (z / 6 - (z * z) / 30 + z ** 3 / 42 - z ** 4 / 30) / x;
}

/** Central differences of `loss` at every element of `x`, in f64; error about h^2 = 1e-10. `x` is left as it was. */
export function numericGradient(loss: () => number, x: Float64Array, h = 1e-5): Float64Array {
  return x.map((value, i) => {
    x[i] = value + h;
    const above = loss();
    x[i] = value - h;
    const below = loss();
    x[i] = value;
    return (above - below) / (2 * h);
  });
}
