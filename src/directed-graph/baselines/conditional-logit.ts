/** One choice: `rows` alternatives x `d` features, row 0 the one chosen, and a constant added to each logit. */
export interface Choice {
  readonly features: Float32Array;
  readonly offset: Float32Array;
}

export interface LogitOptions {
  /** Ridge per choice towards `prior`. */
  ridge: number;
  prior: Float64Array;
  maxSteps: number;
}

/** exp and log of one number; the engine's own, so that the fit has the same bits everywhere. */
export interface Exponentials {
  expF64(x: number): number;
  logF64(x: number): number;
}

/**
 * Weights w f64[d] of a conditional logit, P(row) proportional to exp(w . row + offset), by Newton's method with step
 * halving (plain Newton diverges on some sets). Stops when a step gains less than a millionth.
 */
export function fitConditionalLogit(
  math: Exponentials,
  choices: readonly Choice[],
  { ridge, prior, maxSteps }: LogitOptions,
): Float64Array {
  const d = prior.length;
  let w = prior.slice();
  let loss = assess(math, choices, w, ridge, prior);
  for (let step = 0; step < maxSteps; step++) {
    const { gradient, hessian } = assess(math, choices, w, ridge, prior, true);
    const direction = solve(hessian, gradient, d);
    let length = 1;
    let next = w;
    let found = loss;
    for (; length > 1e-4; length /= 2) {
      next = w.map((x, i) => x - length * direction[i]);
      found = assess(math, choices, next, ridge, prior);
      if (found.loss <= loss.loss) break;
    }
    if (length <= 1e-4) break;
    const gain = loss.loss - found.loss;
    w = next;
    loss = found;
    if (gain < 1e-6 * Math.abs(loss.loss)) break;
  }
  return w;
}

interface Assessment {
  loss: number;
  gradient: Float64Array;
  hessian: Float64Array;
}

function assess(
  { expF64, logF64 }: Exponentials,
  choices: readonly Choice[],
  w: Float64Array,
  ridge: number,
  prior: Float64Array,
  curvature = false,
): Assessment {
  const d = w.length;
  const strength = ridge * choices.length;
  const gradient = w.map((x, i) => strength * (x - prior[i]));
  const hessian = new Float64Array(d * d);
  let loss = 0;
  for (let i = 0; i < d; i++) {
    hessian[i * d + i] = strength;
    const away = w[i] - prior[i];
    loss += 0.5 * strength * away * away;
  }
  const mean = new Float64Array(d);
  let p = new Float64Array(0);
  for (const { features, offset } of choices) {
    const rows = offset.length;
    if (p.length < rows) p = new Float64Array(rows);
    let most = -Infinity;
    for (let r = 0; r < rows; r++) {
      let z = offset[r];
      for (let i = 0; i < d; i++) z += w[i] * features[r * d + i];
      p[r] = z;
      most = Math.max(most, z);
    }
    const chosen = p[0];
    let total = 0;
    for (let r = 0; r < rows; r++) total += p[r] = expF64(p[r] - most);
    loss += most + logF64(total) - chosen;
    if (!curvature) continue;
    mean.fill(0);
    for (let r = 0; r < rows; r++) {
      const share = p[r] / total;
      for (let i = 0; i < d; i++) {
        const x = share * features[r * d + i];
        mean[i] += x;
        for (let j = 0; j <= i; j++) hessian[i * d + j] += x * features[r * d + j];
      }
    }
    for (let i = 0; i < d; i++) {
      gradient[i] += mean[i] - features[i];
      for (let j = 0; j <= i; j++) hessian[i * d + j] -= mean[i] * mean[j];
    }
  }
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) hessian[i * d + j] = hessian[j * d + i];
  return { loss, gradient, hessian };
}

/** x with a x = b for a symmetric positive definite a f64[d x d], by Cholesky. */
export function solve(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const l = a.slice();
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * d + j];
      for (let k = 0; k < j; k++) sum -= l[i * d + k] * l[j * d + k];
      l[i * d + j] = i === j ? Math.sqrt(sum) : sum / l[j * d + j];
    }
  }
  const x = b.slice();
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * d + k] * x[k];
    x[i] /= l[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i] -= l[k * d + i] * x[k];
    x[i] /= l[i * d + i];
  }
  return x;
}
