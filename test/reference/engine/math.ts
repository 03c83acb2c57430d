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
