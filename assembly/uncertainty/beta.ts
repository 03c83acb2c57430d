// Beta-distributed rates: their entropy, the evidential loss, and the posterior mean under thinned negatives.

import { digammaF64, expF64, lgammaF64, logF64, trigammaF64 } from '../engine/math';
import { at4 } from '../engine/simd';
import { at8 } from './search';

// @ts-ignore: decorator
@inline
function entropy(a1: f64, a0: f64): f64 {
  const s = a1 + a0;
  return lgammaF64(a1) + lgammaF64(a0) - lgammaF64(s) - (a1 - 1) * digammaF64(a1) - (a0 - 1) * digammaF64(a0) +
    (s - 2) * digammaF64(s);
}

/** out f64[n] = differential entropy of Beta(a1[i], a0[i]), both f64[n] > 0. */
export function betaEntropy(out: usize, a1: usize, a0: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    store<f64>(at8(out, i), entropy(load<f64>(at8(a1, i)), load<f64>(at8(a0, i))));
  }
}

/**
 * Evidential loss with a = 1 + softplus(logits[n x 2]) (positive first): the expected log loss under Beta(a1, a0),
 * digamma(a1 + a0) - label digamma(a1) - (1 - label) digamma(a0), less `lambda` times the entropy; times weight[n] where
 * given. gradient[n x 2] = d loss / d logits; may be the logits. Returns the sum of losses. Labels in [0, 1].
 */
export function evidenceLoss(gradient: usize, logits: usize, label: usize, weight: usize, n: i32, lambda: f64): f64 {
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const z1 = <f64>load<f32>(at4(logits, 2 * i)), z0 = <f64>load<f32>(at4(logits, 2 * i + 1));
    const y = <f64>load<f32>(at4(label, i));
    const w: f64 = weight ? <f64>load<f32>(at4(weight, i)) : 1;
    const e1 = expF64(-abs(z1)), e0 = expF64(-abs(z0));
    const a1 = 1 + max(z1, 0) + logF64(1 + e1), a0 = 1 + max(z0, 0) + logF64(1 + e0);
    const s = a1 + a0;
    total += w * (digammaF64(s) - y * digammaF64(a1) - (1 - y) * digammaF64(a0) - lambda * entropy(a1, a0));
    const whole = trigammaF64(s) * (1 - lambda * (s - 2));
    const d1 = whole - trigammaF64(a1) * (y - lambda * (a1 - 1));
    const d0 = whole - trigammaF64(a0) * (1 - y - lambda * (a0 - 1));
    store<f32>(at4(gradient, 2 * i), <f32>((w * d1 * (z1 > 0 ? 1 : e1)) / (1 + e1)));
    store<f32>(at4(gradient, 2 * i + 1), <f32>((w * d0 * (z0 > 0 ? 1 : e0)) / (1 + e0)));
  }
  return total;
}

/** ln of the posterior's density in x = logit(rate), up to a constant: a x' with the logs taken without overflow. */
// @ts-ignore: decorator
@inline
function density(x: f64, a: f64, b: f64, n: f64, tau: f64): f64 {
  const e = expF64(-abs(x));
  const soft = logF64(1 + e);
  const lr = x > 0 ? -soft : x - soft, lq = x > 0 ? -x - soft : -soft;
  const r = x > 0 ? 1 / (1 + e) : e / (1 + e);
  return a * lr + b * lq - n * logF64(1 + (tau - 1) * r);
}

/** Points of the trapezoid rule: on a smooth density that has died out at both ends its error falls exponentially. */
const POINTS: i32 = 200;

/**
 * out f64[n] = the mean of the true rate r given positives[i] of trials[i] (f64[n], positives may be fractions) when the
 * prior is Beta(b1, b0) and negatives were kept with probability 1 / tau: density r^(k+b1-1) (1-r)^(m-k+b0-1) /
 * (1 + (tau-1) r)^m, which is (a/(a+b)) 2F1(m, a+1; a+b+1; 1-tau) / 2F1(m, a; a+b; 1-tau). In x = logit(r), between the
 * points where the density has fallen by e^-37.
 */
export function posteriorMeans(
  out: usize, positives: usize, trials: usize, n: i32, b1: f64, b0: f64, tau: f64,
): void {
  for (let i = 0; i < n; i++) {
    const k = load<f64>(at8(positives, i)), m = load<f64>(at8(trials, i));
    const a = k + b1, b = m - k + b0;
    // The slope a - (a + b) r - m (tau-1) r (1-r) / (1 + (tau-1) r) crosses zero once: bisection on x.
    let low: f64 = -700, high: f64 = 700;
    for (let step = 0; step < 60; step++) {
      const x = (low + high) / 2;
      const e = expF64(-abs(x));
      const r = x > 0 ? 1 / (1 + e) : e / (1 + e), q = x > 0 ? e / (1 + e) : 1 / (1 + e);
      const slope = a * q - b * r - (m * (tau - 1) * r * q) / (1 + (tau - 1) * r);
      if (slope > 0) low = x;
      else high = x;
    }
    const mode = (low + high) / 2;
    const top = density(mode, a, b, m, tau);
    let left: f64 = 0.01, right: f64 = 0.01;
    while (left < 1e6 && density(mode - left, a, b, m, tau) > top - 37) left *= 1.25;
    while (right < 1e6 && density(mode + right, a, b, m, tau) > top - 37) right *= 1.25;
    const h = (left + right) / <f64>POINTS;
    let mass: f64 = 0, mean: f64 = 0;
    for (let j = 0; j <= POINTS; j++) {
      const x = mode - left + h * <f64>j;
      const e = expF64(-abs(x));
      const d = expF64(density(x, a, b, m, tau) - top);
      mass += d;
      mean += (d * (x > 0 ? 1 : e)) / (1 + e);
    }
    store<f64>(at8(out, i), mean / mass);
  }
}
