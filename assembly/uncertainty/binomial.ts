// The exact binomial tail, through the regularised incomplete beta function.

import { expF64, lgammaF64, logF64 } from '../engine/math';

/** Continued fraction of I_x(a, b) by Lentz's method (Numerical Recipes 6.4); about sqrt(max(a, b)) terms. */
function fraction(x: f64, a: f64, b: f64): f64 {
  const tiny: f64 = 1e-300;
  let c: f64 = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (abs(d) < tiny) d = tiny;
  d = 1 / d;
  let h = d;
  for (let m: f64 = 1; m <= 100000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (abs(d) < tiny) d = tiny;
    c = 1 + even / c;
    if (abs(c) < tiny) c = tiny;
    d = 1 / d;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (abs(d) < tiny) d = tiny;
    c = 1 + odd / c;
    if (abs(c) < tiny) c = tiny;
    d = 1 / d;
    const step = d * c;
    h *= step;
    if (abs(step - 1) < 3e-16) break;
  }
  return h;
}

/** I_x(a, b), the regularised incomplete beta function, a and b > 0: 1e-12 relative at a + b = 1e3, 1e-9 at 1e6. */
export function betaIncomplete(x: f64, a: f64, b: f64): f64 {
  if (!(x > 0)) return x == x ? 0 : NaN;
  if (!(x < 1)) return 1;
  const front = expF64(lgammaF64(a + b) - lgammaF64(a) - lgammaF64(b) + a * logF64(x) + b * logF64(1 - x));
  if (x < (a + 1) / (a + b + 2)) return (front * fraction(x, a, b)) / a;
  return 1 - (front * fraction(1 - x, b, a)) / b;
}

/** P(Bin(n, p) >= k), whole n and k: the p-value of "the share is at most p" when k of n were positive. */
export function binomialTail(k: f64, n: f64, p: f64): f64 {
  if (!(k > 0)) return k == k ? 1 : NaN;
  if (k > n) return 0;
  return betaIncomplete(p, k, n - k + 1);
}
