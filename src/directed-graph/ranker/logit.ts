import { type Exponentials, solve } from '../baselines/conditional-logit.ts';

/**
 * Weights w f64[d] of a logistic regression: the least mean of -log P(label) + ridge |w|^2 / 2 over rows x[rows x d] with
 * labels 0 or 1, by Newton's method with step halving.
 */
export function fitLogit(
  math: Exponentials,
  x: Float64Array,
  label: ArrayLike<number>,
  d: number,
  ridge: number,
): Float64Array {
  const rows = label.length;
  const loss = (w: Float64Array): number => {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      let z = 0;
      for (let i = 0; i < d; i++) z += w[i] * x[r * d + i];
      const margin = label[r] ? z : -z;
      // log(1 + exp(-margin)), from the side where exp does not overflow
      sum += Math.max(0, -margin) + math.logF64(1 + math.expF64(-Math.abs(margin)));
    }
    return sum / rows + 0.5 * ridge * w.reduce((square, value) => square + value * value, 0);
  };
  let w = new Float64Array(d);
  let best = loss(w);
  for (let step = 0; step < 30 && rows > 0; step++) {
    const gradient = w.map((value) => ridge * value);
    const hessian = new Float64Array(d * d);
    for (let i = 0; i < d; i++) hessian[i * d + i] = ridge;
    for (let r = 0; r < rows; r++) {
      let z = 0;
      for (let i = 0; i < d; i++) z += w[i] * x[r * d + i];
      const p = z >= 0 ? 1 / (1 + math.expF64(-z)) : 1 - 1 / (1 + math.expF64(z));
      const curve = (p * (1 - p)) / rows;
      for (let i = 0; i < d; i++) {
        gradient[i] += ((p - label[r]) / rows) * x[r * d + i];
        for (let j = 0; j <= i; j++) hessian[i * d + j] += curve * x[r * d + i] * x[r * d + j];
      }
    }
    for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) hessian[i * d + j] = hessian[j * d + i];
    const direction = solve(hessian, gradient, d);
    let length = 1;
    let next = w;
    let found = best;
    for (; length > 1e-4; length /= 2) {
      next = w.map((value, i) => value - length * direction[i]);
      found = loss(next);
      if (found <= best) break;
    }
    if (!(found <= best)) break;
    const gain = best - found;
    [w, best] = [next, found];
    if (gain < 1e-10) break;
  }
  return w;
}
